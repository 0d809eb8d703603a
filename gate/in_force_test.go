package gate_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
)

// owner is a caller with a policy file of its own, which may not be there yet.
func owner(t *testing.T, d *gatetest.Door, name, source string) (c *caller.Caller, write func(source string)) {
	t.Helper()
	file := t.TempDir() + "/" + name + ".yaml"
	write = func(source string) {
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if source != "" {
		write(source)
	}
	c = caller.New(caller.Config{ID: "key:" + name, Principal: name, Writable: d.Caller.Writable(), Policy: file})
	return c, write
}

// entries returns what the log says of a kind, "code reason policy own".
func entries(d *gatetest.Door, kind string) (all []string) {
	for _, e := range d.Entries() {
		if e["kind"] != kind {
			continue
		}
		var words []string
		for _, member := range []string{"code", "reason"} {
			if word, ok := e[member].(string); ok {
				words = append(words, word)
			}
		}
		for _, member := range []string{"policy_sha256", "own_policy_sha256"} {
			if e[member] != nil {
				words = append(words, member)
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func TestI7_ACallersOwnPolicyOnlyNarrows(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "flow: {private_to_public: allow}\n")
	other := d.Caller
	own, _ := owner(t, d, "ci", `version: 1
flow: {private_to_public: allow}
repositories:
  "acme/*": {write: allow}
  "acme/closed": {read: deny, reason: not for ci}
  "acme/inside": {write: deny}
  "acme/circle": {approve: [create_comment]}
`)
	for _, c := range []struct {
		repo        string
		read, write gate.Code
		rule        string
	}{
		{"acme/closed", gate.PolicyDenied, gate.PolicyDenied, "ci.yaml:5 read"},
		{"acme/inside", "", gate.PolicyDenied, "ci.yaml:6 write"},
		{"acme/circle", "", gate.ApprovalUnavailable, "ci.yaml:7 approve"},
		{"acme/open", "", "", ""},
	} {
		d.Caller = own
		read, wrote := d.Ask("get_issue", map[string]any{"repo": c.repo}), d.Ask("create_comment", map[string]any{"repo": c.repo, "text": "x", "dry_run": c.write == ""})
		if read.Code != c.read || wrote.Code != c.write {
			t.Errorf("%s: %s, %s", c.repo, read.Object, wrote.Object)
		}
		if c.rule != "" && wrote.Refusal()["rule"] != c.rule {
			t.Errorf("%s: %s", c.repo, wrote.Object)
		}
		d.Caller = other
		if a := d.Ask("create_comment", map[string]any{"repo": c.repo, "text": "x", "dry_run": true}); a.IsError {
			t.Errorf("another caller: %s", a.Object)
		}
	}
	hashes := make(map[string]map[string]bool)
	for _, e := range d.Entries() {
		if who, _ := e["principal"].(string); e["policy_sha256"] != nil {
			if hashes[who] == nil {
				hashes[who] = make(map[string]bool)
			}
			text, _ := e["own_policy_sha256"].(string)
			hashes[who][text] = true
		}
	}
	if len(hashes["ci"]) != 1 || hashes["ci"][""] || len(hashes["tester"]) != 1 || !hashes["tester"][""] {
		t.Errorf("%v", hashes)
	}
}

// What the door's policy denies, none of a caller's own allows.
func TestI7_ACallersOwnPolicyNeverOpens(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "")
	if err := os.WriteFile(d.Policy, []byte("version: 1\nrepositories:\n  acme/open: {read: deny}\n  acme/inside: {principals: [tester], write: allow}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := d.Caller
	d.Caller, _ = owner(t, d, "ci", "version: 1\nbuiltin_paths: off\nrepositories:\n  acme/*: {read: allow, write: allow}\n")
	if a := d.Ask("get_issue", map[string]any{"repo": "acme/open"}); a.Refusal()["rule"] != "policy.yaml:3 read" {
		t.Errorf("%s", a.Object)
	}
	if a := write(d, "acme/inside", "x"); a.Refusal()["rule"] != "policy.yaml defaults.write" {
		t.Errorf("%s", a.Object)
	}
	d.Caller = other
	if a := write(d, "acme/inside", "x"); a.IsError {
		t.Errorf("the principal: %s", a.Object)
	}
}

// A policy that has never loaded denies everything, and sends nothing; one that has
// stays in force. Each is recorded once.
func TestABrokenOwnPolicyDenies(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "")
	own, put := owner(t, d, "ci", "")
	d.Caller = own
	ask := func() gatetest.Answer { return d.Ask("get_issue", map[string]any{"repo": "acme/open"}) }
	for range 3 {
		if a := ask(); a.Code != gate.PolicyDenied || a.Refusal()["rule"] != "ci.yaml does not load" {
			t.Fatalf("%s", a.Object)
		}
	}
	if d.Gate.Offers(own)("get_issue", policy.Read) {
		t.Error("a tool is offered")
	}
	put("version: 2\n")
	if a := ask(); a.Code != gate.PolicyDenied {
		t.Fatalf("%s", a.Object)
	}
	put("version: 1\n")
	if a := ask(); a.IsError {
		t.Fatalf("%s", a.Object)
	}
	put("version: 1\nrepositories: {acme/open: {read: deny}}\n")
	if a := ask(); a.Refusal()["rule"] != "ci.yaml:2 read" {
		t.Fatalf("%s", a.Object)
	}
	put("version: 7\n")
	for range 2 {
		if a := ask(); a.Refusal()["rule"] != "ci.yaml:2 read" {
			t.Fatalf("%s", a.Object)
		}
	}
	if err := os.Remove(own.Policy()); err != nil {
		t.Fatal(err)
	}
	if a := ask(); a.Refusal()["rule"] != "ci.yaml:2 read" {
		t.Fatalf("%s", a.Object)
	}
	for _, e := range d.Entries() {
		if e["kind"] == "policy" && e["principal"] != "ci" {
			t.Errorf("%v", e)
		}
	}
	const never, stays = "policy_not_loaded whom it is for is denied everything", "policy_not_loaded the policy in force stays own_policy_sha256"
	if got, want := entries(d, "policy"), []string{never, never, "loaded own_policy_sha256", stays, stays}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A change of the caller's own policy while its call is under way stops the write.
func TestAnOwnPolicyThatChangesStopsTheWrite(t *testing.T) {
	t.Parallel()
	f := newForum()
	var put func(string)
	changing := writer(func(*gate.Plan) { put("version: 1\nrepositories: {\"acme/*\": {write: allow}}\n# changed\n") })
	d := f.open(t, "", changing)
	d.Caller, put = owner(t, d, "ci", "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n")
	if a := write(d, "acme/open", "x"); a.Code != gate.Conflict || f.written.Load() != 0 {
		t.Errorf("%d written, %s", f.written.Load(), a.Object)
	}
}

// The stricter flow holds, and its rule is named by its file.
func TestAnOwnPolicyHasItsFlow(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "flow: {private_to_public: allow}\n")
	d.Caller, _ = owner(t, d, "ci", "version: 1\nrepositories: {\"acme/*\": {write: allow}}\nflow: {private_to_public: deny}\n")
	d.Ask("get_issue", map[string]any{"repo": "acme/closed"})
	if a := write(d, "acme/open", "x"); a.Code != gate.FlowDenied || a.Refusal()["rule"] != "ci.yaml:3 flow.private_to_public" {
		t.Errorf("%s", a.Object)
	}
}

// A finding is let through where both policies say so, and callers with different
// policies are not given each other's scrubber.
func TestFindingsAreLetThroughByBoth(t *testing.T) {
	t.Parallel()
	source, _ := allowing(t, "a "+known+" b")
	d := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Policy: source})
	tool := toy("get_me", gate.Everywhere(), says(record{"title": known}))
	both, _ := owner(t, d, "both", source)
	one, _ := owner(t, d, "one", "version: 1\n")
	for range 2 {
		for _, c := range []struct {
			caller *caller.Caller
			shown  bool
		}{{d.Caller, true}, {one, false}, {both, true}} {
			a := d.Gate.Do(t.Context(), c.caller, d.Connection, tool.Tool, gate.Call{})
			if strings.Contains(string(a.Object), "redacted:") == c.shown {
				t.Errorf("%s: %s", c.caller.Principal(), a.Object)
			}
		}
	}
}
