package policy

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the corpus yields beside it")

const corpus = "../../testdata/policies"

// Every file in good loads; what it warns of stands beside it.
func TestGoodPoliciesLoad(t *testing.T) {
	t.Parallel()
	each(t, "good", func(t *testing.T, file string, source []byte) {
		p, warnings, err := Parse(file, source)
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for _, w := range warnings {
			said.WriteString(w.String() + "\n")
		}
		golden(t, strings.TrimSuffix(file, ".yaml")+".warn", said.String())
		golden(t, strings.TrimSuffix(file, ".yaml")+".txt", strings.ReplaceAll(Describe(p), p.Source(), filepath.Base(file)))
	})
}

// No file in bad loads; the error stands beside it.
func TestBadPoliciesDoNotLoad(t *testing.T) {
	t.Parallel()
	each(t, "bad", func(t *testing.T, file string, source []byte) {
		p, _, err := Parse(file, source)
		var invalid *InvalidError
		if p != nil || !errors.As(err, &invalid) {
			t.Fatalf("loads, or fails with %T", err)
		}
		for _, problem := range invalid.Problems {
			if problem.Line < 0 || problem.Line > len(lines(source)) || problem.Line > 0 && problem.Column < 1 {
				t.Errorf("the place %d:%d does not exist", problem.Line, problem.Column)
			}
		}
		golden(t, strings.TrimSuffix(file, ".yaml")+".err", err.Error()+"\n")
	})
}

func each(t *testing.T, folder string, test func(*testing.T, string, []byte)) {
	files, err := filepath.Glob(filepath.Join(corpus, folder, "*.yaml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			test(t, file, source)
		})
	}
}

// golden holds text to a file; a missing file is an empty one.
func golden(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if text == "" {
			os.Remove(file)
		} else if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if normal := strings.ReplaceAll(string(want), "\r\n", "\n"); text != normal {
		t.Errorf("%s:\n got %s\nwant %s", filepath.Base(file), text, normal)
	}
}

// TestEveryKeyLoads reads every key of the format back.
func TestEveryKeyLoads(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(corpus, "good", "every_key.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, string(source))
	if got, want := p.Limits(), (Limits{1, 2, 3, 4, 1_000_000_000, 256}); got != want {
		t.Errorf("limits %+v", got)
	}
	if got, want := p.Flow(), (Flow{Ask, Deny, 90 * time.Minute}); got != want {
		t.Errorf("flow %+v", got)
	}
	if got := p.SecretsAllow(); len(got) != 1 || got[0] != "generic-api-key@0123456789abcdef" {
		t.Errorf("secrets %q", got)
	}
	if p.ForksSeparate(repository("acme/x")) || !p.ForksSeparate(repository("other/x")) || p.Untrusted(repository("acme/x")) != Hide {
		t.Error("forks or untrusted")
	}
	check(t, string(source), []row{
		deny("policy.yaml:3 tools.deny", "get_me", ""),
		deny("policy.yaml:3 tools.allow", "create_issue", "acme/x"),
		allow("get_repository", "other/x"),
		deny("policy.yaml:14 tools.allow", "get_repository", "acme/x"),
		deny("policy.yaml:4 paths.deny", "get_file_contents", "other/x", "a/b.KEY"),
		deny("policy.yaml:2 defaults.write", "commit_files", "other/x"),
		allow("commit_files", "acme/x", "a").on("main", IsDefault).asking(),
		deny("policy.yaml:16 branches.allow", "commit_files", "acme/x", "a").on("topic", NotDefault),
		deny("policy.yaml:16 branches.deny", "commit_files", "acme/x", "a").on("agent/X", NotDefault),
		allow("commit_files", "acme/x", ".gitea/workflows/x.yml").on("agent/y", NotDefault).asking(),
		deny("policy.yaml write_paths", "commit_files", "acme/x", ".github/workflows/x.yml").on("agent/y", NotDefault),
		deny("policy.yaml:17 write_paths.deny", "commit_files", "acme/x", "vendor/a/b").on("agent/y", NotDefault),
		allow("dispatch_workflow", "acme/x").on("agent/y", NotDefault).asking(),
	})
	if d := p.Decide(ask("get_repository", "acme/x")); d.Reason != "the whole table" {
		t.Errorf("reason %q", d.Reason)
	}
	defaults := parse(t, "version: 1\n")
	if got, want := defaults.Limits(), (Limits{BytesPerAnswer: 65536}); got != want {
		t.Errorf("default limits %+v", got)
	}
	if got, want := defaults.Flow(), (Flow{Deny, Allow, 8 * time.Hour}); got != want {
		t.Errorf("default flow %+v", got)
	}
}

func TestPoliciesAreBounded(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"too large":        "version: 1\n#" + strings.Repeat("x", maxFile),
		"keys":             "version: 1\n" + strings.Repeat("tools: {}\n", 12_001),
		"words":            "version: 1\napprove: [" + strings.Repeat("a,", 200_000) + "]",
		"brackets":         "version: 1\ntools: " + strings.Repeat("[", 50_000),
		"braces":           "version: 1\ntools: " + strings.Repeat("{a: ", 10_000),
		"dashes":           "version: 1\ntools: \n  " + strings.Repeat("- ", 20_000) + "x",
		"alternatives":     "version: 1\npaths: {deny: [\"" + strings.Repeat("{a,b}", 60) + "\"]}",
		"alternative nest": "version: 1\npaths: {deny: [\"" + strings.Repeat("{a,", 300) + strings.Repeat("}", 300) + "\"]}",
	} {
		if _, _, err := Parse("policy.yaml", []byte(source)); err == nil || len(err.Error()) > 10_000 {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}
