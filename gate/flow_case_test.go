package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// Repositories of every visibility, by name.
var ofVisibility = map[string]record{
	"acme/open":    {"id": 61},
	"acme/members": {"id": 62, "owner": record{"login": "acme", "visibility": "limited"}},
	"acme/closed":  {"id": 63, "private": true},
	"acme/dim":     {"id": 64, "owner": record{"login": "acme"}}, // nobody can tell
}

// flowTools are a tool that reads and one that writes, whose arguments say what flows.
func flowTools(t *testing.T, door **gatetest.Door) []tools.Tool {
	read := toy("get_issue", gate.Everywhere(), nil)
	read.Prepare = func(raw json.RawMessage) (gate.Prepared, error) {
		var args struct{ Repo, By string }
		if err := json.Unmarshal(raw, &args); err != nil {
			return gate.Prepared{}, err
		}
		return gate.Prepared{Target: gate.Repository(repo(t, args.Repo)), Run: func(_ context.Context, v *gate.Visit) (*gate.Result, error) {
			if args.By != "" {
				v.Attribute(args.By)
			}
			return &gate.Result{Fields: record{"title": "x"}}, nil
		}}, nil
	}
	write := toy("create_comment", gate.Everywhere(), nil)
	write.Prepare = func(raw json.RawMessage) (gate.Prepared, error) {
		var args struct{ Repo, Text, From, By, Narrow, Meanwhile string }
		if err := json.Unmarshal(raw, &args); err != nil {
			return gate.Prepared{}, err
		}
		prepared := gate.Prepared{Target: gate.Repository(repo(t, args.Repo)), Written: []gate.Written{{Field: "body", Text: args.Text, Kind: gate.Markdown}}}
		prepared.Plan = func(_ context.Context, v *gate.Visit) (*gate.Plan, error) {
			plan := &gate.Plan{
				Steps:  []gate.Step{{Write: forge.CreateComment(repo(t, args.Repo), 3, "x")}},
				Narrow: args.Narrow, Effect: record{"number": 3},
				Answer: func([]json.RawMessage) (any, error) { return record{"comment_id": 5}, nil },
			}
			if args.By != "" {
				v.Attribute(args.By)
			}
			if args.From != "" {
				owner, err := canon.ParseOwner(args.From)
				if err != nil {
					return nil, err
				}
				from, err := v.OtherRef(owner, canon.Ref{})
				if err != nil {
					return nil, err
				}
				plan.From = []*gate.Resolved{from}
			}
			if args.Meanwhile != "" {
				plan.Rests = []gate.Basis{gate.StillSo(func() error {
					(*door).Ask("get_issue", map[string]any{"repo": args.Meanwhile, "by": "mallory"})
					return nil
				})}
			}
			return plan, nil
		}
		return prepared, nil
	}
	return []tools.Tool{read, write}
}

// flowPolicy opens everything but what flow control says.
func flowPolicy(random *rand.Rand) string {
	pick := func() string { return []string{"allow", "ask", "deny"}[random.IntN(3)] }
	approve := []string{"", "approve: [create_comment]\n"}[random.IntN(2)*random.IntN(2)]
	return fmt.Sprintf("version: 1\n%srepositories: {\"acme/*\": {write: allow}}\nflow: {private_to_public: %s, untrusted_to_write: %s}\n", approve, pick(), pick())
}

// flowDoor is a door with all of this before it.
func flowDoor(t *testing.T, source string) *gatetest.Door {
	records, door := record{}, new(*gatetest.Door)
	config := gatetest.Config{Policy: source, Write: true, Tools: flowTools(t, door)}
	for name, more := range ofVisibility {
		records["/repos/"+name] = repository(name, more)
		fork := "fork/" + repo(t, name).Name() // which is private, whatever it was forked from
		records["/repos/"+fork] = repository(fork, record{"private": true}, forkOf(repository(name, more)))
		records["/repos/"+fork+"/branches/main"] = record{"name": "main", "commit": record{"id": commit}}
		records["/repos/"+name+"/issues/3/comments"] = record{"id": 5}
		records["/repos/"+name+"/assignees"] = []any{record{"login": "alice"}}
		config.Repos = append(config.Repos, repo(t, name))
	}
	config.URL = newFake(records).proxy(t).URL
	*door = gatetest.Open(t, config)
	return *door
}

