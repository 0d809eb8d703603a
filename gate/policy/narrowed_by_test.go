package policy

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"aegis/internal/canon"
)

// pair is a policy, another, and the first narrowed by the second.
type pair struct{ server, own, both *Policy }

// parseAs parses what is called so, so that it shows whose rule decides.
func parseAs(t testing.TB, name, source string) *Policy {
	t.Helper()
	p, _, err := parsePolicy(name, []byte(source), true)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	return p
}

func newPair(server, own *Policy) pair { return pair{server, own, server.NarrowedBy(own)} }

// as is a pair as it applies to who asks and what is known.
func (p pair) as(q Case, known Identity) pair {
	of := func(canon.Repo) Identity { return known }
	view := func(each *Policy) *Policy { return each.Knowing(of).For(q.Principal) }
	return pair{view(p.server), view(p.own), view(p.both)}
}

// joined reports whether a decision is that of two policies: it permits what both
// permit, and refuses in the words of one that refuses.
func (p pair) joined(server, own, both Decision) bool {
	if !server.Allow || !own.Allow {
		return !both.Allow && (!server.Allow && both == server || !own.Allow && both == own)
	}
	return both.Allow && both.Ask == (server.Ask || own.Ask)
}

// narrowing says for each method of a policy what it is of two. A method that is
// missing here is one that somebody forgot to narrow.
var narrowing = map[string]func(p pair, q Case) bool{
	"Decide": func(p pair, q Case) bool {
		s, o, b := p.server.Decide(q), p.own.Decide(q), p.both.Decide(q)
		if b.Ask && b.AskRule != s.AskRule && (s.Ask || b.AskRule != o.AskRule) {
			return false
		}
		return p.joined(s, o, b)
	},
	"Explain": func(p pair, q Case) bool {
		e := p.both.Explain(q)
		return e.Decision == p.both.Decide(q) && e.Decision.Allow == (len(e.Against) == 0) && strings.Contains(e.String(), p.server.SHA256())
	},
	"Repository": func(p pair, q Case) bool {
		return p.joined(p.server.Repository(q.Repo, q.Tool), p.own.Repository(q.Repo, q.Tool), p.both.Repository(q.Repo, q.Tool)) &&
			p.joined(p.server.Repository(q.Repo, ""), p.own.Repository(q.Repo, ""), p.both.Repository(q.Repo, ""))
	},
	"OwnerVisible": func(p pair, q Case) bool {
		for _, name := range []string{"a", "b", "elsewhere"} {
			if !p.joined(p.server.OwnerVisible(owner(name), q.Tool), p.own.OwnerVisible(owner(name), q.Tool), p.both.OwnerVisible(owner(name), q.Tool)) {
				return false
			}
		}
		return true
	},
	"Path": func(p pair, q Case) bool {
		for _, at := range q.Paths {
			if !p.joined(p.server.Path(q.Repo, at), p.own.Path(q.Repo, at), p.both.Path(q.Repo, at)) {
				return false
			}
		}
		return true
	},
	"Folder": func(p pair, q Case) bool {
		for _, at := range q.Paths {
			if !p.joined(p.server.Folder(q.Repo, at), p.own.Folder(q.Repo, at), p.both.Folder(q.Repo, at)) {
				return false
			}
		}
		return true
	},
	"In": func(p pair, q Case) bool {
		for _, at := range q.Paths {
			if p.both.In(q.Repo).Path(at) != p.both.Path(q.Repo, at) || p.both.In(q.Repo).Folder(at) != p.both.Folder(q.Repo, at) {
				return false
			}
		}
		return true
	},
	"ForksSeparate": func(p pair, q Case) bool {
		return p.both.ForksSeparate(q.Repo) == (p.server.ForksSeparate(q.Repo) && p.own.ForksSeparate(q.Repo))
	},
	"Openings": func(p pair, q Case) bool {
		known := p.both.identify(q.Repo)
		s, o, b := p.server.Openings(q.Repo, known), p.own.Openings(q.Repo, known), p.both.Openings(q.Repo, known)
		inBoth := slices.DeleteFunc(slices.Clone(s.Tools), func(tool string) bool { return !slices.Contains(o.Tools, tool) })
		asked := slices.DeleteFunc(slices.Clone(inBoth), func(tool string) bool { return !slices.Contains(s.Ask, tool) && !slices.Contains(o.Ask, tool) })
		return slices.Equal(b.Tools, inBoth) && slices.Equal(b.Ask, asked) && (b.All || !s.All || !o.All) &&
			b.DefaultBranch == (s.DefaultBranch && o.DefaultBranch) && (!b.Write || s.Write && o.Write) && (!b.Automation || s.Automation && o.Automation) &&
			b.Branches.joins(s.Branches, o.Branches) && b.WritePaths.joins(s.WritePaths, o.WritePaths) && b.Paths.joins(s.Paths, o.Paths)
	},
	"Untrusted": func(p pair, q Case) bool {
		return p.both.Untrusted(q.Repo) == min(p.server.Untrusted(q.Repo), p.own.Untrusted(q.Repo))
	},
	"CanHideRepositories": func(p pair, _ Case) bool {
		return p.both.CanHideRepositories() == (p.server.CanHideRepositories() || p.own.CanHideRepositories())
	},
	"CanHidePathsOfSome": func(p pair, _ Case) bool {
		return p.both.CanHidePathsOfSome() == (p.server.CanHidePathsOfSome() || p.own.CanHidePathsOfSome())
	},
	"Concerns": func(p pair, q Case) bool {
		return p.both.Concerns(q.Repo) == (p.server.Concerns(q.Repo) || p.own.Concerns(q.Repo))
	},
	"AllowsTool": func(p pair, q Case) bool {
		return p.both.AllowsTool(q.Tool, q.Capability) == (p.server.AllowsTool(q.Tool, q.Capability) && p.own.AllowsTool(q.Tool, q.Capability))
	},
	"AllowsToolIn": func(p pair, q Case) bool {
		in := func(each *Policy) bool { return each.AllowsToolIn(q.Repo, q.Tool, q.Capability) }
		return in(p.both) == (in(p.server) && in(p.own))
	},
	"Limits": func(p pair, _ Case) bool {
		return reflect.DeepEqual(p.both.Limits(), least(p.server.Limits(), p.own.Limits()))
	},
	"Flow": func(p pair, _ Case) bool {
		s, o := p.server.Flow(), p.own.Flow()
		return p.both.Flow() == Flow{min(s.PrivateToPublic, o.PrivateToPublic), min(s.UntrustedToWrite, o.UntrustedToWrite), max(s.ForgetAfter, o.ForgetAfter)}
	},
	"FlowRule": func(p pair, _ Case) bool {
		both, of := p.both.FlowRule("private_to_public"), p.server
		if p.own.Flow().PrivateToPublic < p.server.Flow().PrivateToPublic {
			of = p.own
		}
		return both == of.FlowRule("private_to_public")
	},
	"SecretsAllow": func(p pair, _ Case) bool {
		for _, allowed := range p.both.SecretsAllow() {
			if !slices.Contains(p.server.SecretsAllow(), allowed) || !slices.Contains(p.own.SecretsAllow(), allowed) {
				return false
			}
		}
		return true
	},
	"Summary": func(p pair, _ Case) bool {
		s, o, b := p.server.Summary(), p.own.Summary(), p.both.Summary()
		return b.SHA256 == s.SHA256 && b.Source == s.Source && b.ReadByDefault == (s.ReadByDefault && o.ReadByDefault) && b.Limits == p.both.Limits() &&
			b.Sections == s.Sections+o.Sections && b.ReadDenied == s.ReadDenied+o.ReadDenied && b.ReadAllowed == s.ReadAllowed+o.ReadAllowed &&
			b.PathRules >= max(s.PathRules, o.PathRules)
	},
	"SHA256": func(p pair, _ Case) bool { return p.both.SHA256() == p.server.SHA256() },
	"Source": func(p pair, _ Case) bool { return p.both.Source() == p.server.Source() },
	"Origins": func(p pair, _ Case) bool {
		return slices.Equal(p.both.Origins(), append(p.server.Origins(), p.own.Origins()...))
	},
	"For": func(p pair, q Case) bool {
		return p.both.For(q.Principal).Decide(by("", q)) == p.both.Decide(q) || q.Principal == ""
	},
	"Knowing": func(p pair, q Case) bool {
		by := func(each *Policy) Decision {
			return each.Knowing(func(canon.Repo) Identity { return Identity{IDs: []int64{1}} }).Decide(q)
		}
		return p.joined(by(p.server), by(p.own), by(p.both))
	},
	"Needs": func(p pair, q Case) bool {
		needs := p.both.Needs(Write)
		return slices.Equal(needs, p.server.Needs(Write)) && slices.Equal(needs, p.own.Needs(Write)) && slices.Contains(needs, Automation) == canon.IsJob(q.Principal)
	},
	"NarrowedBy": func(p pair, q Case) bool {
		return p.both.NarrowedBy(nil) == p.both && p.both.NarrowedBy(p.both).Decide(q) == p.both.Decide(q) &&
			p.own.NarrowedBy(p.server).Decide(q).Allow == p.both.Decide(q).Allow && p.server.NarrowedBy(p.server).Decide(q) == p.server.Decide(q)
	},
}

