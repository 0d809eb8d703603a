package policy

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const forJobs = `version: 1
repositories:
  "acme/app":
    - {write: allow}
    - {principals: ["job:stale"], automation: allow}
    - {principals: ["job:never"], automation: deny}
  "acme/lab": {write: allow, automation: allow}
  "acme/shut": {principals: ["job:*"], automation: allow}
  "acme/old": {read: deny, write: allow, automation: allow}
`

// What a job writes needs write and automation; what it reads and runs, what anybody's does.
func TestI8_AJobsWritesNeedAutomation(t *testing.T) {
	t.Parallel()
	p := parseDraft(t, forJobs)
	for _, c := range []struct {
		who, tool, repo string
		rule            string // of the refusal, "" if allowed
	}{
		{"ann", "create_issue", "acme/app", ""},
		{"", "create_issue", "acme/app", ""},
		{"job", "create_issue", "acme/app", ""},
		{"user job:stale", "create_issue", "acme/app", ""},
		{"job:stale", "create_issue", "acme/app", ""},
		{"job:other", "create_issue", "acme/app", "policy.yaml defaults.automation"},
		{"job:never", "create_issue", "acme/app", "policy.yaml:6 automation"},
		{"job:", "create_issue", "acme/app", "policy.yaml defaults.automation"},
		{"JOB:stale", "create_issue", "acme/app", "policy.yaml defaults.automation"}, // other letters are not allowed
		{"JOB:other", "create_issue", "acme/app", "policy.yaml defaults.automation"},
		{"job:other", "create_issue", "acme/lab", ""},
		{"job:other", "dispatch_workflow", "acme/lab", ""},
		{"job:stale", "dispatch_workflow", "acme/app", ""},
		{"ann", "dispatch_workflow", "acme/app", "policy.yaml defaults.automation"},
		{"job:other", "create_issue", "acme/shut", "policy.yaml defaults.write"},
		{"job:other", "create_issue", "acme/old", "policy.yaml:9 read"},
		{"job:other", "get_repository", "acme/app", ""},
	} {
		capability, _ := ToolCapability(c.tool)
		q := by(c.who, Case{Tool: c.tool, Capability: capability, Repo: repository(c.repo)})
		d := p.Decide(q)
		if d.Allow != (c.rule == "") || !d.Allow && d.Rule.String() != c.rule {
			t.Errorf("%q, %s on %s: %+v, want %q", c.who, c.tool, c.repo, d, c.rule)
		}
		if asked := p.For(c.who); asked.AllowsToolIn(q.Repo, c.tool, capability) != d.Allow || asked.Decide(q) != d {
			t.Errorf("%q, %s on %s: the policy for it says otherwise", c.who, c.tool, c.repo)
		}
	}
	if p.For("job:other").For("ann").For("job:never").For("ann").Decide(by("ann", ask("create_issue", "acme/app"))) != p.Decide(by("ann", ask("create_issue", "acme/app"))) {
		t.Error("who asked before matters")
	}
	e := p.Explain(by("job:other", ask("create_issue", "acme/app"))).String()
	if !strings.HasPrefix(e, "deny   create_issue on acme/app for job:other\n  because    nothing allows automation for this repository, which a job's writing needs as well (") {
		t.Error(e)
	}
	if o := p.For("job:other").Openings(repository("acme/app"), Identity{}); o.Write || o.Automation || len(o.Tools) > 0 {
		t.Errorf("%+v", o)
	}
	if o := p.For("job:stale").Openings(repository("acme/app"), Identity{}); !o.Write || !o.Automation || !o.All {
		t.Errorf("%+v", o)
	}
}

// Each of two policies has to allow both.
func TestI8_AJobsWritesNeedAutomationInEachPolicy(t *testing.T) {
	t.Parallel()
	both, half := "{write: allow, automation: allow}", "{write: allow}"
	q := ask("create_issue", "a/b")
	for _, c := range []struct {
		one, other string
		job        bool
	}{{both, both, true}, {both, half, false}, {half, both, false}, {half, half, false}} {
		one, other := parse(t, "version: 1\nrepositories:\n  a/b: "+c.one+"\n"), parse(t, "version: 1\nrepositories:\n  a/b: "+c.other+"\n")
		for name, p := range map[string]*Policy{
			"narrowed":         one.NarrowedBy(other),
			"narrowed, asked":  one.NarrowedBy(other).For("job:x"),
			"asked, narrowed":  one.For("job:x").NarrowedBy(other),
			"asked by another": one.For("job:x").NarrowedBy(other).For("ann"),
		} {
			if got := p.Decide(by("job:x", q)).Allow; got != c.job {
				t.Errorf("%s, %s and %s: %t", name, c.one, c.other, got)
			}
			if !p.Decide(by("ann", q)).Allow {
				t.Errorf("%s, %s and %s: ann may not", name, c.one, c.other)
			}
		}
	}
}

// Without automation: allow no job writes, under whatever policy; and what a job may write
// is what it would be allowed by a policy that knows of no jobs.
func TestI8_NoJobWritesWithoutAutomation(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 1))
	writes, fewer := 0, 0
	for range rounds() {
		d := newDraft(r)
		source := d.yaml(r)
		with := parseDraft(t, source)
		for i := range d.sections {
			if d.sections[i].opinions["automation"] == "allow" {
				delete(d.sections[i].opinions, "automation")
			}
		}
		without := parseDraft(t, d.yaml(r))
		for range 40 {
			q := Case{Tool: "commit_files", Capability: Write, Repo: repository(pick(r, draftRepos)), Principal: pick(r, []string{"job:x", "job:y", "JOB:x"})}
			if without.Decide(q).Allow {
				t.Fatalf("%+v is allowed\n%s", q, d.yaml(r))
			}
			if !with.Decide(q).Allow {
				fewer++
				continue
			}
			writes++
			runs := Case{Tool: "dispatch_workflow", Capability: Automation, Repo: q.Repo, Principal: q.Principal}
			for _, refusal := range with.Explain(runs).Against {
				if strings.Contains(refusal.Rule.Key, "automation") {
					t.Fatalf("%+v is allowed, automation is not: %+v\n%s", q, refusal, source)
				}
			}
		}
	}
	if writes < rounds()/10 || fewer < rounds() {
		t.Errorf("the property is hollow: %d, %d", writes, fewer)
	}
}