// A call of some sequence that flow control has to judge.
func flowCall(random *rand.Rand) (tool string, args map[string]any) {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	names := []string{"acme/open", "acme/open", "acme/members", "acme/closed", "acme/dim"}
	if random.IntN(3) == 0 {
		return "get_issue", map[string]any{"repo": pick(names...), "by": pick("", "", "alice", "mallory")}
	}
	return "create_comment", map[string]any{
		"repo": pick(names...), "text": pick("x", "x", "see acme/open#1", "see acme/members#1", "![](https://watch.example/1.png)"),
		"from": pick("", "", "", "fork"), "by": pick("", "", "", "alice", "mallory"), "narrow": pick("", "", "", "the draft"),
		"meanwhile": pick("", "", "", "", "acme/closed"),
	}
}

// What flow control decided can be decided again, too, whatever was denied, asked
// about or allowed.
func TestEveryRecordedFlowCanBeDecidedAgain(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range seeds(24) {
		random := rand.New(rand.NewPCG(seed, 29))
		source := flowPolicy(random)
		d, own := flowDoor(t, source), ""
		if random.IntN(3) == 0 {
			own = flowPolicy(random)
			d.Caller, _ = owner(t, d, "tester", own)
		}
		d.Human = func(string) bool { return random.IntN(3) > 0 }
		for range 14 {
			d.Ask(flowCall(random))
		}
		for kind, n := range d.DecideAgain(source, own) {
			seen[kind] += n
		}
	}
	for _, kind := range []string{"static allow ", "resolved allow ", "resolved ask flow", "resolved ask approve", "outcome ", "outcome flow_denied"} {
		if seen[kind] == 0 && !testing.Short() {
			t.Errorf("no %q among %v", kind, seen)
		}
	}
}

// What was recorded under one policy, decided by another, comes to what the other
// does with the same calls, or is not known.
func TestAnotherPolicyDecidesARecordedFlowAsItDoesTheCall(t *testing.T) {
	t.Parallel()
	same, unknown := map[string]int{}, 0
	for seed := range seeds(24) {
		random := rand.New(rand.NewPCG(seed, 31))
		one, other := flowPolicy(random), flowPolicy(random)
		a, b := flowDoor(t, one), flowDoor(t, other)
		loaded, _, err := policy.Parse("policy.yaml", []byte(other))
		if err != nil {
			t.Fatal(err)
		}
		for range 14 {
			tool, args := flowCall(random)
			delete(args, "meanwhile") // it comes to pass only where something is sent
			first, second := a.Ask(tool, args), b.Ask(tool, args)
			if tool == "get_issue" {
				continue
			}
			flow := lastFlow(t, a, first.Call)
			if flow == nil {
				continue // a text that refers to what may not be written to is refused before
			}
			d := flow.Decide(loaded)
			want, rule := gate.Code(""), ""
			switch {
			case d.Unknown && !d.Deny:
				unknown++
				continue
			case d.Unknown:
				want = gate.FlowDenied
			case d.Deny:
				want, rule = gate.FlowDenied, d.Rule
			case strings.Contains(other, "approve"):
				want, rule = gate.ApprovalUnavailable, "policy.yaml:2 approve"
			case d.Ask:
				want, rule = gate.ApprovalUnavailable, d.Rule
			}
			if got := second.Refusal()["rule"]; second.Code != want || rule != "" && got != rule {
				t.Fatalf("seed %d: under\n%s%v came to %q; by\n%sit came to %q %v, decided from the record to %q %s", seed, one, args, first.Code, other, second.Code, got, want, rule)
			}
			same[string(want)]++
		}
	}
	if len(same) < 3 && !testing.Short() || unknown > same[""]+same["flow_denied"]+same["approval_unavailable"] {
		t.Errorf("decided again: %v, unknown %d", same, unknown)
	}
}

