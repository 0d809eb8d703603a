package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors are the packages of the house from the top down: whoever is on one may use
// those below it, and nobody beside it. What is on none may be used by all, and uses
// none of these.
var floors = [][]string{
	{"aegis"},
	{"aegis/cli"},
	{"aegis/internal/app"},
	{"aegis/serve", "aegis/internal/automation"},
	{"aegis/tools"},
	{"aegis/gate"},
	{"aegis/gate/caller", "aegis/gate/policy", "aegis/forge", "aegis/sanitize", "aegis/audit"},
}

// roomOf is the room that a package belongs to: itself, or what it is a part of.
func roomOf(pkg string) (room string, floor int) {
	for room := pkg; ; room = room[:strings.LastIndex(room, "/")] {
		for i, floor := range floors {
			if slices.Contains(floor, room) && (room != "aegis" || pkg == room) && (room != "aegis/gate" || pkg == room) {
				return room, i
			}
		}
		if !strings.Contains(room, "/") {
			return "", -1
		}
	}
}

// list returns what go list says of packages on an operating system, a line each.
func list(t *testing.T, system string, args ...string) []string {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, args...)...)
	command.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// Dependencies point downward, and those at the bottom do not know each other: on
// every system, since a file may be for one alone.
func TestDependenciesPointDownward(t *testing.T) {
	t.Parallel()
	rooms := map[string]bool{}
	var lines []string
	for _, system := range []string{"linux", "darwin", "windows"} {
		lines = append(lines, list(t, system, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")...)
	}
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		pkg, imports, _ := strings.Cut(line, " ")
		room, floor := roomOf(pkg)
		rooms[room] = true
		for imported := range strings.FieldsSeq(imports) {
			other, below := roomOf(imported)
			switch {
			case other == "" || other == room:
			case floor < 0 && !forTests(pkg):
				t.Errorf("%s, which anybody may use, uses %s", pkg, imported)
			case floor >= 0 && below <= floor:
				t.Errorf("%s uses %s, which is not below it", pkg, imported)
			}
			if mcp := strings.HasPrefix(imported, "github.com/modelcontextprotocol/"); mcp && room != "aegis/serve" && room != "aegis/cli" && !forTests(pkg) { // the demo is a client
				t.Errorf("%s knows of MCP", pkg)
			}
			if strings.HasPrefix(pkg, "aegis/internal/automation") && strings.HasPrefix(imported, "aegis/forge") {
				t.Errorf("%s has a way to Gitea of its own", pkg)
			}
			if strings.HasPrefix(pkg, "aegis/gate/caller") && strings.HasPrefix(imported, "aegis/") && imported != "aegis/internal/canon" {
				t.Errorf("%s uses %s", pkg, imported)
			}
		}
	}
	for _, floor := range floors {
		for _, room := range floor {
			if !rooms[room] {
				t.Errorf("there is no %s", room)
			}
		}
	}
}

// forTests tells the packages that are no part of the program.
func forTests(pkg string) bool {
	return slices.ContainsFunc([]string{"gatetest", "giteatest", "frametest", "corpus", "bench", "stock", "manpages"}, func(name string) bool { return strings.Contains(pkg, "/"+name) })
}

// What the program links is listed package by package, so that nothing comes in
// unnoticed with something else: a tree of gitleaks', say, whose rules are generated
// and not linked, or Gitea's library with SSH and signatures behind it.
func TestWhatTheProgramLinks(t *testing.T) {
	t.Parallel()
	linked := list(t, "linux", "-deps", "-f", `{{if not .Standard}}{{.ImportPath}}{{end}}`, ".")
	linked = slices.DeleteFunc(linked, func(pkg string) bool { return pkg == "" || pkg == "aegis" || strings.HasPrefix(pkg, "aegis/") })
	slices.Sort(linked)
	raw, err := os.ReadFile("testdata/linked.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(raw))
	for _, pkg := range linked {
		if !slices.Contains(known, pkg) {
			t.Errorf("%s is linked, and not in testdata/linked.txt: is it wanted?", pkg)
		}
	}
	for _, pkg := range known {
		if !slices.Contains(linked, pkg) {
			t.Errorf("%s is in testdata/linked.txt and not linked any more", pkg)
		}
	}
	for _, never := range []string{"github.com/zricethezav/gitleaks", "github.com/gitleaks", "github.com/spf13/viper", "github.com/mholt/archiv", "code.gitea.io/", "golang.org/x/crypto/"} {
		if slices.ContainsFunc(linked, func(pkg string) bool { return strings.HasPrefix(pkg, never) }) {
			t.Errorf("%s is linked", never)
		}
	}
}
