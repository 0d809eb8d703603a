package gate_test

import (
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

const lettingJobs = `version: 1
repositories:
  acme/open: {write: allow}
  acme/closed: {write: allow, automation: allow}
  acme/inside:
    - {write: allow, automation: allow}
    - {principals: ["job:*"], write: deny}
`

func (f *forum) openTo(t *testing.T, policy string) *gatetest.Door {
	t.Helper()
	return gatetest.Open(t, gatetest.Config{
		URL: f.proxy(t).URL, Policy: policy, Write: true, Tools: []tools.Tool{writer(), reader()},
		Repos: []canon.Repo{repo(t, "acme/open"), repo(t, "acme/closed"), repo(t, "acme/inside")},
	})
}

// What a job writes needs the second key, at the door as in the policy; who is called like
// a job and is none needs it not, and is not let in by what jobs are allowed.
func TestI8_AJobWritesWithTwoKeysOfPolicy(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.openTo(t, lettingJobs)
	job := func(name string) *caller.Caller {
		writable := []canon.Repo{repo(t, "acme/open"), repo(t, "acme/closed"), repo(t, "acme/inside")}
		return caller.New(caller.Config{ID: canon.JobPrincipal(name), Principal: canon.JobPrincipal(name), Writable: writable})
	}
	for _, c := range []struct {
		who  *caller.Caller
		repo string
		code gate.Code
		rule string
	}{
		{job("stale"), "acme/open", gate.PolicyDenied, "policy.yaml defaults.automation"},
		{job("stale"), "acme/closed", "", ""},
		{job("stale"), "acme/inside", gate.PolicyDenied, "policy.yaml:7 write"},
		{d.Another("job:stale"), "acme/open", "", ""}, // a user of the machine
		{d.Another("job:stale"), "acme/inside", "", ""},
	} {
		before := f.written.Load()
		d.Caller, d.Connection = c.who, caller.ConnectRun(caller.Run{Job: "stale", Trigger: "hand", Number: 7})
		a := d.Ask("create_comment", map[string]any{"repo": c.repo, "text": "hello"})
		if a.Code != c.code || (f.written.Load() > before) != (c.code == "") {
			t.Errorf("%s in %s: %q, want %q", c.who.Principal(), c.repo, a.Code, c.code)
		}
		if rule, _ := a.Refusal()["rule"].(string); rule != c.rule {
			t.Errorf("%s in %s: by %q, want %q", c.who.Principal(), c.repo, rule, c.rule)
		}
		if hint, _ := a.Refusal()["hint"].(string); strings.HasSuffix(c.rule, "automation") != strings.Contains(hint, "automation: allow") {
			t.Errorf("%s in %s: the hint is %q", c.who.Principal(), c.repo, hint)
		}
	}
	var wants []string
	for _, e := range d.Entries() {
		if e["kind"] == "decision" && e["job"] == "stale" && e["trigger"] == "hand" && e["run"] == 7.0 && e["delivery"] == nil {
			principal, _ := e["principal"].(string)
			wants = append(wants, principal)
		}
	}
	if !slices.Equal(slices.Compact(wants), []string{"job:stale", "user job:stale"}) {
		t.Errorf("decisions of %q", wants)
	}
}

// Without the second key a job is offered no tool that writes, and is told why.
func TestAJobIsOfferedWhatItMayDo(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.openTo(t, lettingJobs)
	job := func(in string) *caller.Caller {
		return caller.New(caller.Config{ID: "job:x", Principal: "job:x", Writable: []canon.Repo{repo(t, in)}})
	}
	for in, writes := range map[string]bool{"acme/open": false, "acme/closed": true, "acme/inside": false} {
		c := job(in)
		if d.Gate.Offers(c)("create_comment", writer().Capability) != writes {
			t.Errorf("%s: offered %t", in, !writes)
		}
		why := d.Gate.WritesNothing(c)
		if in == "acme/open" && !strings.Contains(why, "automation: allow") || writes && why != "" {
			t.Errorf("%s: %q", in, why)
		}
	}
	if why := d.Gate.WritesNothing(d.Another("x")); strings.Contains(why, "automation") {
		t.Error(why)
	}
}