// joins reports whether what passes one and the other passes p, and nothing else does.
func (p Passage) joins(one, other Passage) bool {
	return p.denies == (one.denies || other.denies) && reflect.DeepEqual(p.lists, append(slices.Clone(one.lists), other.lists...))
}

func least(a, b Limits) Limits {
	less := func(a, b int64) int64 {
		switch {
		case a == 0:
			return b
		case b == 0:
			return a
		}
		return min(a, b)
	}
	return Limits{
		int(less(int64(a.CallsPerMinute), int64(b.CallsPerMinute))), int(less(int64(a.CallsPerMinutePerTool), int64(b.CallsPerMinutePerTool))),
		int(less(int64(a.CallsPerHour), int64(b.CallsPerHour))), less(a.WritesPerSession, b.WritesPerSession),
		less(a.BytesPerSession, b.BytesPerSession), int(less(int64(a.BytesPerAnswer), int64(b.BytesPerAnswer))),
	}
}

func TestEveryMethodOfAPolicyIsNarrowed(t *testing.T) {
	t.Parallel()
	of := reflect.TypeFor[*Policy]()
	for i := range of.NumMethod() {
		if name := of.Method(i).Name; narrowing[name] == nil {
			t.Errorf("nobody says what %s is of two policies", name)
		}
	}
	if len(narrowing) != of.NumMethod() {
		t.Errorf("%d methods, %d of them narrowed", of.NumMethod(), len(narrowing))
	}
}

