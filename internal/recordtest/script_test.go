package recordtest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// script is one session: who it is, under which settings, and what it calls.
//
// It is a txtar archive. Its comment holds settings, one a line:
//
//	as USER          whose token: reader, author, nobody, wrong
//	write REPO...    write mode, and the whitelist
//	human ANSWER     the client can ask; its human says yes, decline or cancel
//	env NAME=VALUE   more settings of the program
//
// The file policy.yaml is the policy; without it, the built-in one holds. The file calls
// has one step a line: a tool, the short name of a repository or "-", and the other members
// of its arguments. $name stands for a value of the stage. A line that begins with "!" is
// something that happens behind Aegis' back, and one that begins with "/" a request that is no call:
// its method, and the members of its params.
type script struct {
	name   string
	as     string
	write  []string
	human  string
	env    []string
	policy string
	steps  []string
}

func loadScripts(t *testing.T) (all []script) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "scripts", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := script{name: strings.TrimSuffix(filepath.Base(path), ".txtar")}
		for line := range strings.Lines(string(archive.Comment)) {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch word {
			case "as":
				s.as = rest
			case "write":
				s.write = strings.Fields(rest)
			case "human":
				s.human = rest
			case "env":
				s.env = append(s.env, rest)
			case "", "#":
			default:
				t.Fatalf("%s: what is %q?", path, line)
			}
		}
		for _, file := range archive.Files {
			switch file.Name {
			case "policy.yaml":
				s.policy = string(file.Data)
			case "calls":
				for line := range strings.Lines(string(file.Data)) {
					if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
						s.steps = append(s.steps, line)
					}
				}
			default:
				t.Fatalf("%s: what is %s?", path, file.Name)
			}
		}
		all = append(all, s)
	}
	return all
}

var variable = regexp.MustCompile(`\$[a-z_]+`)

// fill puts the stage's values into a line.
func (s *stage) fill(line string) string {
	s.Helper()
	return variable.ReplaceAllStringFunc(line, func(name string) string {
		value, ok := s.values[name[1:]]
		if !ok {
			s.Fatalf("there is no value %s: %s", name, line)
		}
		return value
	})
}

// arguments are the members of a call's arguments.
func arguments(repo, more string) string {
	if repo == "-" {
		return more
	}
	owner, name, found := strings.Cut(repo, "/")
	if !found {
		owner, name = "record", repo
	}
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`"owner":%q,"repo":%q%s`, owner, name, more)
}
