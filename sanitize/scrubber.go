package sanitize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// A Scrubber cuts secrets and shows what is hidden. It is made by [New] and
// is safe for concurrent use.
type Scrubber struct {
	secrets []string
}

// New makes a Scrubber. It is cheap: rules are prepared when first needed. It
// fails if a secret is shorter than [MinSecret].
func New(cfg Config) (*Scrubber, error) {
	for _, secret := range cfg.Secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("a secret to redact is shorter than %d bytes", MinSecret)
		}
	}
	return &Scrubber{secrets: cfg.Secrets}, nil
}

// TextOptions says how [Scrubber.Text] shows a text.
type TextOptions struct {
	// ShowHidden shows every invisible character as what it is, also those
	// that hide nothing.
	ShowHidden bool
}

// JSON marshals v, which must be a JSON object, and scrubs its string values.
func (s *Scrubber) JSON(v any) ([]byte, Report, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, Report{}, err
	}
	text, report := s.Text(strings.TrimSuffix(b.String(), "\n"), TextOptions{})
	return []byte(text), report, nil
}

// Text scrubs a file, a diff or a log and keeps its line breaks.
func (s *Scrubber) Text(text string, opts TextOptions) (string, Report) {
	var report Report
	for _, secret := range s.secrets {
		if n := strings.Count(text, secret); n > 0 {
			report.redacted("own-credential", n)
			text = strings.ReplaceAll(text, secret, "[redacted:own-credential]")
		}
	}
	return text, report
}

// Line scrubs an error message, a log line or an audit field and makes it one line.
func (s *Scrubber) Line(text string) string {
	text, _ = s.Text(text, TextOptions{})
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(text)
}
