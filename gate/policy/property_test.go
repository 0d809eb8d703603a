package policy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"aegis/internal/canon"
)

// A draft is a policy that can be changed: keys that go into a section, each
// with entries. It is written as YAML, so that properties hold for the whole
// way from the file to the decision.
type draft struct {
	readDeny bool // defaults.read
	opens    bool // builtin_paths: off
	global   part
	sections []part
}

type part struct {
	pattern  string
	id       int64
	opinions map[string]string   // read, write, automation
	lists    map[string][]string // "tools.allow" and so on; present if the key is

	principals []string // none: everybody
}

var (
	draftRepos    = []string{"a/b", "a/c", "b/b", "b/bc"}
	draftPatterns = []string{"*/*", "a/*", "a/b", "b/b*", "*/b", "b/bc", "a/c"}
	draftPaths    = []string{"a", "a/b", "a/b/c", "A/x", "x.md", "d/x.md", ".gitea/x.yml", "d/.env", "D/.ENV"}
	draftGlobs    = []string{"**", "a", "a/**", "**/*.md", "*", "a/b", "a/b/**", "**/.env", "[ab]/*", "d/*", ".gitea/**", "{a,d}/**", "?/b"}
	draftBranches = []string{"", "main", "agent/x", "Agent/x"}
	draftBGlobs   = []string{"**", "main", "agent/**", "*"}
	draftWho      = []string{"", "ann", "Ann", "bob", "ci-1", "job:x", "JOB:x", "job:y"}
	draftWhoGlobs = []string{"ann", "b*", "*", "ci-?", "{ann,bob}", "ANN", "job:*", "job:x"}
	draftTools    = []string{"get_me", "get_repository", "get_file_contents", "get_file_tree", "commit_files", "dispatch_workflow"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func newDraft(r *rand.Rand) draft {
	d := draft{readDeny: r.IntN(4) == 0, opens: r.IntN(2) == 0, global: newPart(r, "")}
	patterns := slices.Clone(draftPatterns)
	r.Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
	for _, pattern := range patterns[:r.IntN(4)] {
		d.sections = append(d.sections, newPart(r, pattern))
		for range r.IntN(3) {
			p := newPart(r, pattern)
			for range 1 + r.IntN(2) {
				p.principals = append(p.principals, pick(r, draftWhoGlobs))
			}
			d.sections = append(d.sections, p)
		}
	}
	return d
}

func newPart(r *rand.Rand, pattern string) part {
	p := part{pattern: pattern, opinions: map[string]string{}, lists: map[string][]string{}}
	keys := []string{"tools", "paths"}
	if pattern != "" {
		p.id = r.Int64N(3)
		keys = append(keys, "branches", "write_paths")
		for _, c := range []string{"read", "write", "automation"} {
			if says := pick(r, []string{"", "allow", "allow", "deny"}); says != "" {
				p.opinions[c] = says
			}
		}
	}
	for _, key := range keys {
		for _, list := range []string{".allow", ".deny"} {
			if r.IntN(3) == 0 {
				p.lists[key+list] = []string{}
				for range r.IntN(4) {
					p.add(r, key+list)
				}
			}
		}
	}
	return p
}

func (p *part) add(r *rand.Rand, list string) {
	from := draftGlobs
	switch {
	case strings.HasPrefix(list, "tools"):
		from = draftTools
	case strings.HasPrefix(list, "branches"):
		from = draftBGlobs
	}
	p.lists[list] = append(p.lists[list], pick(r, from))
}

// yaml writes the draft; r shuffles everything that may be shuffled.
func (d draft) yaml(r *rand.Rand) string {
	var top []string
	top = append(top, "version: 1\n")
	if d.readDeny {
		top = append(top, "defaults: {read: deny}\n")
	}
	if d.opens {
		top = append(top, "builtin_paths: off\n")
	}
	top = append(top, d.global.yaml(r, "")...)
	if len(d.sections) > 0 {
		under := make(map[string][]string) // sections by their pattern
		for _, s := range d.sections {
			keys := s.yaml(r, "")
			shuffle(r, keys)
			for i := range keys {
				keys[i] = strings.TrimSuffix(keys[i], "\n")
			}
			under[s.pattern] = append(under[s.pattern], "{"+strings.Join(keys, ", ")+"}")
		}
		var all []string
		for _, pattern := range slices.Sorted(maps.Keys(under)) {
			sections := under[pattern]
			if len(sections) == 1 && r.IntN(2) == 0 {
				all = append(all, fmt.Sprintf("  %q: %s\n", pattern, sections[0]))
				continue
			}
			shuffle(r, sections)
			all = append(all, fmt.Sprintf("  %q:\n    - %s\n", pattern, strings.Join(sections, "\n    - ")))
		}
		shuffle(r, all)
		top = append(top, "repositories:\n"+strings.Join(all, ""))
	}
	shuffle(r, top)
	return strings.Join(top, "")
}

func (p part) yaml(r *rand.Rand, indent string) []string {
	var keys []string
	if len(p.principals) > 0 {
		keys = append(keys, fmt.Sprintf("%sprincipals: [%q]\n", indent, strings.Join(p.principals, `", "`)))
		keys[0] = strings.ReplaceAll(keys[0], `\"`, `"`)
	}
	if p.id > 0 {
		keys = append(keys, fmt.Sprintf("%sid: %d\n", indent, p.id))
	}
	for c, says := range p.opinions {
		keys = append(keys, indent+c+": "+says+"\n")
	}
	for _, key := range []string{"tools", "paths", "branches", "write_paths"} {
		var inner []string
		for _, list := range []string{"allow", "deny"} {
			if entries, ok := p.lists[key+"."+list]; ok {
				quoted := make([]string, len(entries))
				for i, e := range entries {
					quoted[i] = fmt.Sprintf("%q", e)
				}
				shuffle(r, quoted)
				inner = append(inner, list+": ["+strings.Join(quoted, ", ")+"]")
			}
		}
		if len(inner) > 0 {
			shuffle(r, inner)
			keys = append(keys, indent+key+": {"+strings.Join(inner, ", ")+"}\n")
		}
	}
	slices.Sort(keys) // maps have no order; shuffling has
	return keys
}

// parseDraft parses what chance has written: some of its rules have no effect.
func parseDraft(t testing.TB, source string) *Policy {
	t.Helper()
	p, _, err := parsePolicy("policy.yaml", []byte(source), true)
	if err != nil {
		t.Fatalf("policy does not load:\n%v", err)
	}
	return p
}

// draftFloor is parseDraft for a floor.
func draftFloor(t testing.TB, source string) *Policy {
	t.Helper()
	p, _, _ := asFloor(parseDraft(t, source), nil, nil)
	return p
}

func shuffle(r *rand.Rand, all []string) {
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
}

// stricter adds an entry to a deny-list, which may be new or the built-in one, or
// a denied capability, or takes an entry out of an allow-list that stays.
func (d *draft) stricter(r *rand.Rand) {
	p := &d.global
	if len(d.sections) > 0 && r.IntN(3) > 0 {
		p = &d.sections[r.IntN(len(d.sections))]
	}
	switch r.IntN(4) {
	case 3:
		d.opens = false
	case 0:
		if p.pattern != "" {
			p.opinions[pick(r, []string{"read", "write", "automation"})] = "deny"
			return
		}
		d.readDeny = true
	case 1:
		for key, entries := range p.lists {
			if strings.HasSuffix(key, ".allow") && len(entries) > 0 {
				i := r.IntN(len(entries))
				p.lists[key] = slices.Delete(entries, i, i+1)
				return
			}
		}
	default:
		keys := []string{"tools.deny", "paths.deny"}
		if p.pattern != "" {
			keys = append(keys, "branches.deny", "write_paths.deny")
		}
		p.add(r, pick(r, keys))
	}
}

func newQuery(r *rand.Rand) Case {
	name := pick(r, draftTools)
	c, _ := ToolCapability(name)
	q := Case{Tool: name, Capability: c, Principal: pick(r, draftWho)}
	if name == "get_me" {
		return q
	}
	q.Repo = repository(pick(r, draftRepos))
	for range r.IntN(3) {
		q.Paths = append(q.Paths, path(pick(r, draftPaths)))
	}
	if c == Read {
		q.Folder = r.IntN(2) == 0
	} else {
		q.Branch = pick(r, draftBranches)
		q.Default = pick(r, []DefaultBranch{IsDefault, AskedLater, NotDefault})
	}
	return q
}

func rounds() int {
	if testing.Short() {
		return 200
	}
	return 2000
}

func TestI7_AddingADenyNeverPermitsMore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 1))
	fewer, allowed := 0, 0
	for range rounds() {
		d := newDraft(r)
		before := d.yaml(r)
		old := parseDraft(t, before)
		d.stricter(r)
		after := d.yaml(r)
		now := parseDraft(t, after)
		for range 40 {
			q := newQuery(r)
			was, is := old.Decide(q).Allow, now.Decide(q).Allow
			if is && !was {
				t.Fatalf("%+v was denied and is allowed\n%s\n---\n%s", q, before, after)
			}
			if was {
				allowed++
				if !is {
					fewer++
				}
			}
			if old.For(q.Principal).Repository(q.Repo, q.Tool).Allow != was && q.Capability == Read && len(q.Paths) == 0 && !q.Repo.IsZero() {
				t.Fatalf("%+v: a row is judged otherwise than a call\n%s", q, before)
			}
		}
		if now.CanHideRepositories() != true && old.CanHideRepositories() {
			t.Fatalf("a stricter policy can't hide what a laxer one can\n%s\n---\n%s", before, after)
		}
	}
	if allowed < rounds() || fewer < rounds()/10 {
		t.Errorf("the property is hollow: %d allowed, %d of them denied later", allowed, fewer)
	}
}

