package policy

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What is told of a pattern is what is decided in a repository of it.
func TestReachIsWhatIsDecided(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 3))
	allowed, denied := 0, 0
	for i := range rounds() / 4 {
		source := newDraft(r).yaml(r)
		p := parseDraft(t, source)
		if i%2 == 0 {
			below := newDraft(r).yaml(r)
			source += "---\n" + below
			p = OnFloor(p, draftFloor(t, below))
		}
		for i, reach := range Reaches(p) {
			repo, who := repository(unknown), unnamed
			if i > 0 {
				pattern, err := parseRepoPattern(reach.Repositories)
				if err != nil {
					t.Fatal(err)
				}
				repo, _ = pattern.rows[0].sample()
			}
			if len(reach.Principals) > 0 {
				who = globOf(t, reach.Principals[0]).samples()[0]
			}
			for _, tool := range Tools() {
				c, _ := ToolCapability(tool)
				d := p.Decide(Case{Tool: tool, Capability: c, Repo: repo, Principal: who})
				told := reach.permissionOf(c)
				if d.Allow == slices.Contains(told.Not, tool) || d.Allow && !told.Allowed || d.Ask != slices.Contains(reach.Ask, tool) {
					t.Fatalf("%s on %s for %s: %+v, told %+v\n%s", tool, repo, who, d, told, source)
				}
				if d.Allow {
					allowed++
				} else {
					denied++
				}
			}
		}
	}
	if allowed < rounds()/4 || denied < rounds()/4 {
		t.Errorf("the property is hollow: %d, %d", allowed, denied)
	}
}

// A sample of a pattern is matched by it.
func FuzzSamples(f *testing.F) {
	for _, pattern := range []string{"**", "a/**/b", "[!a]x?", "{a,b}/*.md", "[a-c]", "*a*", "x/**"} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		g, err := compilePath(pattern)
		if err != nil {
			return
		}
		for _, text := range g.samples() {
			if !g.fit(text, false).whole {
				t.Fatalf("%q is no sample of %q", text, pattern)
			}
		}
	})
}

func TestCautions(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{ // "" for none
		"": "",
		"repositories: {\"*/*\": {write: allow}}\n":                                                               "policy.yaml:2 write: write is allowed in every repository",
		"repositories: {acme/x: {write: allow}}\n":                                                                "writing is opened, which the built-in policy does nowhere: acme/x",
		"defaults: {read: deny}\nrepositories: {\"*/*\": {read: allow}}\n":                                        "policy.yaml:3 read: read is allowed in every repository",
		"repositories: {\"*/*\": {read: allow}}\n":                                                                "",
		"repositories: {acme/x: {write_paths: {allow: [\".gitea/**\"]}}}\n":                                       "policy.yaml:2 write_paths.allow: \".gitea/**\" is run by CI",
		"repositories: {acme/x: {write_paths: {allow: [\"{docs,.github}/**\"]}}}\n":                               "is run by CI",
		"repositories: {acme/x: {write_paths: {allow: [\"docs/**\"]}}}\n":                                         "policy.yaml:2 write_paths.allow: it lets nobody write: nothing says write: allow for acme/x",
		"repositories: {acme/x: {branches: {allow: [\"a/**\"]}}, acme/*: {automation: allow, principals: [a]}}\n": "",
		"repositories: {acme/x: {write: allow, write_paths: {allow: [\"**\"]}}}\n":                                "writing is opened",
		"repositories: {acme/x: {branches: {allow: [\"**\"]}}}\n":                                                 "opens \"main\"",
		"repositories: {acme/x: {branches: {allow: [\"agent/**\"]}}}\n":                                           "policy.yaml:2 branches.allow: it lets nobody write",
		"flow: {private_to_public: allow}\n":                                                                      "policy.yaml:2 flow.private_to_public",
		"approve: [get_me]\n":                                                                                     "a client that can show forms",
		"flow: {untrusted_to_write: ask}\n":                                                                       "a client that can show forms",
		"repositories: {acme/x: {automation: allow}}\n":                                                           "policy.yaml:2 automation: workflows of acme/x",
		"builtin_paths: off\n":                                                                                    "files that hold credentials are opened: **/.env*",
		"builtin_paths: off\npaths: {deny: [\"**/.env*\", \"**/*.pem\", \"**/*.key\", \"**/id_*\", \"**/.netrc\", \"**/.git-credentials\"]}\n": "",
		"repositories: {acme/x: {reason: because}}\n":                "says nothing",
		"secrets: {allow: [\"generic-api-key@0123456789abcdef\"]}\n": "1 findings are shown",
	} {
		var all []string
		for _, c := range Cautions(parse(t, "version: 1\n"+source)) {
			all = append(all, c.String())
		}
		if told := strings.Join(all, "\n"); want == "" && told != "" || !strings.Contains(told, want) {
			t.Errorf("%s: %q", source, told)
		}
	}
}

