package readtest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

func compare(d *gatetest.Door, repo, base, head string) gatetest.Answer {
	owner, name, _ := strings.Cut(repo, "/")
	return d.Ask("compare_refs", object{"owner": owner, "repo": name, "base": base, "head": head, "limit": 50})
}

func TestCompareRefs(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	a := ok(t, compare(d, "acme/reading", "main", "topic/ü"))
	if got := column(a, "subject"); !slices.Equal(got, []string{"Take it back", "Add a topic"}) {
		t.Errorf("commits are %v", got)
	}
	// topic.md came and went; secrets/topic.md is hidden.
	if got := paths(a); !slices.Equal(got, []string{"topic.md removed"}) || a.Fields["withheld"] != 1.0 || strings.Contains(a.All, "secrets/") {
		t.Errorf("files are %v in %s", got, a.Object)
	}
	if a.Fields["base"] != "refs/heads/main" || a.Fields["head"] != "refs/heads/topic/ü" || a.Fields["total_commits"] != 2.0 ||
		a.Fields["head_commit"] != f.commits["Take it back"] || a.Fields["has_more"] != false {
		t.Errorf("%s", a.Object)
	}
	// Nothing lies between; the other way round; a commit id; one page of two.
	for _, row := range []struct{ base, head, want string }{
		{"topic/ü", "main", "[]"},
		{"main", "main", "[]"},
		{f.commits["Many files"], "refs/heads/topic/ü", "[Take it back Add a topic]"},
		{f.commits["Move out of hiding"], f.commits["Move into hiding"], "[Move into hiding]"},
	} {
		if got := fmt.Sprint(column(ok(t, compare(d, "acme/reading", row.base, row.head)), "subject")); got != row.want {
			t.Errorf("%s...%s: %s", row.base, row.head, got)
		}
	}
	page := ok(t, d.Ask("compare_refs", `{"owner":"acme","repo":"reading","base":"main","head":"topic/ü","limit":1,"page":2}`))
	if got := column(page, "subject"); !slices.Equal(got, []string{"Add a topic"}) {
		t.Errorf("the second page: %v", got)
	}
	refused(t, compare(d, "acme/reading", "nope", "main"), "not_found")
	refused(t, compare(d, "acme/reading", "main", "nope"), "not_found")
	for _, head := range []string{"main~1", "HEAD", ":main", "forker:", "forker:HEAD", "a:b:c", "forker/x:main", "../x:main", "refs/pull/1/head", "main..dev", "forker:main~1"} {
		refused(t, compare(d, "acme/reading", "main", head), "invalid_arguments")
	}
}

// A great many files are cut, which is said, with the commits beside them.
func TestI10_CompareSaysWhatIsCut(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	a := ok(t, compare(door(t, s, hidesPeople), "acme/reading", f.commits["Move into hiding"], "main"))
	if a.Fields["total_files"] != 1500.0 || a.Fields["truncated"] != true || len(paths(a)) == 0 || !slices.Equal(column(a, "subject"), []string{"Many files"}) {
		t.Errorf("%.500s", a.Object)
	}
}

