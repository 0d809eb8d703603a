package policy

import (
	"math/rand/v2"
	"strings"
	"testing"

	"aegis/internal/canon"
)

// by asks a case for somebody.
func by(principal string, c Case) Case {
	c.Principal = principal
	return c
}

func TestASectionAppliesToItsPrincipals(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
repositories:
  "acme/app":
    - {write: allow}
    - {principals: [ci-*], branches: {allow: ["ci/**"]}}
    - principals: [guest]
      read: deny
      reason: not for guests
  "acme/lab":
    principals: [alice, "bob-?"]
    write: allow
    forks: separate
`)
	write := func(repo, branch string) Case {
		return row{query: ask("commit_files", repo, "a")}.on(branch, NotDefault).query
	}
	for _, c := range []struct {
		who   string
		query Case
		rule  string // of the refusal, "" if allowed
	}{
		{"alice", write("acme/app", "any"), ""},
		{"ci-7", write("acme/app", "ci/x"), ""},
		{"ci-7", write("acme/app", "any"), "policy.yaml:5 branches.allow"},
		{"guest", ask("get_repository", "acme/app"), "policy.yaml:7 read"},
		{"alice", ask("get_repository", "acme/app"), ""},
		{"alice", write("acme/lab", "any"), ""},
		{"bob-1", write("acme/lab", "any"), ""},
		{"bob-12", write("acme/lab", "any"), "policy.yaml defaults.write"},
		// Letters of another case deny, and don't allow.
		{"Guest", ask("get_repository", "acme/app"), "policy.yaml:7 read"},
		{"Alice", write("acme/lab", "any"), "policy.yaml defaults.write"},
		// So does not knowing who asks.
		{"", ask("get_repository", "acme/app"), "policy.yaml:7 read"},
		{"", write("acme/lab", "any"), "policy.yaml defaults.write"},
	} {
		d := p.Decide(by(c.who, c.query))
		if d.Allow != (c.rule == "") || !d.Allow && d.Rule.String() != c.rule {
			t.Errorf("%q, %s on %s: %+v, want %q", c.who, c.query.Tool, c.query.Repo, d, c.rule)
		}
	}
	lab := repository("acme/lab")
	for who, separate := range map[string]bool{"alice": true, "carol": false, "": false, "ALICE": false} {
		if p.For(who).ForksSeparate(lab) != separate || p.For(who).AllowsToolIn(lab, "create_issue", Write) != separate {
			t.Errorf("%q: %t", who, !separate)
		}
	}
	if d := p.For("guest").Repository(repository("acme/app"), ""); d.Allow || d.Reason != "not for guests" {
		t.Errorf("%+v", d)
	}
	if !p.For("guest").CanHideRepositories() || p.For("alice").CanHideRepositories() || !p.CanHideRepositories() {
		t.Error("what can be hidden from whom")
	}
	if p.For("carol").Summary().Sections != 1 || p.For("guest").Summary().ReadDenied != 1 {
		t.Error("a summary counts what is about others")
	}
	e := p.Explain(by("guest", ask("get_repository", "acme/app"))).String()
	if !strings.HasPrefix(e, "deny   get_repository on acme/app for guest\n") || strings.Contains(e, "policy.yaml:5") || !strings.Contains(e, "applies    policy.yaml:6 acme/app") {
		t.Error(e)
	}
}

// Composed and decomposed letters are the same person.
func TestPrincipalsAreComparedInOneForm(t *testing.T) {
	t.Parallel()
	p := parse(t, "version: 1\nrepositories:\n  a/b: {principals: [m\u00fcller], read: deny}\n")
	for _, who := range []string{"m\u00fcller", "mu\u0308ller", "M\u00dcLLER"} {
		if p.Decide(by(who, ask("get_repository", "a/b"))).Allow {
			t.Errorf("%q reads", who)
		}
	}
}

// What is allowed when nobody knows who asks is allowed to everybody who is no job, and adding
// somebody to a section that only denies never permits more.
func TestI7_PrincipalsNeverPermitMore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	unknown, fewer := 0, 0
	for range rounds() {
		d := newDraft(r)
		source := d.yaml(r)
		old := parseDraft(t, source)
		d.sections = append(d.sections, part{pattern: "*/b*", principals: []string{pick(r, draftWhoGlobs)},
			opinions: map[string]string{pick(r, []string{"read", "write", "automation"}): "deny"}})
		now := parseDraft(t, d.yaml(r))
		for range 40 {
			q := newQuery(r)
			was := old.Decide(q).Allow
			if was && !now.Decide(q).Allow {
				fewer++
			}
			if !was && now.Decide(q).Allow {
				t.Fatalf("%+v was denied and is allowed\n%s\n---\n%s", q, source, d.yaml(r))
			}
			if !canon.IsJob(q.Principal) && old.Decide(by("", q)).Allow {
				unknown++
				if !was {
					t.Fatalf("%+v is denied, and allowed to nobody in particular\n%s", q, source)
				}
			}
		}
	}
	if unknown < rounds() || fewer < rounds()/10 {
		t.Errorf("the property is hollow: %d, %d", unknown, fewer)
	}
}
