package readtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

func TestComments(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	ask := func(more string) gatetest.Answer {
		return ok(t, d.Ask("list_issue_comments", fmt.Sprintf(`{"owner":"acme","repo":"reading","number":%d%s}`, f.long, more)))
	}
	// The first is longer than an answer may be: it is cut and shown.
	first := ask(`,"limit":1`)
	if body := fmt.Sprint(column(first, "body")); !strings.Contains(body, "quagga") || first.Fields["truncated"] != true || first.Fields["has_more"] != true {
		t.Errorf("a comment of 70 KB: %.300s", first.Object)
	}
	var bodies []string
	more := true
	for page := 2; more && page < 10; page++ {
		a := ask(fmt.Sprintf(`,"limit":10,"page":%d`, page))
		if strings.Contains(a.All, f.secret) {
			t.Errorf("page %d shows the key", page)
		}
		bodies, more = append(bodies, column(a, "body")...), a.Fields["has_more"].(bool)
	}
	if len(bodies) != 26 || !strings.HasPrefix(bodies[0], "comment 9 ") || bodies[25] != "@reader: about it" {
		t.Errorf("%d comments beyond the first ten: %.100v", len(bodies), bodies)
	}
	w := s.World
	pull := ok(t, d.Ask("list_issue_comments", fmt.Sprintf(`{"owner":"acme","repo":"service-a","number":%d}`, w.Issues.PullRequest)))
	if !strings.Contains(string(pull.Object), `"items":[]`) {
		t.Errorf("of a pull request: %s", pull.Object)
	}
	plain := ok(t, d.Ask("list_issue_comments", fmt.Sprintf(`{"owner":"acme","repo":"service-a","number":%d}`, w.Issues.Plain)))
	if got := column(plain, "author"); !slices.Equal(got, []string{"keeper", "writer"}) || strings.Contains(plain.All, w.Plant.AWS) || strings.Contains(plain.All, "avatar") {
		t.Errorf("%s", plain.Object)
	}
	refused(t, d.Ask("list_issue_comments", `{"owner":"acme","repo":"service-a","number":9999}`), "not_found")
	refused(t, d.Ask("list_issue_comments", `{"owner":"acme","repo":"hr-people","number":1}`), "policy_denied")
}

// A comment by somebody who may not write is hidden where policy says so.
func TestCommentsOfStrangers(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	w := s.World
	path := fmt.Sprintf("/repos/acme/public-site/issues/%d/comments", w.Issues.Injection)
	if err := s.As(w.Outsider.Token).Into(t.Context(), "POST", path, object{"body": "a stranger's order"}, nil); err != nil {
		t.Fatal(err)
	}
	args := fmt.Sprintf(`{"owner":"acme","repo":"public-site","number":%d}`, w.Issues.Injection)
	if a := ok(t, door(t, s, "version: 1\n").Ask("list_issue_comments", args)); !strings.Contains(a.All, "a stranger's order") {
		t.Errorf("%s", a.Object)
	}
	hidden := door(t, s, "version: 1\nuntrusted: hide\n")
	if a := ok(t, hidden.Ask("list_issue_comments", args)); strings.Contains(a.All, "a stranger's order") || len(a.Items()) != 1 || a.Fields["withheld"] != 1.0 {
		t.Errorf("%s", a.Object)
	}
	if a := ok(t, hidden.Ask("search_issues", `{"query":"kind request"}`)); len(a.Items()) != 0 {
		t.Errorf("found by hidden words: %s", a.Object)
	}
}