// Two policies differ where a call shows it, and nowhere if they are the same.
func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		old, now, want string
		widens         bool
	}{
		{"", "", "", false},
		{"paths: {deny: [\"secrets/**\"]}\n", "", "deny → allow: get_file_contents on some-owner/repository of secrets/any", true},
		{"paths: {deny: [\"secrets/**\"]}\n", "paths: {deny: [\"secrets/*\"]}\n", "deny → allow: get_file_contents on some-owner/repository of secrets (", true},
		{"paths: {allow: [\"docs/**\"]}\n", "paths: {allow: [\"docs/*\"]}\n", "allow → deny: get_file_contents on some-owner/repository of docs/any/any", false},
		{"", "repositories: {acme/x: {write: allow}}\n", "deny → allow: commit_files, create_branch", true},
		{"repositories: {acme/x: {write: allow}}\n", "repositories: {acme/x: {write: allow, approve: [\"@write\"]}}\n", "allow → ask", false},
		{"limits: {calls_per_minute: 5}\n", "", "limits.calls_per_minute: 5 → unlimited", true},
		{"limits: {calls_per_minute: 5}\n", "limits: {calls_per_minute: 4}\n", "limits.calls_per_minute: 5 → 4", false},
		{"flow: {private_to_public: ask}\n", "flow: {private_to_public: allow}\n", "flow.private_to_public: ask → allow", true},
		{"untrusted: hide\n", "", "untrusted in some-owner/repository: hide → mark", true},
		{"repositories: {a/b: {principals: [\"ci-*\"], read: deny}}\n", "", "for ci-any", true},
		{"tools: {deny: [get_me]}\n", "", "deny → allow: get_me (policy.yaml:2 tools.deny", true},
		{"repositories: {a/b: {write: allow, branches: {allow: [main]}}}\n", "repositories: {a/b: {write: allow}}\n", "allow → deny: commit_files on a/b to main as the default branch", false},
	} {
		old, now := parse(t, "version: 1\n"+c.old), parse(t, "version: 1\n"+c.now)
		found := Compare(old, now)
		at := slices.IndexFunc(found, func(d Difference) bool { return c.want != "" && strings.Contains(d.String(), c.want) })
		switch {
		case c.want == "" && len(found) > 0:
			t.Errorf("%q and %q: %v", c.old, c.now, found)
		case c.want != "" && (at < 0 || found[at].Widens != c.widens):
			t.Errorf("%q and %q: %v, want %s", c.old, c.now, found, c.want)
		case len(found) != len(Compare(now, old)):
			t.Errorf("%q and %q are compared otherwise the other way round", c.old, c.now)
		}
	}
}

// Narrowing a policy opens nothing, by what Compare finds as well; and each difference
// that it finds is one.
func TestCompareFindsWhatIsDecided(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 4))
	found := 0
	for range rounds() / 10 {
		a, b := parseAs(t, "a.yaml", newDraft(r).yaml(r)), parseAs(t, "b.yaml", newDraft(r).yaml(r))
		for _, d := range Compare(a, a.NarrowedBy(b)) {
			if d.Widens {
				t.Fatalf("%s\n%s\n%s", d, Describe(a), Describe(b))
			}
			found++
		}
		if d := Compare(a, a); len(d) > 0 {
			t.Fatalf("a policy differs from itself: %v", d)
		}
	}
	if found < rounds()/10 {
		t.Errorf("only %d differences", found)
	}
}
