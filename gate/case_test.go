package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// anyTool is a tool of some name whose arguments say what it touches.
func anyTool(t *testing.T, name string) tools.Tool {
	capability, ok := policy.ToolCapability(name)
	if !ok {
		t.Fatal(name)
	}
	tool := tools.Tool{Tool: gate.Tool{Name: name, Capability: capability}}
	tool.Prepare = func(raw json.RawMessage) (gate.Prepared, error) {
		var args struct {
			Repo, Path, Folder, Either, Branch, Lands string
			Writes                                    []string
		}
		if err := json.Unmarshal(raw, &args); err != nil {
			return gate.Prepared{}, err
		}
		target := gate.Everywhere()
		if args.Repo != "" {
			target = gate.Repository(repo(t, args.Repo))
		}
		path := func(text string) canon.Path { p, _ := canon.ParsePath(text); return p }
		switch {
		case args.Path != "":
			target = target.File(path(args.Path))
		case args.Folder != "":
			target = target.Folder(path(args.Folder))
		case args.Either != "":
			target = target.FileOrFolder(path(args.Either)).At(canon.Ref{})
		}
		for _, each := range args.Writes {
			target = target.Writing(path(each))
		}
		prepared := gate.Prepared{Target: target.OnBranch(args.Branch)}
		if capability == policy.Read {
			prepared.Run = says(record{"title": "x"})
			return prepared, nil
		}
		prepared.Plan = func(_ context.Context, v *gate.Visit) (*gate.Plan, error) {
			if ref, err := canon.ParseRef(args.Lands); err == nil {
				if err := v.Lands(ref); err != nil {
					return nil, err
				}
			}
			return &gate.Plan{
				Steps:  []gate.Step{{Write: forge.CreateComment(repo(t, args.Repo), 3, "x")}},
				Answer: func([]json.RawMessage) (any, error) { return record{"comment_id": 5}, nil },
			}, nil
		}
		return prepared, nil
	}
	return tool
}

// randomPolicy is a policy of a few rules that are about the test's repositories.
func randomPolicy(random *rand.Rand) (source string) {
	for range 4 { // most have a rule without effect
		if source = drawnPolicy(random); validOwn(source) {
			break
		}
	}
	return source
}

func drawnPolicy(random *rand.Rand) string {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	lists := func(indent, key string, entries ...string) string {
		list := pick("allow", "deny", "deny")
		return fmt.Sprintf("%s%s: {%s: [%q, %q]}\n", indent, key, list, pick(entries...), pick(entries...))
	}
	paths := []string{"src/**", "**/*.md", "docs/**", "secrets/**", "a", "**"}
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\ndefaults: {read: %s}\n", pick("allow", "allow", "deny"))
	if random.IntN(3) == 0 {
		b.WriteString(lists("", "paths", paths...))
	}
	b.WriteString("repositories:\n")
	for _, pattern := range []string{"acme/*", "acme/app", "acme/fork", "acme/base", "acme/mid", "acme/old"} {
		if random.IntN(3) == 0 {
			continue
		}
		fmt.Fprintf(&b, "  %q:\n    read: %s\n", pattern, pick("allow", "allow", "allow", "deny"))
		if pattern == "acme/old" {
			fmt.Fprintf(&b, "    id: %d\n", 7)
		}
		b.WriteString(pick("", "", "", "    principals: [tester, ci]\n", "    principals: [\"other-*\"]\n"))
		for _, part := range []string{
			"    write: allow\n", "    automation: allow\n", "    approve: [commit_files]\n", "    forks: separate\n",
			lists("    ", "paths", paths...), lists("    ", "write_paths", paths...), lists("    ", "branches", "agent/**", "main", "**"),
			lists("    ", "tools", "get_file_contents", "get_file_tree", "commit_files", "dispatch_workflow"),
		} {
			if random.IntN(2) == 0 {
				b.WriteString(part)
			}
		}
	}
	return b.String()
}

