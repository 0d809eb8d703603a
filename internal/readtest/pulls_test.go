package readtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

const hidesForks = `
version: 1
repositories:
  "writer/*": {read: deny}
  "outsider/*": {read: deny}
`

func TestPullRequests(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	open := door(t, s, "version: 1\n")
	list := func(more string) gatetest.Answer {
		t.Helper()
		return ok(t, open.Ask("list_pull_requests", `{"owner":"acme","repo":"reviewed"`+more+`}`))
	}
	numbers := func(of ...int64) (all []string) {
		for _, n := range of {
			all = append(all, fmt.Sprint(n))
		}
		return append([]string{}, all...)
	}
	for more, want := range map[string][]string{
		``:                                     numbers(d.forked, d.long, d.feature),
		`,"state":"closed"`:                    numbers(d.gone, d.closed),
		`,"state":"all"`:                       numbers(d.forked, d.gone, d.long, d.closed, d.feature),
		`,"state":"all","base":"dev"`:          numbers(d.closed),
		`,"base":"nowhere"`:                    {},
		`,"head":"feature"`:                    numbers(d.feature),
		`,"head":"acme:feature"`:               numbers(d.feature),
		`,"head":"ACME:feature"`:               numbers(d.feature),
		`,"head":"acme:main"`:                  {},
		`,"head":"writer:main"`:                numbers(d.forked),
		`,"head":"main","state":"all"`:         numbers(d.forked, d.gone),
		`,"head":"agent/two","state":"all"`:    numbers(d.closed),
		`,"base":"main","limit":1,"page":2`:    numbers(d.long),
		`,"base":"refs/heads/main","limit":1`:  numbers(d.forked),
		`,"state":"all","limit":2,"page":2`:    numbers(d.long, d.closed),
		`,"state":"all","limit":2,"page":1000`: {},
	} {
		a := list(more)
		if got := column(a, "number"); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", more, got, want)
		}
		if found := shows(a.All, append(internals, d.secret, "Body.")...); found != nil {
			t.Errorf("%s shows %v", more, found)
		}
	}
	if a := list(`,"state":"all","limit":2,"page":2`); a.Fields["has_more"] != true {
		t.Errorf("two of three pages: %s", a.Object)
	}
	if a := list(`,"base":"main","limit":1,"page":3`); a.Fields["has_more"] != false {
		t.Errorf("the last of three: %s", a.Object)
	}
	heads := column(list(`,"state":"all"`), "head")
	if !slices.Equal(heads, []string{"writer:main", "main", "long", "agent/two", "feature"}) {
		t.Errorf("heads %v", heads)
	}
	none := ok(t, open.Ask("list_pull_requests", `{"owner":"acme","repo":"manyfiles"}`))
	if raw(none.Fields["items"]) != "[]" {
		t.Errorf("none: %s", none.Object)
	}
	for _, more := range []string{`"head":"a:b:c"`, `"head":"../x:b"`, `"head":":b"`, `"head":"acme:"`, `"head":"HEAD"`, `"head":"refs/tags/v1"`, `"base":"refs/tags/v1"`, `"base":"` + strings.Repeat("a", 40) + `"`} {
		refused(t, open.Ask("list_pull_requests", `{"owner":"acme","repo":"reviewed",`+more+`}`), "invalid_arguments")
	}
}

func TestPullRequest(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	open := door(t, s, "version: 1\n")
	a := ok(t, open.Ask("get_pull_request", numbered(d.feature)))
	if a.Fields["author"] != "writer" || a.Fields["repository"] != "acme/reviewed" || !strings.HasPrefix(a.Fields["body"].(string), "Body. aws") {
		t.Errorf("%s", a.Object)
	}
	if head := a.Fields["head"].(map[string]any); head["branch"] != "feature" || head["repository"] != nil || len(fmt.Sprint(head["commit"])) != 40 {
		t.Errorf("head %v", head)
	}
	if found := shows(a.All, append(internals, d.secret)...); found != nil || a.Fields["redacted"] != 2.0 {
		t.Errorf("shows %v: %s", found, a.Object)
	}
	if forked := ok(t, open.Ask("get_pull_request", numbered(d.forked))); raw(forked.Fields["head"].(map[string]any)["repository"]) != `"writer/reviewed"` {
		t.Errorf("%s", forked.Object)
	}
	if gone := ok(t, open.Ask("get_pull_request", numbered(d.gone))); gone.Fields["head"].(map[string]any)["repository_gone"] != true {
		t.Errorf("%s", gone.Object)
	}
}

// Issues and pull requests have numbers from one row; a tool is for one of
// them.
func TestPullRequestToolsRefuseIssues(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	open := door(t, s, "version: 1\n")
	for _, tool := range []string{
		"get_pull_request", "list_pull_request_commits", "list_pull_request_files", "list_pull_request_reviews", "get_pull_request_diff",
	} {
		for _, number := range []int64{d.issue, 999999, 1<<53 - 1} {
			a := open.Ask(tool, numbered(number))
			refused(t, a, "not_found")
			if !strings.Contains(fmt.Sprint(a.Refusal()["hint"]), "get_issue") {
				t.Errorf("%s has no hint: %s", tool, a.Object)
			}
		}
	}
	refused(t, open.Ask("get_issue", numbered(d.feature)), "not_found")
}

