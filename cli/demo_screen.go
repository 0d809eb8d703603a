package cli

import (
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

// screenWidth bounds the lines of the demo, in characters.
const screenWidth = 98

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
	s.line(bold, "Aegis %s: a client asks a Gitea through the gate (the forge is a built-in sample)", Version)
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

func (s *screen) note(text string) { s.line(dim, "   %s", text) }

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

// entry shows an entry of the audit log as one line.
func (s *screen) entry(e logged) {
	row := fmt.Sprintf("%3d %-13s", e.Seq, e.Kind)
	switch e.Kind {
	case "decision":
		what := append([]string{e.Tool, e.Repo}, e.Paths...)
		row += fmt.Sprintf(" %-5s %s", e.Decision, strings.Join(strings.Fields(strings.Join(what, " ")), " "))
		if e.Code != "" {
			row += ": " + e.Code
		}
	case "outcome":
		row += "       " + outcomeOf(e)
	}
	s.line("", "     %s", wrap(strings.TrimRight(row, " "), screenWidth-5)[0])
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

// goOn tells what to do next.
func (s *screen) goOn() {
	command := programName()
	s.line("", "")
	s.line(bold, "To go on")
	s.line("", "   Let your MCP client explore the sample forge; in its configuration, put")
	s.line("", `     "aegis": {"command": %q, "args": ["--stdio", "--demo"]}`, command)
	s.line("", "   or your own Gitea, with a token that can only read:")
	s.line("", `     "aegis": {"command": %q, "args": ["--stdio"],`, command)
	s.line("", `               "env": {"GITEA_URL": "https://git.example.org", "GITEA_TOKEN": "..."}}`)
	s.line("", "   aegis --help has the settings, aegis policy check FILE tells what a policy means.")
}

// programName is how this program can be started: by its name if that finds it,
// otherwise by its path, unless that is where "go run" has put it for the moment.
func programName() string {
	self, err := os.Executable()
	if err != nil || strings.Contains(self, string(os.PathSeparator)+"go-build") {
		return "aegis"
	}
	if found, err := exec.LookPath("aegis"); err == nil {
		a, errA := os.Stat(found)
		b, errB := os.Stat(self)
		if errA == nil && errB == nil && os.SameFile(a, b) {
			return "aegis"
		}
	}
	return self
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
