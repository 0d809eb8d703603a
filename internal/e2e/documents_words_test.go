package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"aegis/gate/policy"
)

// Commands, flags, variables, targets and pieces of policy that a document names in
// passing exist.
func TestWhatTheDocumentsNameExists(t *testing.T) {
	t.Parallel()
	var (
		flag     = regexp.MustCompile(`^--[a-z][a-z-]*`)
		variable = regexp.MustCompile(`^([A-Z]+_[A-Z_]+)(=|$)`)
		target   = regexp.MustCompile(`^make ([a-z-]+)$`)
		place    = regexp.MustCompile(`^(\.ci|audit|cli|deploy|docs|forge|gate|internal|sanitize|serve|testdata|tools)/[\w./-]*$`)
		test     = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z]\w*\*?$`)
		ofPolicy = regexp.MustCompile(`^(read|write|automation|builtin_paths|forks|untrusted|private_to_public|untrusted_to_write|forget_after|approve): \S+$`)
		flags    = allFlags(t)
		known    = variables(t)
	)
	tests := testsOfTheHouse(t)
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages(t) {
		for _, s := range p.spans {
			wrong := func(why string) { t.Errorf("%s:%d: `%s`: %s", p.name, s.line, s.text, why) }
			switch named := s.text; {
			case strings.HasPrefix(named, "aegis "):
				mustExist(t, p, s)
			case flag.MatchString(named):
				if !flags[flag.FindString(named)] {
					wrong("there is no such flag")
				}
			case variable.MatchString(named):
				if name := variable.FindStringSubmatch(named)[1]; !known[name] && othersVariables[name] == "" {
					wrong("there is no such variable")
				}
			case target.MatchString(named):
				if !strings.Contains(string(makefile), "\n"+target.FindStringSubmatch(named)[1]+":") {
					wrong("there is no such target")
				}
			case ofPolicy.MatchString(named) && p.name != "docs/gitea.md":
				if !loads(named) {
					wrong("no policy has it so")
				}
			case strings.HasPrefix(named, `{"`) || strings.HasPrefix(named, `["`):
				if !strings.Contains(named, "…") && !json.Valid([]byte(named)) {
					wrong("is no JSON")
				}
			case place.MatchString(named):
				// One of MCP's methods looks like a file.
				if _, err := os.Stat(filepath.Join(root, named)); err != nil && named != "tools/list" {
					wrong("there is no such file")
				}
			case test.MatchString(named):
				end := "("
				if begin, ok := strings.CutSuffix(named, "*"); ok {
					named, end = begin, ""
				}
				if !strings.Contains(tests, "\nfunc "+named+end) {
					wrong("there is no such test")
				}
			case strings.HasPrefix(named, "go test "):
				mustBeTests(t, p, s)
			}
		}
	}
}

// testsOfTheHouse is the source of all tests.
func testsOfTheHouse(t *testing.T) string {
	t.Helper()
	var source strings.Builder
	err := filepath.WalkDir(root, func(name string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case strings.HasSuffix(name, "_test.go"):
			content, err := os.ReadFile(name)
			source.Write(content)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return source.String()
}

// othersVariables are not ours, and whose they are.
var othersVariables = map[string]string{
	"HTTP_PROXY": "net/http", "HTTPS_PROXY": "net/http", "NO_PROXY": "net/http",
	"REQUIRE_SIGNIN_VIEW": "Gitea's settings", "ROOT_URL": "Gitea's settings", "JWT_SECRET": "Gitea's settings", "ALLOWED_HOST_LIST": "Gitea's settings",
	"DISABLE_DOWNLOAD_SOURCE_ARCHIVES": "Gitea's settings",
	"CGO_ENABLED":                      "Go",
	"CLAUDE_CONFIG_DIR":                "Claude Code", "CODEX_HOME": "Codex", "GEMINI_CLI_HOME": "Gemini CLI", "COPILOT_HOME": "Copilot CLI",
	"XDG_CONFIG_HOME": "the XDG directories",
	"AEGIS_IMAGE":     "deploy/compose.yaml", "AEGIS_CONFIG": "deploy/compose.yaml", "AEGIS_PUBLISH": "deploy/compose.yaml",
}

// loads reports whether a line may stand somewhere in a policy.
func loads(line string) bool {
	for _, around := range []string{"%", "defaults: {%}", "flow: {%}", `repositories: {"acme/app": {%}}`} {
		if _, warnings, err := policy.Parse("policy.yaml", []byte("version: 1\n"+strings.Replace(around, "%", line, 1)+"\n")); err == nil {
			return len(warnings) == 0 || strings.HasPrefix(line, "builtin_paths:") // which warns
		}
	}
	return false
}

// mustExist checks a command that a page names: its sub-commands, its flags, and of a
// call its tool. Words in capitals and brackets stand for something.
func mustExist(t *testing.T, p page, s span) {
	t.Helper()
	words := strings.Fields(s.text)[1:]
	path := "aegis"
	for _, word := range words {
		if strings.HasPrefix(word, "-") || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			break
		}
		path += " " + word
	}
	out, err := p.command(t, append(append([]string{"aegis"}, words...), "--help")...).CombinedOutput()
	if usage := regexp.MustCompile(`\n  ` + path + `( |\n)`); err != nil || !usage.Match(out) {
		t.Errorf("%s:%d: `%s`: there is no such command: %v\n%s", p.name, s.line, s.text, err, out)
	}
	if path == "aegis call" && len(words) > 1 && strings.ToLower(words[1]) == words[1] && !strings.Contains(help(t, "tools"), words[1]+" ") {
		t.Errorf("%s:%d: `%s`: there is no such tool", p.name, s.line, s.text)
	}
}

// mustBeTests checks that a package has the tests that "go test" is told to run.
func mustBeTests(t *testing.T, p page, s span) {
	t.Helper()
	words := strings.Fields(s.text)
	var source strings.Builder
	files, _ := filepath.Glob(filepath.Join(root, words[len(words)-1], "*_test.go"))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(content)
	}
	for _, named := range append(regexp.MustCompile(`-run (Test\w+)`).FindAllStringSubmatch(s.text, -1), regexp.MustCompile(`-bench (\w+)`).FindAllStringSubmatch(s.text, -1)...) {
		if !regexp.MustCompile(`\nfunc (Benchmark)?` + named[1]).MatchString(source.String()) {
			t.Errorf("%s:%d: `%s`: there is no %s", p.name, s.line, s.text, named[1])
		}
	}
	if source.Len() == 0 {
		t.Errorf("%s:%d: `%s`: there is no such package", p.name, s.line, s.text)
	}
}

// helped has what the program says of itself, by its arguments.
var helped sync.Map

func help(t *testing.T, args ...string) string {
	t.Helper()
	said, ok := helped.Load(strings.Join(args, " "))
	if !ok {
		out, err := page{home: t.TempDir()}.command(t, append([]string{"aegis"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		said = string(out)
		helped.Store(strings.Join(args, " "), said)
	}
	return said.(string)
}

// variables are those that help names.
func variables(t *testing.T) map[string]bool {
	t.Helper()
	return words(help(t, "--help")+help(t, "serve", "--help"), `[A-Z]+_[A-Z_]+`)
}

// allFlags are those of all commands.
func allFlags(t *testing.T) map[string]bool {
	t.Helper()
	said := ""
	for _, command := range commands(t) {
		said += help(t, append(command, "--help")...)
	}
	return words(said, `--[a-z][a-z-]*`)
}

func words(text, pattern string) map[string]bool {
	all := map[string]bool{}
	for _, word := range regexp.MustCompile(pattern).FindAllString(text, -1) {
		all[word] = true
	}
	return all
}