// What may not be read may not be written either: a dry run would tell of it.
func TestI7_WritingNeedsReading(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 5))
	written, unread := 0, 0
	for range rounds() {
		source := newDraft(r).yaml(r)
		p := parseDraft(t, source)
		for range 40 {
			q := newQuery(r)
			if q.Capability == Read {
				continue
			}
			d, view := p.Decide(q), p.For(q.Principal)
			read := view.Repository(q.Repo, "").Allow
			for _, at := range q.Paths {
				read = read && view.Path(q.Repo, at).Allow
			}
			if d.Allow && !read {
				t.Fatalf("%+v is allowed, reading is not\n%s", q, source)
			}
			if d.Allow {
				written++
			}
			if !read {
				unread++
			}
		}
	}
	if written < rounds()/20 || unread < rounds() {
		t.Errorf("the property is hollow: %d written, %d unreadable", written, unread)
	}
}

// Knowing more of a repository than its name never permits more.
func TestI7_KnowingNeverPermitsMore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 6))
	fewer, allowed := 0, 0
	for range rounds() {
		source := newDraft(r).yaml(r)
		p := parseDraft(t, source)
		who := Identity{IDs: []int64{r.Int64N(3), r.Int64N(3)}}
		for range r.IntN(3) {
			who.Former = append(who.Former, repository(pick(r, draftRepos)))
		}
		known := p.Knowing(func(canon.Repo) Identity { return who })
		for range 40 {
			q := newQuery(r)
			was, is := p.Decide(q).Allow, known.Decide(q).Allow
			p, view := p.For(q.Principal), known.For(q.Principal)
			if is && !was || view.Repository(q.Repo, q.Tool).Allow && !p.Repository(q.Repo, q.Tool).Allow {
				t.Fatalf("%+v is allowed for %+v\n%s", q, who, source)
			}
			if d, e := known.Decide(q), known.Explain(q); d != e.Decision || d.Allow != (len(e.Against) == 0) {
				t.Fatalf("%+v: %+v is not %+v", q, e, d)
			}
			for _, former := range who.Former {
				if is && !q.Repo.IsZero() && !p.Repository(former, q.Tool).Allow {
					t.Fatalf("%+v is allowed, and was not as %s\n%s", q, former, source)
				}
			}
			if was {
				allowed++
				if !is {
					fewer++
				}
			}
		}
		if !known.CanHideRepositories() && !known.Repository(repository("a/b"), "").Allow {
			t.Fatalf("hidden for %+v\n%s", who, source)
		}
	}
	if allowed < rounds() || fewer < rounds()/10 {
		t.Errorf("the property is hollow: %d allowed, %d of them denied", allowed, fewer)
	}
}