// A pull request's files, diff and comments show nothing of files that policy
// hides on either side of a rename.
func TestI6_PullRequestsHideFiles(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	hiding := door(t, s, hidesPeople)
	hidden := []string{"secrets/", "hidden-word", "moves-out", "moves-in", d.secret}

	files := ok(t, hiding.Ask("list_pull_request_files", numbered(d.feature)))
	if got := column(files, "path"); !slices.Equal(got, []string{`docs/a "q" b.txt`, "docs/日本 new.md", "src/a.go", "src/b.go"}) || files.Fields["withheld"] != 5.0 {
		t.Errorf("files %v: %s", got, files.Object)
	}
	if row := files.Items()[1]; row["former_path"] != "docs/old ä.md" || row["status"] != "renamed" {
		t.Errorf("renamed: %v", row)
	}
	diff := ok(t, hiding.Ask("get_pull_request_diff", numbered(d.feature)))
	if diff.Fields["withheld"] != 5.0 || !strings.Contains(diff.Text, "files hidden by policy]") ||
		!strings.Contains(diff.Text, "+// aws_access_key_id = [redacted:") || !strings.Contains(diff.Text, "rename to docs/日本 new.md") {
		t.Errorf("diff: %s", diff.All)
	}
	reviews := ok(t, hiding.Ask("list_pull_request_reviews", numbered(d.feature)))
	if reviews.Fields["withheld"] != 1.0 || !slices.Equal(column(reviews, "kind"), []string{"review", "comment", "comment", "review"}) {
		t.Errorf("reviews: %s", reviews.Object)
	}
	for _, a := range []gatetest.Answer{files, diff, reviews} {
		if found := shows(a.All, append(hidden, internals...)...); found != nil {
			t.Errorf("shows %v: %s", found, a.All)
		}
	}
	commits := ok(t, hiding.Ask("list_pull_request_commits", numbered(d.feature)))
	if got := column(commits, "subject"); len(got) != 2 || !strings.HasPrefix(got[0], "Subject with") || got[1] != "Change things" || strings.Contains(commits.All, d.secret) {
		t.Errorf("commits: %s", commits.Object)
	}

	// One file of it.
	for path, want := range map[string]string{
		"src/a.go": "+++ b/src/a.go", `docs/a "q" b.txt`: `+++ "b/docs/a \"q\" b.txt"`, "docs/日本 new.md": "rename from docs/old ä.md", "docs/old ä.md": "rename to docs/日本 new.md",
	} {
		a := ok(t, hiding.Ask("get_pull_request_diff", numbered(d.feature, `,"path":`+raw(path))))
		if !strings.Contains(a.Text, want) || strings.Count(a.Text, "diff --git") != 1 || a.Fields["withheld"] != nil {
			t.Errorf("%s: %s", path, a.All)
		}
	}
	if a := ok(t, hiding.Ask("get_pull_request_diff", numbered(d.feature, `,"path":"docs/out.txt"`))); shows(a.All, hidden...) != nil || a.Fields["withheld"] != 1.0 {
		t.Errorf("moved out of hiding: %s", a.All)
	}
	refused(t, hiding.Ask("get_pull_request_diff", numbered(d.feature, `,"path":"secrets/prod.txt"`)), "path_denied")

	// Without the rule all of it is there to be hidden.
	open := door(t, s, "version: 1\n")
	if a := ok(t, open.Ask("get_pull_request_diff", numbered(d.feature))); shows(a.Text, hidden...) == nil || a.Fields["withheld"] != nil {
		t.Errorf("unfiltered: %s", a.All)
	}
	if a := ok(t, open.Ask("list_pull_request_files", numbered(d.feature, `,"limit":3`))); len(a.Items()) != 3 || a.Fields["has_more"] != true {
		t.Errorf("unfiltered: %s", a.Object)
	}
}

func TestPullRequestReviews(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	a := ok(t, door(t, s, "version: 1\n").Ask("list_pull_request_reviews", numbered(d.feature)))
	rows := a.Items()
	if len(rows) != 5 || a.Fields["has_more"] != false || strings.Contains(a.All, "not submitted") {
		t.Fatalf("%s", a.Object)
	}
	places := []string{}
	for _, row := range rows[1:4] {
		places = append(places, fmt.Sprint(row["path"], " ", row["side"], " ", row["line"]))
		if row["review"] != rows[0]["id"] || row["author"] != "keeper" {
			t.Errorf("%v", row)
		}
	}
	slices.Sort(places)
	if !slices.Equal(places, []string{"secrets/prod.txt new 1", "src/a.go new 4", "src/a.go old 4"}) {
		t.Errorf("comments on %v", places)
	}
	if rows[0]["state"] != "comment" || rows[4]["state"] != "request_changes" {
		t.Errorf("%s", a.Object)
	}
	one := ok(t, door(t, s, "version: 1\n").Ask("list_pull_request_reviews", numbered(d.feature, `,"limit":1,"page":2`)))
	if rows := one.Items(); len(rows) != 1 || rows[0]["body"] != "Second review." {
		t.Errorf("second page: %s", one.Object)
	}
}