// Every recorded decision, decided again from what was recorded of its case, comes to
// the same code by the same rule.
func TestEveryRecordedDecisionCanBeDecidedAgain(t *testing.T) {
	t.Parallel()
	named := []string{"get_me", "get_file_contents", "get_file_tree", "commit_files", "dispatch_workflow"}
	seen, skipped := map[string]int{}, 0
	for seed := range seeds(100) {
		random := rand.New(rand.NewPCG(seed, 31))
		pick := func(from ...string) string { return from[random.IntN(len(from))] }
		base := repository("acme/base", record{"id": 50})
		f := newFake(record{
			"/repos/acme/base":                        base,
			"/repos/acme/fork":                        repository("acme/fork", record{"id": 51}, forkOf(base)),
			"/repos/acme/mid":                         repository("acme/mid", record{"id": 52}, forkOf(base)),
			"/repos/acme/deep":                        repository("acme/deep", record{"id": 53}, forkOf(repository("acme/mid", record{"id": 52, "fork": true}))),
			"/repos/acme/orphan":                      repository("acme/orphan", record{"id": 54}, record{"fork": true}),
			"/repos/acme/app/git/trees/" + commit:     record{"sha": commit, "tree": []any{}},
			"/repos/acme/app/issues/3/comments":       record{"id": 5},
			"/repos/acme/fork/issues/3/comments":      record{"id": 5},
			"/repos/acme/fork/branches/main":          record{"name": "main", "commit": record{"id": commit}},
			"/repos/acme/fork/git/trees/" + commit:    record{"sha": commit, "tree": []any{}},
			"/repos/acme/deep/issues/3/comments":      record{"id": 5},
			"/repos/acme/orphan/git/trees/" + commit:  record{"sha": commit, "tree": []any{}},
			"/repos/acme/orphan/branches/main":        record{"name": "main", "commit": record{"id": commit}},
			"/repos/acme/deep/branches/main":          record{"name": "main", "commit": record{"id": commit}},
			"/repos/acme/deep/git/trees/" + commit:    record{"sha": commit, "tree": []any{}},
			"/repos/acme/missing/git/trees/" + commit: record{},
		})
		source := randomPolicy(random)
		repos := []string{"acme/app", "acme/fork", "acme/deep", "acme/orphan"}
		config := gatetest.Config{URL: f.proxy(t).URL, Policy: source, Write: true}
		for _, name := range repos {
			config.Repos = append(config.Repos, repo(t, name))
		}
		for _, name := range named {
			config.Tools = append(config.Tools, anyTool(t, name))
		}
		if _, _, err := policy.NewStore(write1(t, source), nil); err != nil {
			skipped++ // rules that can't have an effect are refused when they are loaded
			continue
		}
		d := gatetest.Open(t, config)
		own := ""
		if random.IntN(4) == 0 {
			if own = randomPolicy(random); validOwn(own) {
				d.Caller, _ = owner(t, d, "tester", own)
			} else {
				own = ""
			}
		}
		d.Human = func(string) bool { return random.IntN(2) == 0 }
		for range 12 {
			args := map[string]any{"repo": pick(repos...)}
			place := pick("src/a", "src", "docs/b.md", "README.md", "secrets/x", "a", ".gitea/workflows/x.yml")
			tool := pick(named...)
			switch tool {
			case "get_me":
				args = map[string]any{}
			case "get_file_contents":
				args["path"] = place
			case "get_file_tree":
				args[pick("folder", "either")] = place
			case "commit_files":
				args["branch"], args["writes"] = pick("main", "agent/x"), []string{place, pick("src/z", "docs/y.md", "secrets/x")}
			case "dispatch_workflow":
				args["branch"], args["lands"] = pick("main", "agent/x"), pick("refs/heads/main", "refs/tags/v1", "refs/heads/agent/y")
			}
			d.Ask(tool, args)
		}
		for kind, n := range d.DecideAgain(source, own) {
			seen[kind] += n
		}
	}
	for _, kind := range []string{"static allow ", "static deny policy_denied", "static deny path_denied", "static deny branch_denied", "resolved allow ", "resolved ask approve", "outcome policy_denied", "outcome path_denied", "outcome branch_denied", "by an own policy"} {
		if seen[kind] == 0 && !testing.Short() {
			t.Errorf("no %q among %v, %d policies were none", kind, seen, skipped)
		}
	}
}

// validOwn reports whether a policy loads.
func validOwn(source string) bool {
	_, _, err := policy.Parse("tester.yaml", []byte(source))
	return err == nil
}

func write1(t *testing.T, source string) string {
	t.Helper()
	file := t.TempDir() + "/policy.yaml"
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
