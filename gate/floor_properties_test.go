package gate_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
)

// aboutTheForum makes a random policy one about the forum's repositories and tools.
var aboutTheForum = strings.NewReplacer(
	"acme/app", "acme/open", "acme/fork", "acme/closed", "acme/base", "acme/inside", "acme/mid", "acme/circle",
	"get_file_contents", "get_issue", "get_file_tree", "get_me", "commit_files", "create_comment",
)

// verdicts counts what came of calls.
type verdicts struct{ denied, byFloor, allowed, asked int }

// explained makes calls of several callers by a policy on a floor, and holds each to what
// is explained: the same, by the same rule of the same file. To replay the log by the pair
// that made it changes nothing.
func (n *verdicts) explained(t *testing.T, source, below string, random *rand.Rand) {
	t.Helper()
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
				if n.count(told); !enforced(answer, told) {
					t.Errorf("%s in %s for %s: %s, explained %+v\n%s---\n%s", tool, repo, who, answer.Object, told, source, below)
				}
			}
		}
	}
	if counts, got := replayedBy(t, d, both); counts.Widened+counts.Narrowed+counts.Unknown != 0 || counts.Calls == 0 {
		t.Errorf("%+v\n%s\n%s---\n%s", counts, strings.Join(got, "\n"), source, below)
	}
}

func (n *verdicts) count(told policy.Decision) {
	switch told.Verdict() {
	case policy.Denies:
		n.denied++
		if strings.HasPrefix(told.Rule.File, "floor ") {
			n.byFloor++
		}
	case policy.Asks:
		n.asked++
	default:
		n.allowed++
	}
}

// enforced reports whether an answer is what was explained.
func enforced(answer gatetest.Answer, told policy.Decision) bool {
	if told.Verdict() == policy.Denies {
		return string(answer.Code) == string(told.Code) && answer.Refusal()["rule"] == told.Rule.String()
	}
	return !slices.Contains([]gate.Code{gate.PolicyDenied, gate.PathDenied, gate.BranchDenied}, answer.Code)
}

// pair is a random policy and a random floor.
func pair(random *rand.Rand) (source, below string) {
	return aboutTheForum.Replace(randomPolicy(random)), aboutTheForum.Replace(randomPolicy(random))
}

// What is explained is what is enforced, for random pairs of a policy and a floor.
func TestI7_OnAFloorWhatIsExplainedIsEnforced(t *testing.T) {
	t.Parallel()
	var n verdicts
	for seed := range seeds(60) {
		random := rand.New(rand.NewPCG(seed, 37))
		source, below := pair(random)
		n.explained(t, source, below, random)
	}
	if !testing.Short() && min(n.denied, n.allowed, n.asked, n.byFloor) < 10 {
		t.Errorf("the property is hollow: %+v", n)
	}
}

// FuzzI7_OnAFloorWhatIsExplainedIsEnforced is the same for pairs that a seed makes.
func FuzzI7_OnAFloorWhatIsExplainedIsEnforced(f *testing.F) {
	f.Add(uint64(1), uint64(37))
	f.Fuzz(func(t *testing.T, one, other uint64) {
		random := rand.New(rand.NewPCG(one, other))
		source, below := pair(random)
		new(verdicts).explained(t, source, below, random)
	})
}