// What does not fit can be asked for.
func TestI10_LongDiffsGoOn(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	open := door(t, s, "version: 1\n")
	next, lines, asked := 1, 0, 0
	for ; next > 0 && asked < 30; asked++ {
		a := ok(t, open.Ask("get_pull_request_diff", numbered(d.long, fmt.Sprintf(`,"start_line":%d`, next))))
		lines += strings.Count(a.Text, "\n+line ")
		next = 0
		if n, more := a.Fields["next_start_line"].(float64); more {
			next = int(n)
		}
	}
	if lines != 20000 || asked < 5 {
		t.Errorf("%d lines in %d answers", lines, asked)
	}
	refused(t, open.Ask("get_pull_request_diff", numbered(d.long, `,"start_line":99999`)), "invalid_arguments")
}

// A pull request has two repositories: what was pushed to a hidden one stays
// hidden, and where it comes from is not said.
func TestI6_PullRequestsFromHiddenForks(t *testing.T) {
	t.Parallel()
	s, d := atDesk(t)
	hiding := door(t, s, hidesForks)
	list := ok(t, hiding.Ask("list_pull_requests", `{"owner":"acme","repo":"reviewed"}`))
	if !slices.Equal(column(list, "head_hidden"), []string{"true", "<nil>", "<nil>"}) || !slices.Equal(column(list, "head"), []string{"<nil>", "long", "feature"}) {
		t.Errorf("%s", list.Object)
	}
	for _, head := range []string{"main", "writer:main"} {
		a := ok(t, hiding.Ask("list_pull_requests", `{"owner":"acme","repo":"reviewed","head":"`+head+`"}`))
		if slices.Contains(column(a, "number"), fmt.Sprint(d.forked)) {
			t.Errorf("the filter tells the head: %s", a.Object)
		}
	}
	one := ok(t, hiding.Ask("get_pull_request", numbered(d.forked)))
	if raw(one.Fields["head"]) != `{"hidden":true}` || strings.Contains(one.All, "writer/") {
		t.Errorf("%s", one.Object)
	}
	for _, tool := range []string{"list_pull_request_commits", "list_pull_request_files", "get_pull_request_diff"} {
		a := hiding.Ask(tool, numbered(d.forked))
		refused(t, a, "policy_denied")
		if strings.Contains(a.All, "writer") || strings.Contains(a.All, "fork1") {
			t.Errorf("%s: %s", tool, a.All)
		}
		ok(t, hiding.Ask(tool, numbered(d.feature)))
		refused(t, hiding.Ask(tool, numbered(d.gone)), "policy_denied") // of one that is gone nobody can tell
		ok(t, door(t, s, "version: 1\n").Ask(tool, numbered(d.gone)))
	}
	// Its parent is hidden: so is it.
	site := doorOf(t, s, s.World.Reader.Token, hidesForks)
	refused(t, site.Ask("get_pull_request_diff", fmt.Sprintf(`{"owner":"acme","repo":"public-site","number":%d}`, s.World.Issues.SitePull)), "policy_denied")
}

// What somebody without standing wrote is hidden where policy says so.
func TestStrangersPullRequests(t *testing.T) {
	t.Parallel()
	s, _ := atDesk(t)
	site := func(more string) string {
		return `{"owner":"acme","repo":"public-site"` + more + `}`
	}
	number := fmt.Sprintf(`,"number":%d`, s.World.Issues.SitePull)
	const hides = "version: 1\nuntrusted: hide\n"
	for tool, args := range map[string]string{
		"list_pull_requests": site(""), "get_pull_request": site(number), "list_pull_request_commits": site(number),
		"list_pull_request_reviews": site(number),
	} {
		marked, hidden := ok(t, door(t, s, "version: 1\n").Ask(tool, args)), ok(t, door(t, s, hides).Ask(tool, args))
		own := "patch"
		if tool == "list_pull_request_reviews" { // whose comments are on patch.txt
			own = "my patch"
			if !strings.Contains(marked.All, "this line") || strings.Contains(hidden.All, "this line") || hidden.Fields["withheld"] != 2.0 {
				t.Errorf("inline: %s\n%s", marked.Object, hidden.Object)
			}
		}
		if !strings.Contains(strings.ToLower(marked.All), own) || strings.Contains(strings.ToLower(hidden.All), own) || hidden.Fields["withheld"] == nil {
			t.Errorf("%s: %s\n%s", tool, marked.Object, hidden.Object)
		}
	}
}