func TestI7_OrderNeverMatters(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 2))
	for range rounds() {
		d := newDraft(r)
		one, other := d.yaml(r), d.yaml(r)
		a, b := parseDraft(t, one), parseDraft(t, other)
		for range 40 {
			q := newQuery(r)
			x, y := a.Decide(q), b.Decide(q)
			if x.Allow != y.Allow || x.Ask != y.Ask || len(a.Explain(q).Against) != len(b.Explain(q).Against) {
				t.Fatalf("%+v\n%+v by\n%s\n%+v by\n%s", q, x, one, y, other)
			}
		}
	}
}

// What is allowed must also be reachable: a tool that is hidden as never
// allowed is never allowed, a repository that can't be hidden never is, and
// the folders above a visible path are visible.
func TestShortcutsNeverContradictDecisions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 3))
	for range rounds() {
		source := newDraft(r).yaml(r)
		p := parseDraft(t, source)
		for range 40 {
			q := newQuery(r)
			d, p := p.Decide(q), p.For(q.Principal)
			if d.Allow && !p.AllowsTool(q.Tool, q.Capability) {
				t.Fatalf("%+v is allowed, the tool is not\n%s", q, source)
			}
			if !q.Repo.IsZero() && !p.CanHideRepositories() && !p.Repository(q.Repo, "").Allow {
				t.Fatalf("%s is hidden\n%s", q.Repo, source)
			}
			for _, at := range q.Paths {
				if !p.Path(q.Repo, at).Allow && !p.Folder(q.Repo, at).Allow {
					continue
				}
				for folder := range folders(at.String()) {
					if !p.Folder(q.Repo, path(folder)).Allow {
						t.Fatalf("%s shows in %s, its folder %q does not\n%s", at, q.Repo, folder, source)
					}
				}
			}
		}
	}
}

func TestI7_ExplainIsWhatTheGateCalls(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 4))
	for i := range rounds() {
		p := parseDraft(t, newDraft(r).yaml(r))
		if i%2 == 0 {
			p = OnFloor(p, draftFloor(t, newDraft(r).yaml(r)))
		}
		for range 20 {
			q := newQuery(r)
			d, e := p.Decide(q), p.Explain(q)
			if d != e.Decision || d.Allow != (len(e.Against) == 0) || !d.Allow && e.Against[0] != d || e.Origins[0].SHA256 != p.SHA256() {
				t.Fatalf("%+v is not %+v", e, d)
			}
			if !strings.Contains(e.String(), d.Rule.String()) || !strings.Contains(e.String(), d.Why) {
				t.Fatalf("%s does not tell %+v", e, d)
			}
			if d.Rule.String() == "" || d.Why == "" || d.Allow != (d.Code == "") {
				t.Fatalf("a decision without a rule: %+v", d)
			}
		}
	}
}