// A search finds what it shows: nothing of hidden repositories, comments or
// secrets moves it.
func TestSearchIsNoOracle(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	w := s.World
	search := func(d *gatetest.Door, args object) gatetest.Answer { return ok(t, d.Ask("search_issues", args)) }
	open, d := door(t, s, "version: 1\n"), door(t, s, hidesPeople)
	if got := column(search(open, object{"query": "zebrafish"}), "repository"); !slices.Contains(got, "acme/hr-people") {
		t.Fatalf("the hidden issue is not there to be hidden: %v", got)
	}
	a := search(d, object{"query": "zebrafish"})
	if got := column(a, "repository"); !slices.Equal(got, []string{"acme/reading"}) || a.Fields["withheld"] != nil || a.Fields["has_more"] != false || strings.Contains(a.All, "in the open") {
		t.Errorf("%s", a.Object)
	}
	for _, query := range []string{
		"quagga",                  // in a comment
		w.Plant.AWS, f.secret[:8], // in bodies, scrubbed
		w.Reader.Token[:10], w.Reader.Token, // in a title, scrubbed
		"zebrafish nope", "zebrafish among", "%", "redacted:", "own-credential",
	} {
		if a := search(d, object{"query": query, "state": "all"}); len(a.Items()) != 0 || a.Fields["withheld"] != nil || a.Fields["has_more"] != false {
			t.Errorf("%q finds %.300s", query, a.Object)
		}
	}
	for name, row := range map[string]struct {
		args object
		want string
	}{
		"owner":           {object{"query": "zebrafish", "owner": "ACME"}, "[acme/reading]"},
		"another owner":   {object{"query": "zebrafish", "owner": "guild"}, "[]"},
		"closed":          {object{"query": "zebrafish", "state": "closed"}, "[]"},
		"pulls":           {object{"query": "adds x", "type": "pulls"}, "[acme/service-a]"},
		"issues":          {object{"query": "adds x", "type": "issues"}, "[]"},
		"both":            {object{"query": "adds x"}, "[acme/service-a]"},
		"a closed one":    {object{"query": "closed long", "state": "all"}, "[acme/service-a]"},
		"words, in order": {object{"query": "start does service not"}, "[acme/service-a]"},
	} {
		if got := fmt.Sprint(column(search(d, row.args), "repository")); got != row.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	pages := 0
	for page := 1; page < 10; page++ {
		a := search(d, object{"query": "ordinary issue", "state": "all", "page": page, "limit": 20})
		pages += len(a.Items())
		if a.Fields["has_more"] == false {
			break
		}
	}
	if pages != 66 {
		t.Errorf("%d of 66 issues on all pages", pages)
	}
	refused(t, d.Ask("search_issues", `{}`), "invalid_arguments")
	// A fork of a hidden repository is hidden with it.
	if a := search(doorOf(t, s, w.Keeper.Token, hidesPeople), object{"query": "zebrafish", "state": "all"}); len(a.Items()) != 1 {
		t.Errorf("%s", a.Object)
	}
}

func TestLabelsAndMilestones(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	labels := ok(t, d.Ask("list_labels", `{"owner":"acme","repo":"reading"}`))
	if got := labels.Items(); len(got) != 1 || got[0]["name"] != "kind/x" || got[0]["color"] != "#00aabb" || got[0]["exclusive"] != true || labels.Fields["redacted"] == nil {
		t.Errorf("%s", labels.Object)
	}
	one := ok(t, d.Ask("list_labels", `{"owner":"acme","repo":"service-a","limit":3}`))
	if len(one.Items()) != 3 || one.Fields["has_more"] != true {
		t.Errorf("%s", one.Object)
	}
	for state, want := range map[string]string{"open": "[M1]", "closed": "[M0]", "all": "[M1 M0]"} {
		a := ok(t, d.Ask("list_milestones", fmt.Sprintf(`{"owner":"acme","repo":"reading","state":%q}`, state)))
		if got := fmt.Sprint(column(a, "title")); got != want && got != "[M0 M1]" || strings.Contains(a.All, f.secret) {
			t.Errorf("%s: %s", state, a.Object)
		}
	}
	if got := column(ok(t, d.Ask("list_milestones", `{"owner":"acme","repo":"reading"}`)), "due_date"); fmt.Sprint(got) != "[2030-01-02T23:59:59Z]" && !strings.HasPrefix(fmt.Sprint(got), "[2030-01-0") {
		t.Errorf("due %v", got)
	}
}
