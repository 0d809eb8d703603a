package readtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

func commitOf(sha string, more ...string) string {
	return fmt.Sprintf(`{"owner":"acme","repo":"reading","sha":%q%s}`, sha, strings.Join(more, ""))
}

// A commit shows its message, files and diff, and nothing of the files that
// policy hides on either side of a rename.
func TestI6_CommitsHideFiles(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	for subject, want := range map[string]struct {
		paths    []string
		inDiff   string
		withheld float64 // rows and parts of the diff
	}{
		"Two files":          {[]string{"docs/ä b.md added"}, "+two", 2},
		"Move out of hiding": {[]string{"moved.txt added"}, "", 2},
		"Move into hiding":   {[]string{"moved.txt removed"}, "", 2},
	} {
		a := ok(t, d.Ask("get_commit", commitOf(f.commits[subject])))
		if got := paths(a); !slices.Equal(got, want.paths) {
			t.Errorf("%s: files are %v", subject, got)
		}
		if a.Fields["withheld"] != want.withheld {
			t.Errorf("%s: withheld is %v", subject, a.Fields["withheld"])
		}
		if strings.Contains(a.All, "hidden-word") || strings.Contains(a.All, "secrets/") || !strings.Contains(a.Text, want.inDiff) {
			t.Errorf("%s: %s", subject, a.All)
		}
		if strings.Contains(a.All, f.secret) {
			t.Errorf("%s shows the key: %s", subject, a.All)
		}
		if a.Fields["sha"] != f.commits[subject] || a.Fields["visibility"] != "private" || len(a.Fields["parents"].([]any)) != 1 {
			t.Errorf("%s: %s", subject, a.Object)
		}
	}
	// Without the rule all of it shows: it was there to be hidden.
	open := ok(t, door(t, s, "version: 1\n").Ask("get_commit", commitOf(f.commits["Move out of hiding"])))
	if got := paths(open); !slices.Equal(got, []string{"moved.txt added", "secrets/key.txt removed"}) || !strings.Contains(open.Text, "rename from secrets/key.txt") {
		t.Errorf("unfiltered: %s", open.All)
	}
}

func TestCommitArguments(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	two := f.commits["Two files"]
	plain := ok(t, d.Ask("get_commit", commitOf(two, `,"diff":false`)))
	if plain.Text != "" || !strings.HasPrefix(plain.Fields["message"].(string), "Two files\n\nOne of them") {
		t.Errorf("diff: false: %s", plain.All)
	}
	one := ok(t, d.Ask("get_commit", commitOf(two, `,"path":"docs/ä b.md"`)))
	if got := paths(one); len(got) != 1 || one.Fields["withheld"] != nil || !strings.Contains(one.Text, "+one") {
		t.Errorf("path: %s", one.All)
	}
	none := ok(t, d.Ask("get_commit", commitOf(two, `,"path":"README.md"`)))
	if len(paths(none)) != 0 || strings.Contains(none.Text, "diff --git") {
		t.Errorf("a path that the commit does not touch: %s", none.All)
	}
	refused(t, d.Ask("get_commit", commitOf(two, `,"path":"secrets/key.txt"`)), "path_denied")
	refused(t, d.Ask("get_commit", commitOf(strings.Repeat("1", 40))), "not_found")
	refused(t, d.Ask("get_commit", commitOf("main")), "invalid_arguments")
	if short := ok(t, d.Ask("get_commit", commitOf(two[:10]))); short.Fields["sha"] != two {
		t.Errorf("ten digits: %s", short.Object)
	}
	refused(t, d.Ask("get_commit", commitOf(two[:6])), "invalid_arguments")
	refused(t, d.Ask("get_commit", commitOf(two[:39]+"~")), "invalid_arguments")

	// What does not fit can be asked for.
	many := ok(t, d.Ask("get_commit", commitOf(f.commits["Many files"])))
	next, truncated := many.Fields["next_start_line"].(float64)
	if !truncated || many.Fields["truncated"] != true || !strings.Contains(many.Fields["hint"].(string), "of 1500 files") {
		t.Fatalf("1,500 files: %.600s", many.Object)
	}
	seen := strings.Count(many.Text, "diff --git")
	for n := 0; truncated && n < 20; n++ {
		more := ok(t, d.Ask("get_commit", commitOf(f.commits["Many files"], fmt.Sprintf(`,"start_line":%d`, int(next)))))
		seen += strings.Count(more.Text, "\ndiff --git")
		next, truncated = more.Fields["next_start_line"].(float64)
	}
	if seen != 1500 {
		t.Errorf("going on finds %d of 1,500 files", seen)
	}
}

