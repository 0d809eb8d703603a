package gate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"aegis/audit"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
)

// replayed decides a door's log again, and tells the counts and each difference in a line.
func replayed(t *testing.T, d *gatetest.Door, source string) (gate.ReplayCounts, []string) {
	t.Helper()
	p, _, err := policy.Parse("new.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return replayedBy(t, d, p)
}

func replayedBy(t *testing.T, d *gatetest.Door, p *policy.Policy) (gate.ReplayCounts, []string) {
	t.Helper()
	replay := gate.NewReplay(p)
	if _, err := audit.Show(context.Background(), d.Log, audit.Query{}, func(s audit.Stored) error { replay.Add(s); return nil }); err != nil {
		t.Fatal(err)
	}
	counts, found := replay.End()
	var lines []string
	for _, each := range found {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s->%s %d %s %s %s %s %s", each.Was, each.Is, each.Calls, each.Tool, each.Repo, each.Code, each.Rule, each.Why)))
	}
	return counts, lines
}

// What a new policy opens, closes and asks about, by tool and repository.
func TestReplayTellsWhatANewPolicyChanges(t *testing.T) {
	t.Parallel()
	const old = "version: 1\nflow: {private_to_public: allow}\nrepositories:\n  \"acme/*\": {write: allow}\n  \"acme/closed\": {read: deny}\n  \"acme/circle\": {approve: [create_comment]}\n"
	d := newForum().on(t, "", old)
	for _, repo := range []string{"acme/open", "acme/open", "acme/closed", "acme/inside"} {
		d.Ask("get_issue", map[string]any{"repo": repo})
	}
	d.Ask("create_comment", map[string]any{"repo": "acme/circle", "text": "x"}) // nobody can be asked
	d.Human = func(string) bool { return true }
	d.Ask("create_comment", map[string]any{"repo": "acme/circle", "text": "y"})
	d.Ask("create_comment", map[string]any{"repo": "acme/inside", "text": "x"})
	d.Ask("create_comment", map[string]any{"repo": "acme/inside", "text": "x", "dry_run": true})
	d.Ask("get_issue", map[string]any{"repo": "acme/gone"})
	d.Ask("get_issue", map[string]any{"repo": "no repository"})
	for _, c := range []struct {
		name, source string
		want         []string
		counts       string
	}{
		{"itself", old, nil, "11 calls, 9 0 0 0 2"},
		{"all is opened", "version: 1\nflow: {private_to_public: allow}\nrepositories: {\"acme/*\": {write: allow}}\n", []string{
			"ask->allow 3 create_comment acme/circle  policy.yaml:6 approve",
			"deny->allow 1 get_issue acme/closed policy_denied policy.yaml:5 read",
		}, "11 calls, 5 4 0 0 2"},
		{"all is closed", "version: 1\ndefaults: {read: deny}\n", []string{
			"allow->deny 2 create_comment acme/inside policy_denied new.yaml defaults.write",
			"ask->deny 3 create_comment acme/circle policy_denied new.yaml defaults.write",
			"allow->deny 2 get_issue acme/open policy_denied new.yaml:2 defaults.read",
		}, ""},
		{"more is asked about", old + "approve: [create_comment]\n", []string{"allow->ask 1 create_comment acme/inside  new.yaml:7 approve"}, "11 calls, 8 0 0 1 2"},
	} {
		counts, got := replayed(t, d, c.source)
		if c.counts != "" {
			if text := fmt.Sprintf("%d calls, %d %d %d %d %d", counts.Calls, counts.Unchanged, counts.Widened, counts.Unknown, counts.Narrowed, counts.Otherwise); text != c.counts {
				t.Errorf("%s: %s", c.name, text)
			}
		}
		if c.name == "all is closed" {
			for _, want := range c.want {
				if !strings.Contains(strings.Join(got, "\n"), want) {
					t.Errorf("%s: %q lacks %q", c.name, got, want)
				}
			}
			continue
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s", c.name, strings.Join(got, "\n"))
		}
	}
}

// What the log can't tell is not guessed.
func TestReplayGuessesNothing(t *testing.T) {
	t.Parallel()
	d := newForum().on(t, "", "version: 1\nflow: {private_to_public: allow}\nrepositories: {\"acme/*\": {write: allow}}\n")
	other := d.Caller
	d.Caller, _ = owner(t, d, "ci", "version: 1\nflow: {private_to_public: allow}\nrepositories: {acme/closed: {read: deny}, \"acme/*\": {write: allow}}\n")
	d.Ask("get_issue", map[string]any{"repo": "acme/closed"}) // by its own policy
	d.Caller = other
	d.Ask("create_comment", map[string]any{"repo": "acme/inside", "text": "x"}) // nobody looked at who reads what
	read(t, d, "acme/closed")
	write(d, "acme/open", "x")
	counts, got := replayed(t, d, "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n")
	if counts.Widened != 0 || counts.Unknown == 0 {
		t.Errorf("%+v", counts)
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"deny->unknown 1 get_issue acme/closed policy_denied ci.yaml:3 read the caller's own policy took part",
		"allow->deny 1 create_comment acme/open flow_denied",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not told:\n%s", want, text)
		}
	}
}

// For random pairs of policies: nothing that is denied by the new one is told to be open,
// each call is counted once, and by the old one nothing differs.
func TestReplayCountsEachCallOnce(t *testing.T) {
	t.Parallel()
	differ := int64(0)
	for seed := range seeds(60) {
		random := rand.New(rand.NewPCG(seed, 31))
		old, next := randomPolicy(random), randomPolicy(random)
		d := newForum().on(t, "", old)
		d.Human = func(string) bool { return random.IntN(2) == 0 }
		calls := int64(0)
		for _, repo := range []string{"acme/open", "acme/closed", "acme/inside"} {
			for _, tool := range []string{"get_issue", "create_comment"} {
				d.Ask(tool, map[string]any{"repo": repo, "text": "x"})
			}
		}
		for _, e := range d.Entries() {
			if e["kind"] == "decision" && e["stage"] == "static" {
				calls++
			}
		}
		if counts, got := replayed(t, d, old); counts.Widened+counts.Narrowed+counts.Unknown != 0 || counts.Calls != calls {
			t.Errorf("%d calls: %+v\n%s\n%s", calls, counts, strings.Join(got, "\n"), old)
		}
		counts, got := replayed(t, d, next)
		if counts.Unchanged+counts.Widened+counts.Narrowed+counts.Unknown+counts.Otherwise != counts.Calls {
			t.Errorf("%+v\n%s", counts, strings.Join(got, "\n"))
		}
		differ += counts.Widened + counts.Narrowed
	}
	if differ == 0 && !testing.Short() {
		t.Error("no pair differs")
	}
}
