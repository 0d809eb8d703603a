package readtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

// What models send and mean well is answered as if it had been sent right.
func TestArgumentsThatModelsSend(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	ask := func(tool, more string) gatetest.Answer {
		return d.Ask(tool, `{"owner":"acme","repo":"reading"`+more+`}`)
	}
	right := ok(t, ask("get_issue", fmt.Sprintf(`,"number":%d`, f.long)))
	for _, spelled := range []string{"%d.0", "%de0", "%d0e-1"} {
		if a := ok(t, ask("get_issue", fmt.Sprintf(`,"number":`+spelled, f.long))); a.Fields["title"] != right.Fields["title"] {
			t.Errorf("%s: %s", spelled, a.Object)
		}
	}
	// Empty values for what need not be given.
	plain := ok(t, ask("list_issues", ""))
	empty := ok(t, ask("list_issues", `,"labels":[],"query":"","assignee":"","milestone":"","state":"","page":null,"limit":""`))
	if raw(plain.Items()) != raw(empty.Items()) || len(empty.Items()) == 0 {
		t.Errorf("empty filters: %s", empty.Object)
	}
	if a := ok(t, ask("get_file_contents", `,"path":"README.md","ref":"","start_line":""`)); a.Fields["path"] != "README.md" {
		t.Errorf("empty ref: %s", a.Object)
	}
	// A limit beyond the bound is the bound.
	if a := ok(t, ask("list_commits", `,"limit":100`)); a.Fields["limit"] != 50.0 || !strings.Contains(string(a.Object), `"note":"limit is at most 50, which is what was taken"`) {
		t.Errorf("limit 100: %s", a.Object)
	}
	if a := ok(t, ask("get_file_tree", `,"limit":5000`)); a.Fields["limit"] != 1000.0 {
		t.Errorf("limit 5000: %s", a.Object)
	}
}

// A day is its first moment for since, and its last for until, in UTC.
func TestDaysAreThoseOfUTC(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	d := door(t, s, hidesPeople)
	list := func(more string) []string {
		t.Helper()
		return column(ok(t, d.Ask("list_commits", `{"owner":"acme","repo":"service-a"`+more+`}`)), "sha")
	}
	all := ok(t, d.Ask("list_commits", `{"owner":"acme","repo":"service-a"}`)).Items()
	day := fmt.Sprint(all[0]["date"])[:10]
	if got, want := list(`,"since":"`+day+`","until":"`+day+`"`), list(`,"since":"`+day+`T00:00:00Z","until":"`+day+`T23:59:59Z"`); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("on %s: %v, not %v", day, got, want)
	}
}

// What a commit's id begins with is enough where it is the only one, and not more of a
// key than the whole id: what is hidden is not found by it either.
func TestShortCommitIds(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	id := f.commits["Two files"]
	for _, short := range []string{id[:7], id[:12], id[:39], strings.ToUpper(id[:10])} {
		for tool, more := range map[string]string{
			"get_commit": `,"sha":%q`, "get_file_contents": `,"ref":%q,"path":"README.md"`, "get_file_tree": `,"ref":%q`, "list_commits": `,"ref":%q`,
			"compare_refs": `,"base":%q,"head":"main"`, "get_commit_status": `,"ref":%q`, "search_code": `,"ref":%q,"query":"two"`,
		} {
			a := d.Ask(tool, `{"owner":"acme","repo":"reading"`+fmt.Sprintf(more, short)+`}`)
			if a.IsError || !strings.Contains(string(a.Object), id) {
				t.Errorf("%s of %s: %s", tool, short, a.Object)
			}
		}
	}
	// Of a fork that is hidden the store has the commits, the repository has not.
	stranger := s.World.PeopleCopy.Head
	whole := d.Ask("get_commit", `{"owner":"acme","repo":"reading","sha":"`+stranger+`"}`)
	short := d.Ask("get_commit", `{"owner":"acme","repo":"reading","sha":"`+stranger[:9]+`"}`)
	nothing := d.Ask("get_commit", `{"owner":"acme","repo":"reading","sha":"0123456789"}`)
	for _, a := range []gatetest.Answer{whole, short, nothing} {
		refused(t, a, "not_found")
		if a.Refusal()["message"] != nothing.Refusal()["message"] || a.Refusal()["hint"] != nothing.Refusal()["hint"] {
			t.Errorf("told apart: %s", a.Object)
		}
	}
	keeper := doorOf(t, s, s.World.Keeper.Token, "version: 1\ndefaults: {read: allow}\nrepositories: {\"forker/*\": {read: deny, forks: separate}}\n")
	for _, of := range []string{stranger, stranger[:9]} { // in the parent's store, by its fork alone
		refused(t, keeper.Ask("get_commit", `{"owner":"acme","repo":"hr-people","sha":"`+of+`"}`), "not_found")
	}
}

// A branch that is called like the begin of a commit's id is the branch, but for what
// takes a commit id alone.
func TestShortCommitIdsThatAreNames(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	d := door(t, s, hidesPeople)
	short := f.commits["Move out of hiding"][:8]
	if err := s.As(s.World.Keeper.Token).Into(t.Context(), "POST", "/repos/acme/reading/branches", object{"new_branch_name": short, "old_branch_name": "main"}, nil); err != nil {
		t.Fatal(err)
	}
	a := ok(t, d.Ask("list_commits", `{"owner":"acme","repo":"reading","ref":"`+short+`","limit":1}`))
	if a.Fields["ref"] != "refs/heads/"+short {
		t.Errorf("%s", a.Object)
	}
	refused(t, d.Ask("get_commit", `{"owner":"acme","repo":"reading","sha":"`+short+`"}`), "not_found")
}