// A branch or a tag that is called by a commit's id is not taken for it.
func TestI4_CommitIdsAreNotNames(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	d := door(t, s, "version: 1\n")
	branchy := s.World.Branchy
	ask := func(tool, format string, args ...any) gatetest.Answer {
		return d.Ask(tool, `{"owner":"acme","repo":"branchy",`+fmt.Sprintf(format, args...)+`}`)
	}
	for _, by := range []string{"shadowed by a branch", "shadowed by a tag"} {
		id := branchy.Objects[by]
		if a := ok(t, ask("get_commit", `"sha":%q`, id)); a.Fields["sha"] != id {
			t.Errorf("%s: %s", by, a.Object)
		}
		refused(t, ask("get_commit_status", `"ref":%q`, id), "not_found")
		refused(t, ask("compare_refs", `"base":%q,"head":"main"`, id), "not_found")
		refused(t, ask("compare_refs", `"base":"main","head":%q`, id), "not_found")
	}
	// An annotated tag's own id is its commit's; a tree's is nothing.
	a := s.World.ServiceA
	tag := ok(t, d.Ask("get_commit", fmt.Sprintf(`{"owner":"acme","repo":"service-a","sha":%q,"diff":false}`, a.Objects["tag:v1.0.0"])))
	if tag.Fields["sha"] != a.Tags["v1.0.0"] {
		t.Errorf("an annotated tag: %s", tag.Object)
	}
	refused(t, d.Ask("get_commit", fmt.Sprintf(`{"owner":"acme","repo":"service-a","sha":%q}`, a.Objects["tree:secrets"])), "not_found")
}

// The first commit of a history has no parent and every file in its diff.
func TestFirstCommit(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	a := ok(t, door(t, s, hidesPeople).Ask("get_commit", fmt.Sprintf(`{"owner":"acme","repo":"service-a","sha":%q}`, s.World.ServiceA.Objects["first"])))
	w := s.World
	for _, secret := range []string{w.Plant.AWS, w.Plant.PAT, w.Reader.Token, "secrets/prod.txt"} {
		if strings.Contains(a.All, secret) {
			t.Errorf("%q shows", secret)
		}
	}
	if len(a.Fields["parents"].([]any)) != 0 || a.Fields["truncated"] != true || !strings.Contains(a.Text, "diff --git") {
		t.Errorf("%.600s", a.Object)
	}
}

func TestCommitStatus(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	const args = `{"owner":"acme","repo":"reading","ref":"main","limit":50,"page":%d}`
	one, two := ok(t, d.Ask("get_commit_status", fmt.Sprintf(args, 1))), ok(t, d.Ask("get_commit_status", fmt.Sprintf(args, 2)))
	if len(one.Items()) != 50 || one.Fields["has_more"] != true || len(two.Items()) != 2 || two.Fields["has_more"] != false {
		t.Errorf("pages of %d and %d rows: %.300s", len(one.Items()), len(two.Items()), two.Object)
	}
	// ci/00 failed, on whichever page it is: both say so.
	if one.Fields["state"] != "failure" || two.Fields["state"] != "failure" || one.Fields["commit"] != f.commits["Many files"] {
		t.Errorf("%.300s", one.Object)
	}
	if strings.Contains(one.All+two.All, f.secret) || one.Fields["redacted"] == nil {
		t.Error("the key shows in a description")
	}
	none := ok(t, d.Ask("get_commit_status", `{"owner":"acme","repo":"reading","ref":"topic/ü"}`))
	if none.Fields["state"] != "pending" || !strings.Contains(string(none.Object), `"items":[]`) {
		t.Errorf("no report: %s", none.Object)
	}
	refused(t, d.Ask("get_commit_status", `{"owner":"acme","repo":"empty","ref":"main"}`), "not_found")
}
