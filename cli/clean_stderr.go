package cli

import (
	"io"
	"os"
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

// tokenLike reports whether a value could be a token put into the wrong place, and is
// no name, path or address: a word with a digit, and sixteen letters or digits in a row.
func tokenLike(value string) bool {
	run, longest, digit := 0, 0, false
	for i := range len(value) {
		switch c := value[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			run++
		case '0' <= c && c <= '9':
			run++
			digit = true
		case strings.IndexByte("_+=~-", c) >= 0:
			run = 0
		default:
			return false
		}
		longest = max(longest, run)
	}
	return digit && longest >= 16
}

// suspect adds a value to those that are cut, if it is a secret or looks like one.
func (w *cleanStderr) suspect(value string, is bool) {
	value = strings.TrimSpace(value)
	if (is || tokenLike(value)) && len(value) >= sanitize.MinSecret && operatorfile.Placeholder(value) == "" && !slices.Contains(w.secrets, value) {
		w.secrets = append(w.secrets, value)
	}
}

// knows makes standard error cut what a session with that configuration cuts.
func (env environment) knows(c Config) {
	if w, ok := env.stderr.(*cleanStderr); ok {
		w.knows(c)
	}
}

// learns makes standard error cut one more value. It is an error if that is too short.
func (env environment) learns(secret string) error {
	if w, ok := env.stderr.(*cleanStderr); ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.scrubber.Learn(secret)
	}
	return nil
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
	clean, _ := w.scrubber.Text(string(text), sanitize.TextOptions{})
	if _, err := io.WriteString(w.to, clean); err != nil {
		return 0, err
	}
	return len(text), nil
}

// file returns the file that w writes to, nil if it is none.
func (w *cleanStderr) file() *os.File {
	file, _ := w.to.(*os.File)
	return file
}
