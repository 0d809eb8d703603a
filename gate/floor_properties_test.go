package gate_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
)

// aboutTheForum makes a random policy one about the forum's repositories and tools.
var aboutTheForum = strings.NewReplacer(
	"acme/app", "acme/open", "acme/fork", "acme/closed", "acme/base", "acme/inside", "acme/mid", "acme/circle",
	"get_file_contents", "get_issue", "get_file_tree", "get_me", "commit_files", "create_comment",
)

// For random pairs of a policy and a floor and for callers of several names: what is
// explained is what is enforced, by the same rule of the same file, and to replay the log
// by the pair that made it changes nothing.
func TestI7_WhatIsExplainedIsEnforced(t *testing.T) {
	t.Parallel()
	denied, allowed, asked, byFloor := 0, 0, 0, 0
	for seed := range seeds(500) {
		random := rand.New(rand.NewPCG(seed, 37))
		source, below := aboutTheForum.Replace(randomPolicy(random)), aboutTheForum.Replace(randomPolicy(random))
		if !validOwn(source) || !validOwn(below) {
			continue
		}
		file, _ := floor(t, below)
		own, _, err := policy.Parse("policy.yaml", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		under, _, err := policy.LoadFloor(file)
		if err != nil {
			t.Fatal(err)
		}
		both := policy.OnFloor(own, under)
		d := newForum().on(t, file, source)
		d.Human = func(string) bool { return random.IntN(2) == 0 }
		for _, who := range []string{"tester", "ci", "other-1"} {
			d.Caller = d.Another(who)
			for _, repo := range []string{"acme/open", "acme/closed", "acme/inside", "acme/circle"} {
				for _, tool := range []string{"get_issue", "create_comment"} {
					answer := d.Ask(tool, map[string]any{"repo": repo, "text": "x"})
					c, err := policy.Question{Tool: tool, Repository: repo, Principal: who}.Case()
					if err != nil {
						t.Fatal(err)
					}
					told := both.Explain(c).Decision
					refused := slices.Contains([]gate.Code{gate.PolicyDenied, gate.PathDenied, gate.BranchDenied}, answer.Code)
					switch told.Verdict() {
					case policy.Denies:
						denied++
						if strings.HasPrefix(told.Rule.File, "floor ") {
							byFloor++
						}
						if string(answer.Code) != string(told.Code) || answer.Refusal()["rule"] != told.Rule.String() {
							t.Errorf("%s in %s for %s: %s, explained %+v\n%s---\n%s", tool, repo, who, answer.Object, told, source, below)
						}
						continue
					case policy.Asks:
						asked++
					default:
						allowed++
					}
					if refused {
						t.Errorf("%s in %s for %s: %s, explained %+v\n%s---\n%s", tool, repo, who, answer.Object, told, source, below)
					}
				}
			}
		}
		if counts, got := replayedBy(t, d, both); counts.Widened+counts.Narrowed+counts.Unknown != 0 || counts.Calls == 0 {
			t.Errorf("%+v\n%s\n%s---\n%s", counts, strings.Join(got, "\n"), source, below)
		}
	}
	if !testing.Short() && min(denied, allowed, asked, byFloor) < 10 {
		t.Errorf("the property is hollow: %d denied, %d of them by the floor, %d allowed, %d asked about", denied, byFloor, allowed, asked)
	}
}
