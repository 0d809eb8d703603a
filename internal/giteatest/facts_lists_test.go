package giteatest

import (
	"strings"
	"testing"
)

// Filters that Gitea does not understand, it leaves away.
func TestGitea_UnknownIssueFiltersAreIgnored(t *testing.T) {
	t.Parallel()
	s := Start(t)
	const all = "52"
	for query, want := range map[string]string{
		"type=issues":                       all,
		"type=issues&labels=bug":            "1",
		"type=issues&labels=bug,help":       "1",
		"type=issues&labels=bug,kind/chore": "0",
		"type=issues&labels=BUG":            all,
		"type=issues&labels=nope":           all,
		"type=issues&milestones=v1":         "1",
		"type=issues&milestones=nope":       all,
		"type=issues&assigned_by=writer":    "2",
		"type=issues&assignee=writer":       all,
		"type=issues&created_by=keeper":     all,
		"type=nonsense":                     "53", // the pull request, too
		"type=issues&q=reproduce":           "1",  // from a comment
		"type=issues&q=%25":                 all,  // SQL's wildcard
	} {
		if got := ask(t, s, s.World.Reader.Token, "/repos/acme/service-a/issues?"+query).Header.Get("X-Total-Count"); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if a := ask(t, s, s.World.Reader.Token, "/repos/acme/service-a/issues?type=issues&assigned_by=nope"); a.Status != 404 {
		t.Errorf("an unknown assignee: %d", a.Status)
	}
}

// Which lists say that there is more, and how.
func TestGitea_HeadersOfLists(t *testing.T) {
	t.Parallel()
	s := Start(t)
	a := "/repos/acme/service-a"
	for _, row := range []struct {
		path        string
		count, next bool
	}{
		{a + "/branches?limit=1", true, true},
		{a + "/tags?limit=1", true, false},
		{a + "/labels?limit=1", true, false},
		{a + "/milestones?state=all&limit=1", true, false},
		{a + "/issues?type=issues&limit=1", true, true},
		{a + "/commits?limit=1", true, true},
		{a + "/contents", false, false},
		{a + "/assignees", false, false},
		{"/repos/search?limit=1", true, true},
		{"/user/repos?limit=1", true, true},
		{"/orgs/acme/repos?limit=1", true, true},
		{"/orgs?limit=1", true, true},
		{"/users/search?limit=1", true, true},
	} {
		h := ask(t, s, s.World.Reader.Token, row.path).Header
		count, next := h.Get("X-Total-Count") != "", strings.Contains(h.Get("Link"), `rel="next"`)
		if count != row.count || next != row.next {
			t.Errorf("%s: count %v, next %v", row.path, count, next)
		}
	}
	// A count may tell of what is not shown.
	hidden := ask(t, s, s.World.Reader.Token, "/users/forker/repos")
	if rows, count := strings.TrimSpace(string(hidden.Body)), hidden.Header.Get("X-Total-Count"); rows != "[]" || count != "1" {
		t.Errorf("repositories that the reader can't see: %s, counted %s", rows, count)
	}
}