// owner:branch is a second repository, with a policy of its own.
func TestI6_CompareAcrossForks(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	w := s.World
	const sees = "version: 1\n"
	outsider := "outsider:main"

	// A fork with the name of its parent.
	a := ok(t, compare(door(t, s, sees), "acme/public-site", "main", outsider))
	if !slices.Equal(column(a, "subject"), []string{"Add patch.txt"}) || !slices.Equal(paths(a), []string{"patch.txt added"}) ||
		a.Fields["head_repository"] != "outsider/public-site" || a.Fields["head_visibility"] != "public" || a.Fields["head_commit"] != w.SiteFork.Head {
		t.Errorf("%s", a.Object)
	}
	// The other way round its parent is the second one.
	if up := ok(t, compare(door(t, s, sees), "outsider/public-site", "main", "acme:main")); len(up.Items()) != 0 || up.Fields["head_repository"] != "acme/public-site" {
		t.Errorf("%s", up.Object)
	}
	// Either side's rules hide.
	for name, policy := range map[string]string{
		"the target's": sees + `repositories: {"acme/public-site": {paths: {deny: ["patch.txt"]}}}`,
		"the fork's":   sees + `repositories: {"outsider/*": {paths: {deny: ["patch.txt"]}}}`,
	} {
		a := ok(t, compare(door(t, s, policy), "acme/public-site", "main", outsider))
		if len(paths(a)) != 0 || a.Fields["withheld"] != 1.0 {
			t.Errorf("%s rule: %s", name, a.Object)
		}
	}
	denied := sees + `repositories: {"outsider/*": {read: deny, reason: not theirs}}`
	refused(t, compare(door(t, s, denied), "acme/public-site", "main", outsider), "policy_denied")
	tool := sees + `repositories: {"outsider/*": {tools: {deny: [compare_refs]}}}`
	refused(t, compare(door(t, s, tool), "acme/public-site", "main", outsider), "policy_denied")
	ask := sees + `repositories: {"outsider/*": {approve: [compare_refs]}}`
	refused(t, compare(door(t, s, ask), "acme/public-site", "main", outsider), "approval_unavailable")
	// What strangers committed is theirs to have written.
	hide := ok(t, compare(door(t, s, sees+"untrusted: hide\n"), "acme/public-site", "main", outsider))
	if strings.Contains(hide.All, "Add patch") || len(hide.Items()) != 1 {
		t.Errorf("untrusted: hide: %s", hide.Object)
	}

	// A fork of a denied parent is denied; its parent can't be reached through it.
	people := door(t, s, hidesPeople)
	refused(t, compare(people, "second/people-two", "main", "acme:main"), "policy_denied")
	separate := "version: 1\nrepositories:\n  \"acme/hr-*\": {read: deny}\n  \"forker/*\": {forks: separate}\n"
	refused(t, compare(doorOf(t, s, w.Forker.Token, separate), "forker/people-copy", "main", "acme:main"), "policy_denied")

	// No relation, no such owner, nothing that the token reads.
	refused(t, compare(door(t, s, sees), "acme/reading", "main", "outsider:main"), "not_found")
	refused(t, compare(door(t, s, sees), "acme/public-site", "main", "nobody:main"), "not_found")
	refused(t, compare(door(t, s, sees), "acme/public-site", "main", "outsider:nope"), "not_found")
	refused(t, compare(doorOf(t, s, w.Contractor.Token, "version: 1\nrepositories: {\"forker/*\": {forks: separate}}\n"), "forker/people-copy", "main", "acme:main"), "not_found")
	if own := ok(t, compare(door(t, s, sees), "acme/reading", "main", "acme:main")); own.Fields["head_repository"] != nil {
		t.Errorf("the target's own owner: %s", own.Object)
	}
}

// Two repositories of one name that have nothing to do with each other are not
// compared, though Gitea would.
func TestI6_CompareNeedsARelation(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	writer := s.As(s.World.Writer.Token)
	if err := writer.Into(t.Context(), http.MethodPost, "/user/repos", object{"name": "handbook", "auto_init": true, "default_branch": "main"}, nil); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = writer.Into(t.Context(), http.MethodDelete, "/repos/writer/handbook", nil, nil) }()
	refused(t, compare(door(t, s, "version: 1\n"), "guild/handbook", "main", "writer:main"), "not_found")
}

// A name that was given to something else is a redirect, and not followed.
func TestI4_CompareDoesNotFollowRenames(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	outsider := s.As(s.World.Outsider.Token)
	fork := giteatest.Repo{}
	if err := outsider.Into(t.Context(), http.MethodPost, "/repos/guild/handbook/forks", object{"name": "handbook"}, nil); err != nil {
		t.Fatal(err, fork)
	}
	if err := outsider.Into(t.Context(), http.MethodPatch, "/repos/outsider/handbook", object{"name": "booklet"}, nil); err != nil {
		t.Fatal(err)
	}
	refused(t, compare(door(t, s, "version: 1\n"), "guild/handbook", "main", "outsider:main"), "moved")
}
