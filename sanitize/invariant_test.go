package sanitize

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect"

	"aegis/internal/race"
	"aegis/sanitize/internal/stock"
)

// record is an answer as tools make them.
type record struct {
	Call    string            `json:"call"`
	Token   string            `json:"token"`
	APIKey  string            `json:"api_key"`
	Title   string            `json:"title"`
	Number  int64             `json:"number"`
	Labels  []string          `json:"labels"`
	Nested  map[string]string `json:"nested,omitempty"`
	SHA     string            `json:"sha"`
	Ignored *struct{}         `json:"nothing"`
}

// document returns a text full of secrets of random rules.
func document(r *rand.Rand, patterns []string) string {
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteString(stock.Between(r))
		text := stock.Encoded(r, stock.Instance(r, patterns[r.IntN(len(patterns))]))
		switch r.IntN(6) {
		case 0: // split by something invisible
			at := r.IntN(len(text) + 1)
			hidden := []string{"\u200b", "\u00ad", "\u202e", "\U000e0041", "\x1b[0m", "\ufe0f", "\u3164", "\x00"}
			text = strings.ToValidUTF8(text[:at], "") + hidden[r.IntN(len(hidden))] + text[at:]
		case 1:
			text = "<!-- " + text + " -->"
		case 2: // spelled in tag characters
			text = strings.Map(func(c rune) rune {
				if 0x20 <= c && c < 0x7f {
					return 0xe0000 + c
				}
				return c
			}, text)
		case 3:
			text = strings.ReplaceAll(fmt.Sprintf("%q", text), `"`, "")
		}
		b.WriteString(text + stock.Between(r))
	}
	return b.String()
}

func patterns(tb testing.TB) []string {
	cfg := stock.Config(tb)
	var all []string
	for _, rule := range cfg.GetOrderedRules() {
		if rule.Regex != nil {
			all = append(all, rule.Regex.String())
		}
	}
	return all
}

// clean fails the test if gitleaks finds something in what we would emit.
func clean(t *testing.T, detector *detect.Detector, what, input, output string) {
	t.Helper()
	for _, f := range detector.DetectString(output) {
		t.Errorf("%s of %q\n is %q\n and gitleaks finds %s: %q", what, input, output, f.RuleID, f.Match)
	}
}

// Of 600 pairs of texts; under the race detector, where gitleaks takes most of the time,
// of 150.
func TestI3_StockGitleaksFindsNothing(t *testing.T) {
	t.Parallel()
	detector, all := stock.New(t), patterns(t)
	s := scrubber(t)
	rounds := 600
	switch {
	case testing.Short():
		rounds = 60
	case race.On:
		rounds = 150
	}
	for round := range rounds {
		r := rand.New(rand.NewPCG(3, uint64(round)))
		check(t, s, detector, document(r, all), document(r, all))
	}
}

// check holds everything that the scrubber makes of two texts to the promise.
func check(t *testing.T, s *Scrubber, detector *detect.Detector, one, two string) {
	t.Helper()
	for _, opts := range []TextOptions{{}, {ShowHidden: true}} {
		text, report := s.Text(one, opts)
		clean(t, detector, "Text", one, text)
		if strings.Count(text, "\n") != strings.Count(one, "\n") {
			t.Errorf("Text of %q has other line breaks: %q", one, text)
		}
		if report.Withheld > 0 {
			t.Logf("withheld: %q", one)
		}
		if again, _ := s.Text(text, opts); again != text {
			t.Errorf("Text is not idempotent: %q, then %q", text, again)
		}
		framed, _ := Wrap(text)
		clean(t, detector, "Wrap", text, framed)
	}
	line := s.Line(one)
	clean(t, detector, "Line", one, line)
	if strings.ContainsAny(line, "\r\n") || firstInvisible(line) >= 0 && strings.ContainsAny(line, "\u200b\u202e\x1b") {
		t.Errorf("Line of %q is %q", one, line)
	}
	v := record{
		Call: "c1", Token: one, APIKey: two, Title: two, Number: 123456789012345, Labels: []string{one, "bug", two},
		Nested: map[string]string{"secret_token": two}, SHA: "3ad5a2d0c8b7f61e94d2a5b3c6e7f8091a2b3c4d",
	}
	shown := fmt.Sprintf("%+q, %+q", one, two)
	answer, report, err := s.JSON(v)
	if err != nil {
		t.Errorf("JSON(%s): %v", shown, err)
		return
	}
	clean(t, detector, "JSON", shown, string(answer))
	if report.Withheld > 0 {
		t.Logf("withheld from %s", shown)
	}
	var back record
	if err := json.Unmarshal(answer, &back); err != nil {
		t.Errorf("JSON(%s) is no JSON: %v", shown, err)
	}
	if back.Number != v.Number || back.Call != v.Call {
		t.Errorf("JSON(%s) changed what is no secret: %s", shown, answer)
	}
	for _, field := range []string{back.Token, back.APIKey, back.Title, strings.Join(back.Labels, "")} {
		if strings.Contains(field, "\u200b") || strings.Contains(field, "\x1b") || strings.Contains(field, "<!--") {
			t.Errorf("JSON(%q) hides something: %s", shown, field)
		}
	}
}

func FuzzScrub(f *testing.F) {
	all := patterns(f)
	for round := range 30 {
		r := rand.New(rand.NewPCG(5, uint64(round)))
		f.Add(document(r, all), document(r, all))
	}
	f.Add("\xff\u200d", "")
	f.Add("-----BEGIN PRIVATE KEY-----\n"+strings.Repeat("A", 70), "<!--<!-- -->")
	f.Add("[redacted:", "api_key]")
	detector := stock.New(f)
	s, err := New(Config{Secrets: []string{own}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		check(t, s, detector, one, two)
		noTrace(t, own, "Text", first(s.Text(one+two, TextOptions{})))
	})
}

func first[A, B any](a A, _ B) A { return a }
