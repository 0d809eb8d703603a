package errortest

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/internal/gatetest"
	"aegis/tools"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

// situation is a call that fails, what it is in a few words, and what has to be said.
type situation struct {
	name string   // as the page has it
	tool string   // and those that answer the same
	args string   // JSON
	code string   // "" is an answer that is no failure
	says []string // words of message or hint, at least these
	not  []string // words that would mislead
}

// told is what a situation answered.
type told struct{ name, tool, code, message, hint string }

var (
	telling sync.Mutex
	all     []told
)

// holds makes the calls of a table and notes what they answered.
func holds(t *testing.T, d *gatetest.Door, table []situation) {
	t.Helper()
	for _, s := range table {
		a := d.Ask(s.tool, s.args)
		if string(a.Code) != s.code || a.IsError != (s.code != "") {
			t.Errorf("%s: %s %s: want %q: %s", s.name, s.tool, s.args, s.code, a.All)
			continue
		}
		for _, word := range s.says {
			if !strings.Contains(a.All, word) {
				t.Errorf("%s: %s: does not say %q: %s", s.name, s.tool, word, a.All)
			}
		}
		for _, word := range s.not {
			if strings.Contains(a.All, word) {
				t.Errorf("%s: %s: says %q: %s", s.name, s.tool, word, a.All)
			}
		}
		if s.code == "" || s.name == "" {
			continue
		}
		r := a.Refusal()
		message, _ := r["message"].(string)
		hint, _ := r["hint"].(string)
		telling.Lock()
		all = append(all, told{s.name, s.tool, s.code, steady(message), steady(hint)})
		telling.Unlock()
	}
}

var (
	ports = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)
	spans = regexp.MustCompile(`forgets after [0-9hms]+`)
	ids   = regexp.MustCompile(`(\(call|workflow run|comment) [0-9a-z]*-?[0-9]+\b`)
)

// steady takes out of a sentence what is another in each run.
func steady(text string) string {
	text = spans.ReplaceAllString(ports.ReplaceAllString(text, "HOST"), "forgets after 8h0m0s")
	return ids.ReplaceAllString(text, "$1 ID")
}

// row is what the page says of a situation. Rows that say the same are one.
type row struct{ code, name, message, hint string }

// answered is which tools answered each row.
func answered() map[row][]string {
	by := make(map[row][]string)
	for _, each := range all {
		r := row{each.code, each.name, each.message, each.hint}
		if !slices.Contains(by[r], each.tool) {
			by[r] = append(by[r], each.tool)
		}
	}
	for r := range by {
		slices.Sort(by[r])
	}
	return by
}

// page is docs/errors.md.
func page() string {
	var b strings.Builder
	b.WriteString(heading)
	by := answered()
	var rows []row
	for r := range by {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.name, b.name), cmp.Compare(a.message, b.message), cmp.Compare(a.hint, b.hint))
	})
	code := ""
	cell := strings.NewReplacer("|", "\\|", "\n", " ")
	for _, r := range rows {
		if r.code != code {
			code = r.code
			fmt.Fprintf(&b, "\n## `%s`\n\n| situation | tools | message | hint |\n|---|---|---|---|\n", code)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell.Replace(r.name), cell.Replace(toolsOf(by[r])), cell.Replace(r.message), cell.Replace(r.hint))
	}
	return b.String()
}

// toolsOf names tools, by their kind if they are all of one.
func toolsOf(names []string) string { return cmp.Or(whole(names), strings.Join(names, ", ")) }

// whole is the kind that tools are all of, "" if they are none.
func whole(names []string) string {
	for _, kind := range kinds {
		var of []string
		for _, tool := range tools.All() {
			if kind.of(tool) {
				of = append(of, tool.Name)
			}
		}
		if slices.Sort(of); slices.Equal(of, names) {
			return kind.name
		}
	}
	return ""
}

const heading = `# What a call answers that fails

Each row was answered in a test: by a real Gitea, or by a server that stood in its place. ` + "`HOST`" + ` stands for a host with its port, ` + "`ID`" + `
for an id. A failed call is an answer with ` + "`isError`" + ` and ` + "`{\"error\":{\"code\":…,\"message\":…,\"rule\":…,\"hint\":…,\"call\":…}}`" + `.
A row names every tool that was asked.
`

// held compares the page with what was answered. It runs when all tables are done.
func held(t *testing.T) {
	const name = "../../docs/errors.md"
	want := page()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(name)
	if err != nil || string(have) != want {
		t.Errorf("docs/errors.md is not what was answered (%v); run this test with -update and read what changes", err)
	}
}

// TestErrors runs every table and holds the page against them. A table is a function of
// its own, in a file named after its kind.
func TestErrors(t *testing.T) {
	t.Run("tables", func(t *testing.T) {
		for name, table := range tables {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				table(t)
			})
		}
	})
	if !t.Failed() && !testing.Short() {
		covered(t)
		held(t)
	}
}

// tables are the kinds of situations.
var tables = map[string]func(*testing.T){
	"before Gitea":              beforeGitea,
	"not there or not allowed":  notThere,
	"tokens":                    tokens,
	"known before it is sent":   knownBefore,
	"decided without Gitea":     decidedAlone,
	"a first commit":            firstCommit,
	"histories without a bond":  noCommonHistory,
	"nothing tells hidden ones": hiddenOnes,
	"asked rightly":             askedRightly,
	"every tool, without Gitea": everyToolAlone,
	"every tool, on Gitea":      everyToolOnGitea,
}
