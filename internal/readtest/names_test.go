package readtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

func TestOrganizations(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	all := ok(t, door(t, s, hidesPeople).Ask("list_organizations", `{}`))
	if got := column(all, "login"); !slices.Contains(got, "acme") || !slices.Contains(got, "guild") || slices.Contains(got, "cellar") {
		t.Errorf("%v", got)
	}
	for _, field := range []string{"avatar", "email", "example.test", "/api/v1"} {
		if strings.Contains(all.All, field) {
			t.Errorf("%s shows: %s", field, all.Object)
		}
	}
	denied := ok(t, door(t, s, "version: 1\nrepositories: {\"acme/*\": {read: deny}}\n").Ask("list_organizations", `{}`))
	if slices.Contains(column(denied, "login"), "acme") || denied.Fields["withheld"] != 1.0 {
		t.Errorf("a denied owner: %s", denied.Object)
	}
	page := ok(t, door(t, s, hidesPeople).Ask("list_organizations", `{"limit":1,"page":2}`))
	if len(page.Items()) != 1 || page.Fields["has_more"] != true {
		t.Errorf("a page: %s", page.Object)
	}
}

// An address that Gitea finds, and does not show, is not found here.
func TestUsersAreNotFoundByAddress(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	d := door(t, s, hidesPeople)
	search := func(query string) gatetest.Answer { return ok(t, d.Ask("search_users", object{"query": query})) }
	if got := column(search("WRIT"), "login"); !slices.Equal(got, []string{"writer"}) {
		t.Errorf("by login: %v", got)
	}
	if got := column(search("the writer"), "login"); !slices.Equal(got, []string{"writer"}) {
		t.Errorf("by full name: %v", got)
	}
	for _, query := range []string{"example.test", "writer@example.test", "writer@", "@", "%", "_", "acme.test"} {
		if a := search(query); len(a.Items()) != 0 || a.Fields["withheld"] != nil || a.Fields["has_more"] != false {
			t.Errorf("%q finds %s", query, a.Object)
		}
	}
	if a := search("e"); strings.Contains(a.All, "example.test") || strings.Contains(a.All, "noreply") || strings.Contains(a.All, "recluse") {
		t.Errorf("%s", a.Object)
	}
}

func TestBranchesAndTags(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	d := door(t, s, hidesPeople)
	w := s.World
	ask := func(tool, repo, more string) gatetest.Answer {
		return d.Ask(tool, fmt.Sprintf(`{"owner":"acme","repo":%q%s}`, repo, more))
	}
	branches := ok(t, ask("list_branches", "branchy", ""))
	for _, row := range branches.Items() {
		if name := fmt.Sprint(row["name"]); row["commit"] != w.Branchy.Branches[name] || len(row) != 2 {
			t.Errorf("branch %v", row)
		}
	}
	if len(branches.Items()) != len(w.Branchy.Branches) {
		t.Errorf("%d of %d branches", len(branches.Items()), len(w.Branchy.Branches))
	}
	tags := ok(t, ask("list_tags", "service-a", ""))
	for _, row := range tags.Items() {
		if name := fmt.Sprint(row["name"]); row["commit"] != w.ServiceA.Tags[name] { // not the tag object's id
			t.Errorf("tag %v", row)
		}
	}
	if len(tags.Items()) != len(w.ServiceA.Tags) {
		t.Errorf("%d of %d tags", len(tags.Items()), len(w.ServiceA.Tags))
	}
	for more, want := range map[string][]string{
		`,"query":"RELEASE"`:     {"release/1.x", "release/1"},
		`,"query":"1.x release"`: {"release/1.x"},
		`,"query":"ünï"`:         {"ünïcode#&+%20"},
		`,"query":"nope"`:        {},
	} {
		a := ok(t, ask("list_branches", "branchy", more))
		if got := column(a, "name"); !slices.Equal(got, want) || a.Fields["scanned_at_most"] == nil {
			t.Errorf("%s: %v", more, got)
		}
	}
	if got := column(ok(t, ask("list_tags", "branchy", `,"query":"same"`)), "name"); !slices.Equal(got, []string{"same"}) {
		t.Errorf("tags by query: %v", got)
	}
	// Pages meet, and the last one says so.
	var paged []string
	more := true
	for page := 1; more && page < 20; page++ {
		a := ok(t, ask("list_branches", "branchy", fmt.Sprintf(`,"limit":2,"page":%d`, page)))
		paged, more = append(paged, column(a, "name")...), a.Fields["has_more"].(bool)
	}
	if !slices.Equal(paged, column(branches, "name")) {
		t.Errorf("pages have %v", paged)
	}
	two := ok(t, ask("list_tags", "branchy", `,"limit":2`))
	if len(two.Items()) != 2 || two.Fields["has_more"] != true {
		t.Errorf("a page of tags: %s", two.Object)
	}
	for _, tool := range []string{"list_branches", "list_tags", "list_labels", "list_milestones", "list_releases"} {
		if a := ok(t, ask(tool, "empty", "")); !strings.Contains(string(a.Object), `"items":[]`) || a.Fields["has_more"] != false {
			t.Errorf("%s of an empty repository: %s", tool, a.Object)
		}
		refused(t, ask(tool, "hr-people", ""), "policy_denied")
		refused(t, ask(tool, "renamed-old", ""), "moved")
		refused(t, ask(tool, "nope", ""), "not_found")
	}
}
