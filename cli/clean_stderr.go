package cli

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"aegis/internal/operatorfile"
	"aegis/sanitize"
)

// cleanStderr is the one way to standard error: error messages, warnings, log lines
// and help. What it writes is scrubbed like an answer. A token that was put into the
// wrong variable comes back in the error about it, and looks like nothing that a rule
// knows: so values of settings and arguments that look like a token are cut as well.
type cleanStderr struct {
	mu       sync.Mutex
	to       io.Writer
	secrets  []string
	scrubber *sanitize.Scrubber
}

func newCleanStderr(env environment) *cleanStderr {
	w := &cleanStderr{to: env.stderr}
	for _, row := range allSettings {
		for _, variable := range row.env {
			value, _ := env.lookup(variable)
			w.suspect(value, row.secret)
		}
	}
	for _, arg := range env.args {
		_, value, _ := strings.Cut(arg, "=")
		w.suspect(arg, false)
		w.suspect(value, false)
	}
	w.scrubber, _ = sanitize.New(sanitize.Config{Secrets: w.secrets}) // nil withholds
	return w
}

// tokenLike matches what could be a token put into the wrong place, and is no name,
// path or address.
var tokenLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9A-Za-z_+=~-]*[0-9A-Za-z]{16,}[0-9A-Za-z_+=~-]*$`)
})

// suspect adds a value to those that are cut, if it is a secret or looks like one.
func (w *cleanStderr) suspect(value string, is bool) {
	value = strings.TrimSpace(value)
	looks := tokenLike().MatchString(value) && strings.ContainsAny(value, "0123456789")
	if (is || looks) && len(value) >= sanitize.MinSecret && operatorfile.Placeholder(value) == "" && !slices.Contains(w.secrets, value) {
		w.secrets = append(w.secrets, value)
	}
}

// knows makes standard error cut what a session with that configuration cuts.
func (env environment) knows(c Config) {
	if w, ok := env.stderr.(*cleanStderr); ok {
		w.knows(c)
	}
}

// knows makes w cut what a session's scrubber cuts, too.
func (w *cleanStderr) knows(c Config) {
	for _, secret := range c.Secrets {
		w.suspect(secret, true)
	}
	w.suspect(c.Token, true)
	c.Secrets, c.Token = w.secrets, ""
	scrubber, _, err := c.Scrubber()
	if err != nil {
		return // opening the session fails by it, and says so
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scrubber = scrubber
}

// Write writes a text that ends where a secret could not go on: a line, or several.
func (w *cleanStderr) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	clean := string(text)
	if !w.plain(clean) {
		clean, _ = w.scrubber.Text(clean, sanitize.TextOptions{})
	}
	if _, err := io.WriteString(w.to, clean); err != nil {
		return 0, err
	}
	return len(text), nil
}

// revealing matches what a rule may want to look at: a random run, or a word that
// names a secret.
var revealing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)[0-9A-Za-z_-]{16,}|pass|pwd|secret|token|key|auth|cookie|begin|@|%[0-9a-f]{2}|\\u|[^\x00-\x7f]`)
})

// plain reports whether a text is one in which no rule can find anything. The rules
// take a moment and some megabytes to prepare, which starting must not cost.
func (w *cleanStderr) plain(text string) bool {
	for _, secret := range w.secrets {
		if strings.Contains(text, secret) {
			return false
		}
	}
	for _, found := range revealing().FindAllString(text, -1) {
		if len(found) < 16 || strings.ContainsAny(found, "0123456789") {
			return false
		}
	}
	return true
}

// file returns the file that w writes to, nil if it is none.
func (w *cleanStderr) file() *os.File {
	file, _ := w.to.(*os.File)
	return file
}