// lastFlow is the last case of flow control that the log has of a call.
func lastFlow(t *testing.T, d *gatetest.Door, call string) (last *gate.FlowCase) {
	t.Helper()
	_, err := audit.Show(t.Context(), d.Log, audit.Query{Call: call}, func(s audit.Stored) error {
		c, ok, err := gate.FlowCaseOf(s)
		if ok {
			last = &c
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// A hundred files of long names are a case like any other, and the largest that the
// log does not have whole says so.
func TestACaseOfManyPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, path string
		whole      bool
	}{
		{"as long as paths get", strings.Repeat("p", canon.MaxPath-6), true},
		{"stored as escapes", strings.Repeat(`"`, canon.MaxPath-6), false},
		{"made visible", strings.Repeat("\u00ad", (canon.MaxPath-6)/2), false},
		{"a secret", "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a", false},
	} {
		for _, denied := range []int{-1, 0, 50, 99} {
			paths := make([]string, 100)
			for i := range paths {
				paths[i] = fmt.Sprintf("d%03d/%s", i, c.path)
			}
			source := "version: 1\nrepositories: {\"acme/app\": {write: allow, write_paths: {deny: [\"d100/**\"]}}}\n"
			if denied >= 0 {
				source = strings.Replace(source, "d100", fmt.Sprintf("d%03d", denied), 1)
			}
			f := newFake(record{"/repos/acme/app/issues/3/comments": record{"id": 5}})
			d := gatetest.Open(t, gatetest.Config{URL: f.proxy(t).URL, Policy: source, Write: true, Repos: []canon.Repo{repo(t, "acme/app")}, Tools: []tools.Tool{anyTool(t, "commit_files")}})
			answer := d.Ask("commit_files", map[string]any{"repo": "acme/app", "branch": "agent/x", "writes": paths})
			if want := map[bool]gate.Code{true: gate.PathDenied}[denied >= 0]; answer.Code != want {
				t.Fatalf("%s, %d is denied: %s", c.what, denied, answer.Object)
			}
			seen := d.DecideAgain(source, "")
			unknown := slices.ContainsFunc([]string{"static allow unknown", "static deny unknown"}, func(kind string) bool { return seen[kind] > 0 })
			if len(seen) == 0 || unknown == c.whole {
				t.Errorf("%s, %d is denied: %v", c.what, denied, seen)
			}
		}
	}
}

// A mark counts for as long as the policy that decides remembers it.
func TestARecordedMarkIsForgottenAsTheDecidingPolicySays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flow, mark string
		want       gate.FlowDecision
	}{
		{"{forget_after: 2h}", "private 1h59m59s s-1 acme/closed", gate.FlowDecision{Deny: true, Rule: "policy.yaml flow.private_to_public"}},
		{"{forget_after: 2h}", "private 2h0m0s s-1 acme/closed", gate.FlowDecision{}},
		{"{private_to_public: ask}", "internal 1s s-1 acme/app, where only few see it,", gate.FlowDecision{Ask: true, Rule: "policy.yaml:2 flow.private_to_public"}},
		{"{private_to_public: allow}", "private 1s s-1 acme/closed", gate.FlowDecision{}},
		{"{untrusted_to_write: deny}", "stranger 1s s-1 acme/open", gate.FlowDecision{Deny: true, Rule: "policy.yaml:2 flow.untrusted_to_write"}},
		{"{untrusted_to_write: deny, forget_after: 1s}", "stranger 1s s-1 acme/open", gate.FlowDecision{}},
	} {
		p, _, err := policy.Parse("policy.yaml", []byte("version: 1\nflow: "+c.flow+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		var s audit.Stored
		s.Case.Visibility, s.Case.Marks = "public", []string{c.mark}
		flow, ok, err := gate.FlowCaseOf(s)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		if got := flow.Decide(p); got != c.want {
			t.Errorf("%s, %s: %+v, want %+v", c.flow, c.mark, got, c.want)
		}
	}
}

// Whatever a log says, reading a case of it fails or comes to something.
func FuzzFlowCaseOf(f *testing.F) {
	p, _, err := policy.Parse("policy.yaml", []byte("version: 1\nflow: {untrusted_to_write: ask}\n"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][4]string{
		{"public acme/b", "private 1s s-1 acme/a", "from private acme/a", "the plan"},
		{"internal", "stranger 1h", "what few see", "a human by untrusted_to_write"},
		{" ", "private -1s  ", "from ", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, reaches, mark, carries, unasked string) {
		var s audit.Stored
		s.Case = audit.Case{Visibility: "public", Reaches: reaches, Marks: []string{mark}, Carries: []string{carries}, Unasked: []string{unasked}}
		flow, ok, err := gate.FlowCaseOf(s)
		if ok != (err == nil) {
			t.Fatal(ok, err)
		}
		if d := flow.Decide(p); d.Deny && d.Ask || d.Rule == "" && (d.Deny || d.Ask) {
			t.Fatalf("%+v", d)
		}
	})
}