// hold holds a pair to all that narrowing means.
func (p pair) hold(t *testing.T, q Case, known Identity) {
	t.Helper()
	as := p.as(q, known)
	for name, holds := range narrowing {
		if (q.Repo.IsZero() && strings.Contains("Concerns ForksSeparate Openings Untrusted", name)) || holds(as, q) {
			continue
		}
		t.Fatalf("%s of %+v, known as %+v\n%s\n---\n%s", name, q, known, Describe(p.server), Describe(p.own))
	}
}

func TestNarrowedPermitsWhatBothPermit(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 9))
	allowed, byServer, byOwn, asks := 0, 0, 0, 0
	for range rounds() / 4 {
		p := newPair(parseAs(t, "server.yaml", settled(r)), parseAs(t, "own.yaml", settled(r)))
		for range 10 {
			q := newQuery(r)
			var known Identity
			if r.IntN(3) == 0 {
				known = Identity{IDs: []int64{r.Int64N(3)}, Former: []canon.Repo{repository(pick(r, draftRepos))}}
			}
			if r.IntN(3) == 0 && !q.Repo.IsZero() {
				q.Lineage = []Place{{Name: repository(pick(r, draftRepos))}}
			}
			p.hold(t, q, known)
			switch d := p.both.Decide(q); {
			case d.Allow:
				allowed++
				if d.Ask {
					asks++
				}
			case d.Rule.File == "own.yaml":
				byOwn++
			case d.Rule.File == "server.yaml":
				byServer++
			}
		}
	}
	if least := rounds() / 200; allowed < least || byServer < least || byOwn < least || asks < least {
		t.Errorf("the property is hollow: %d allowed, %d asked, %d denied by the server's, %d by the own", allowed, asks, byServer, byOwn)
	}
}

// settled is a draft with settings.
func settled(r *rand.Rand) string {
	source := newDraft(r).yaml(r)
	for _, setting := range []string{
		"untrusted: hide\n", "forks: inherit\n", "approve: [get_repository, commit_files]\n",
		"flow: {private_to_public: ask, untrusted_to_write: deny}\n", "flow: {private_to_public: allow, forget_after: 9h}\n",
		"limits: {calls_per_minute: 7, bytes_per_session: 9000}\n", "limits: {calls_per_minute: 9, calls_per_minute_per_tool: 2, bytes_per_answer: 300}\n",
		"secrets: {allow: [generic-api-key@5f2b8c0e9a71d364, jwt@5f2b8c0e9a71d364]}\n", "secrets: {allow: [jwt@5f2b8c0e9a71d364]}\n",
	} {
		key, _, _ := strings.Cut(setting, ":")
		if r.IntN(3) == 0 && !strings.Contains(source, "\n"+key+":") {
			source = strings.TrimSuffix(source, "\n") + "\n" + setting
		}
	}
	return source
}

// Three policies are one as well, as two are.
func TestNarrowedAgain(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 10))
	for range rounds() / 20 {
		a, b, c := parseAs(t, "a.yaml", settled(r)), parseAs(t, "b.yaml", settled(r)), parseAs(t, "c.yaml", settled(r))
		newPair(a.NarrowedBy(b), c).hold(t, newQuery(r), Identity{})
		newPair(a, b.NarrowedBy(c)).hold(t, newQuery(r), Identity{})
	}
}

// FuzzNarrowedBy: whatever two files say, narrowed is both.
func FuzzNarrowedBy(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(corpus, "good", "*.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for i, file := range files {
		one, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		other, err := os.ReadFile(files[(i+1)%len(files)])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(one, other, "ann")
	}
	queries := []Case{
		ask("get_me", ""), ask("get_repository", "acme/hr-x"), ask("get_file_contents", "a/b", "secrets/x", ".env"),
		ask("get_file_tree", "acme/service-a", "src/"), ask("commit_files", "acme/sandbox", "docs/a"), ask("dispatch_workflow", "acme/x"),
	}
	f.Fuzz(func(t *testing.T, one, other []byte, who string) {
		server, _, err := Parse("server.yaml", one)
		if err != nil {
			return
		}
		own, _, err := Parse("own.yaml", other)
		if err != nil {
			return
		}
		for _, q := range queries {
			newPair(server, own).hold(t, by(who, q), Identity{})
		}
	})
}
