package tools_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
)

// What is explained is what is enforced: for policies and calls that chance has made, the
// door refuses what a question about the call is answered with a refusal, by the same code
// and the same rule, and nothing else. Every other policy stands on a floor. There is no
// Gitea to be asked.
func TestI7_WhatIsExplainedIsEnforced(t *testing.T) {
	t.Parallel()
	const doors, calls = 40, 40
	r := rand.New(rand.NewPCG(15, 5))
	allowed, refused := 0, make(map[gate.Code]int)
	for i := range doors {
		source, floor := somePolicy(r), ""
		if i%2 == 0 {
			floor = floorOf(t, somePolicy(r))
		}
		d := gatetest.Open(t, gatetest.Config{
			URL: "http://127.0.0.1:1", Policy: source, Floor: floor, Write: true,
			Repos: []canon.Repo{repoOf(t, "acme/app"), repoOf(t, "acme/lab"), repoOf(t, "other/app")},
		})
		p, _, err := policy.Load(d.Policy)
		if err != nil {
			t.Fatal(err)
		}
		if floor != "" {
			below, _, err := policy.LoadFloor(floor)
			if err != nil {
				t.Fatal(err)
			}
			p = policy.OnFloor(p, below)
		}
		for range calls {
			q, args := someCall(r)
			q.Principal = d.Caller.Principal()
			c, err := q.Case()
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			told := p.Explain(c).Decision
			answer := d.Ask(q.Tool, args)
			byPolicy := slices.Contains([]gate.Code{gate.PolicyDenied, gate.PathDenied, gate.BranchDenied}, answer.Code)
			switch {
			case byPolicy == told.Allow, byPolicy && (string(answer.Code) != string(told.Code) || answer.Refusal()["rule"] != told.Rule.String()):
				t.Fatalf("%+v is explained as %+v, and answered %s\n%s", q, told, answer.Object, source)
			case byPolicy:
				refused[answer.Code]++
			case answer.Code != gate.GiteaUnreachable && answer.Code != "":
				t.Fatalf("%+v is answered %s", q, answer.Object)
			default:
				allowed++
			}
		}
	}
	if allowed < 100 || len(refused) < 3 {
		t.Errorf("the property is hollow: %d are allowed, and refused %v", allowed, refused)
	}
}

// floorOf makes a machine's floor, "" for who can't: only root has files that an
// administrator has.
func floorOf(t *testing.T, source string) string {
	t.Helper()
	if runtime.GOOS == "windows" || os.Geteuid() != 0 {
		return ""
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func chance[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// somePolicy is a policy of rules that may go together in any way, and loads.
func somePolicy(r *rand.Rand) string {
	global := []string{
		"tools: {deny: [\"@wiki\", get_issue]}", "paths: {deny: [\"secrets/**\", \"**/*.p12\"]}", "defaults: {read: deny}",
		"tools: {allow: [\"@read\", commit_files, create_issue]}", "paths: {allow: [\"docs/**\", \"src/*\"]}", "builtin_paths: off",
	}
	sections := []string{
		"{read: deny}", "{read: allow}", "{read: allow, write: allow}", "{read: allow, write: allow, automation: allow}", "{write: deny}",
		"{branches: {allow: [\"agent/**\"]}}", "{read: allow, write: allow, branches: {allow: [\"agent/**\"]}}", "{branches: {deny: [\"agent/**\"]}}", "{write_paths: {allow: [\"docs/**\", \".gitea/**\"]}}",
		"{write_paths: {deny: [docs]}}", "{paths: {deny: [src]}}", "{tools: {deny: [\"@write\"]}}", "{principals: [tester], read: deny}",
		"{principals: [\"t*\"], read: allow, write: allow}", "{principals: [nobody], read: deny}", "{tools: {allow: [\"@code\"]}}",
	}
	for {
		b := "version: 1\n"
		r.Shuffle(len(global), func(i, j int) { global[i], global[j] = global[j], global[i] })
		keys := make(map[string]bool)
		for _, line := range global[:r.IntN(3)] {
			if key, _, _ := strings.Cut(line, ":"); !keys[key] {
				keys[key] = true
				b += line + "\n"
			}
		}
		under := make(map[string]string)
		for range 1 + r.IntN(4) {
			under[chance(r, "acme/app", "acme/{app,lab}", "acme/*", "*/*", "*/app")] = chance(r, sections...)
		}
		b += "repositories:\n"
		for _, pattern := range slices.Sorted(maps.Keys(under)) {
			b += fmt.Sprintf("  %q: %s\n", pattern, under[pattern])
		}
		if _, _, err := policy.Parse("policy.yaml", []byte(b)); err == nil {
			return b
		}
	}
}

// someCall is a question and the arguments of the call that it is about.
func someCall(r *rand.Rand) (q policy.Question, arguments string) {
	owner, name := chance(r, "acme", "other", "ACME"), chance(r, "app", "lab", "other")
	if owner == "other" {
		name = "app"
	}
	if name == "other" {
		name = "app"
	}
	args := map[string]any{"owner": owner, "repo": name}
	q.Repository = owner + "/" + name
	path := chance(r, "docs/a.md", "src/a.go", "secrets/x", "a/.env", "a/b.p12", "README.md", "Docs/a.md", ".gitea/workflows/x.yml", "docs")
	switch q.Tool = chance(r, "get_me", "list_repositories", "get_repository", "get_issue", "get_file_contents", "get_file_tree", "search_code",
		"get_wiki_page", "create_issue", "commit_files", "commit_files", "create_branch", "write_wiki_page", "dispatch_workflow"); q.Tool {
	case "get_me", "list_repositories":
		q.Repository, args = "", map[string]any{}
	case "get_issue":
		args["number"] = 1
	case "get_file_contents", "get_file_tree":
		q.Path, args["path"] = path, path
	case "search_code":
		args["query"] = "needle"
	case "get_wiki_page":
		args["name"] = "Home"
	case "create_issue":
		args["title"] = "x"
	case "create_branch":
		q.Branch = chance(r, "agent/x", "Agent/x", "topic")
		args["branch"] = q.Branch
	case "commit_files":
		q.Branch, q.Writes = chance(r, "agent/x", "topic"), []string{path}
		args["branch"], args["message"] = q.Branch, "x"
		args["files"] = []map[string]any{{"operation": "create", "path": path, "content": "x"}}
	case "write_wiki_page":
		args["name"], args["content"] = "Home", "x"
	case "dispatch_workflow":
		args["workflow"], args["ref"] = "x.yml", "main" // which branch that is, only Gitea tells
	}
	raw, _ := json.Marshal(args)
	return q, string(raw)
}
