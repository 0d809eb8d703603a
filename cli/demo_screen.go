package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// screenWidth bounds the lines of the demo, in characters: a terminal has 80 unless
// somebody made it wider.
const screenWidth = 80

// screen writes what the demo shows: plain text, with colours only where a
// terminal shows them and nobody declined (https://no-color.org).
type screen struct {
	out     io.Writer
	colours bool
	err     error // the first failure to write; nothing is written after it
}

func newScreen(env environment) *screen {
	return &screen{out: env.stdout, colours: showsColours(env)}
}

func showsColours(env environment) bool {
	file, ok := env.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return false
	}
	if declined, _ := env.lookup("NO_COLOR"); declined != "" {
		return false
	}
	if runtime.GOOS == "windows" { // the older console shows the codes instead
		_, ok := env.lookup("WT_SESSION")
		return ok
	}
	kind, _ := env.lookup("TERM")
	return kind != "" && kind != "dumb"
}

// The colours are codes of ECMA-48, SGR.
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (s *screen) line(code, format string, args ...any) {
	text := visible(fmt.Sprintf(format, args...))
	if s.colours && code != "" {
		text = "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	if s.err == nil {
		_, s.err = fmt.Fprintln(s.out, text)
	}
}

func (s *screen) title() {
	s.line(bold, "Aegis %s: a client asks a Gitea through the gate", Version)
	s.line(dim, "The forge is a built-in sample.")
}

func (s *screen) scene(number int, title string) {
	s.line("", "")
	s.line(bold, "%d. %s", number, title)
}

// asks shows what the client asks for.
func (s *screen) asks(what string) { s.line(cyan, "   > %s", what) }

// says shows what came back, wrapped.
func (s *screen) says(format string, args ...any) {
	for _, row := range wrap(fmt.Sprintf(format, args...), screenWidth-5) {
		s.line("", "     %s", row)
	}
}

// quotes shows text as it came back, line by line.
func (s *screen) quotes(text string) {
	for row := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		for _, part := range wrap(row, screenWidth-7) {
			s.line("", "     | %s", part)
		}
	}
}

func (s *screen) good(format string, args ...any) { s.line(green, "     "+format, args...) }

func (s *screen) note(text string) {
	for _, row := range wrap(text, screenWidth-3) {
		s.line(dim, "   %s", row)
	}
}

// refused shows a refusal, which must have the code and, somewhere, the words.
func (s *screen) refused(r reply, code, words string) error {
	e := r.Error
	if e.Code != code {
		return fmt.Errorf("the code is %q, not %q", e.Code, code)
	}
	if !strings.Contains(e.Message+"\n"+e.Rule+"\n"+e.Hint, words) {
		return fmt.Errorf("the refusal does not say %q", words)
	}
	if r.text != "" {
		return fmt.Errorf("something came back with the refusal")
	}
	s.line(red, "     %s", e.Code)
	for _, text := range []string{e.Message, e.Rule, e.Hint} {
		if text != "" {
			s.says("%s", text)
		}
	}
	return nil
}

// entry shows an entry of the audit log, on as many lines as it takes.
func (s *screen) entry(e logged) {
	said := ""
	switch e.Kind {
	case "decision":
		what := append([]string{e.Tool, e.Repo}, e.Paths...)
		said = fmt.Sprintf("%-5s %s", e.Decision, strings.Join(strings.Fields(strings.Join(what, " ")), " "))
		if e.Code != "" {
			said += ": " + e.Code
		}
	case "outcome":
		said = "      " + outcomeOf(e)
	}
	begin := fmt.Sprintf("%3d %-13s", e.Seq, e.Kind)
	for _, row := range wrap(said, screenWidth-6-len(begin)) {
		s.line("", "     %s", strings.TrimRight(begin+" "+row, " "))
		begin = strings.Repeat(" ", len(begin))
	}
}

func outcomeOf(e logged) string {
	said := []string{fmt.Sprintf("%d bytes", e.Bytes)}
	if e.Code != "" {
		said = append(said, e.Code)
	}
	for _, rule := range slices.Sorted(maps.Keys(e.Redactions)) {
		said = append(said, fmt.Sprintf("redacted %s: %d", rule, e.Redactions[rule]))
	}
	if e.Withheld > 0 {
		said = append(said, fmt.Sprintf("withheld: %d", e.Withheld))
	}
	return strings.Join(said, ", ")
}

func (s *screen) failed(err error) {
	s.line("", "")
	s.line(red, "FAILED: %v", err)
}

// goOn tells what to do next, with commands that work from where the demo was started.
func (s *screen) goOn() {
	command, before, shell := howToStart()
	entry := func(args []string, end string) {
		s.line("", `     "aegis": {`)
		s.line("", `       "command": %s,`, asJSON(command))
		s.line("", `       "args": %s%s`, asJSON(append(slices.Clone(before), args...)), end)
	}
	s.line("", "")
	s.line(bold, "To go on")
	s.line("", "   Let your MCP client explore the sample forge; in its configuration, put")
	entry([]string{"--stdio", "--demo"}, "")
	s.line("", "     }")
	s.line("", "   or your own Gitea, with a token that can only read:")
	entry([]string{"--stdio"}, ",")
	s.line("", `       "env": {"GITEA_URL": "https://git.example.org", "GITEA_TOKEN": "..."}`)
	s.line("", "     }")
	s.line("", "   See all settings, and what a policy means:")
	s.line("", "     %s --help", shell)
	s.line("", "     %s policy check FILE", shell)
}

func asJSON(value any) string {
	raw, _ := json.Marshal(value)
	return strings.ReplaceAll(string(raw), `","`, `", "`)
}

// howToStart is how a client starts this program, the arguments that come before its
// own, and how a shell does that is where the demo was started. What "go run" made is
// gone when it ends, so "go run" is how to start it again.
func howToStart() (command string, before []string, shell string) {
	self, err := os.Executable()
	if err != nil {
		return "aegis", nil, "aegis"
	}
	if strings.Contains(self, string(os.PathSeparator)+"go-build") {
		if here, err := os.Getwd(); err == nil {
			return "go", []string{"run", "-C", here, "aegis"}, "go run aegis"
		}
	}
	if found, err := exec.LookPath("aegis"); err == nil {
		a, errA := os.Stat(found)
		b, errB := os.Stat(self)
		if errA == nil && errB == nil && os.SameFile(a, b) {
			return "aegis", nil, "aegis"
		}
	}
	if strings.ContainsAny(self, " ()&;'") {
		return self, nil, `"` + self + `"`
	}
	return self, nil, self
}

// wrap cuts text into rows of at most width characters, at spaces where there
// are some.
func wrap(text string, width int) (rows []string) {
	left := []rune(text)
	for len(left) > width {
		cut := width
		for cut > width/2 && left[cut] != ' ' {
			cut--
		}
		if left[cut] != ' ' {
			cut = width
		}
		rows = append(rows, strings.TrimRight(string(left[:cut]), " "))
		left = []rune(strings.TrimLeft(string(left[cut:]), " "))
	}
	return append(rows, string(left))
}

// visible makes what a terminal would obey harmless.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '?'
		}
		return r
	}, text)
}
