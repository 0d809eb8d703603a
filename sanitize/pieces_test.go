package sanitize

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"

	"aegis/internal/race"
)

// Parts cover a text, none is longer than it may be, and each begins where something
// that is encoded can be decoded.
func TestPartsCoverTheText(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"short":      "a",
		"none":       "",
		"one":        strings.Repeat("ab ", pieceSize/3),
		"lines":      strings.Repeat("some words\n", 100_000),
		"one line":   strings.Repeat("some words ", 100_000),
		"base64":     "x " + strings.Repeat("A1b2", 300_000),
		"base64, it": strings.Repeat("key="+strings.Repeat("A1b2C", 9_999)+" ", 20),
		"characters": strings.Repeat("é\u200b", 300_000),
	} {
		at, next := 0, 0
		inParts(text, func(p part) bool {
			if p.start != at || p.reads != next || p.reads > p.start || p.end < p.start || p.to < p.end || p.to > len(text) || p.next > p.end {
				t.Fatalf("%s: %+v after %d, %d", name, p, at, next)
			}
			if p.to-p.reads > pieceSize+3*pieceMargin {
				t.Errorf("%s: %+v is long", name, p)
			}
			for _, i := range []int{p.reads, p.start, p.end, p.to} {
				if i < len(text) && !utf8.RuneStart(text[i]) {
					t.Errorf("%s: %d is in the midst of a character", name, i)
				}
				if i > 0 && i < len(text) && isBase64(text[i-1]) && isBase64(text[i]) {
					run := strings.LastIndexAny(text[:i], "= ") + 1
					if (i-run)%4 != 0 {
						t.Errorf("%s: %d is %d in a run", name, i, i-run)
					}
				}
			}
			at, next = p.end, p.next
			return true
		})
		if at != len(text) {
			t.Errorf("%s: %d of %d bytes", name, at, len(text))
		}
	}
}

// A secret is cut wherever it stands: also where a text is parted. It stands in twelve
// places around there, under the race detector in four of them.
func TestI3_SecretsAreCutWhereATextIsParted(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	secrets := map[string]string{
		"a token": githubPAT, "our own": own,
		"in base64": base64.StdEncoding.EncodeToString([]byte("key: " + githubPAT + "\n")),
		"in hex":    hex.EncodeToString([]byte(githubPAT)),
		"disguised": strings.ReplaceAll(githubPAT, "a", "&#97;"),
		"split":     githubPAT[:9] + "\u200b" + githubPAT[9:],
	}
	for _, filler := range []string{"some words ", "some words\n"} {
		whole := strings.Repeat(filler, (pieceSize+2*pieceMargin)/len(filler))
		for name, secret := range secrets {
			for i := range 12 {
				if race.On && i%3 != 1 {
					continue
				}
				// Before, at and after the end of the first part.
				at := pieceSize - 70 + 7*i
				if filler[len(filler)-1] == '\n' {
					at -= pieceSize % len(filler)
				}
				text := whole[:at] + " " + secret + " " + whole[at:]
				clean, report := s.Text(text, TextOptions{})
				if len(report.Redactions) != 1 || report.Withheld > 0 {
					t.Fatalf("%s at %d: %+v", name, at, report)
				}
				for rule, n := range report.Redactions {
					if n != 1 || clean != whole[:at]+" [redacted:"+rule+"] "+whole[at:] {
						t.Fatalf("%s at %d: %d cuts by %s", name, at, n, rule)
					}
				}
			}
		}
	}
}

// What is encoded in one piece may be longer than what is looked at in one.
func TestI3_LongEncodedTextsAreCut(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	lines := strings.Repeat("# settings\nDEBUG=1\ntoken: "+githubPAT+"\n", 3*pieceSize/64)
	for name, text := range map[string]string{
		"base64":     base64.StdEncoding.EncodeToString([]byte(lines)),
		"url base64": base64.RawURLEncoding.EncodeToString([]byte(lines)),
		"hex":        hex.EncodeToString([]byte(lines)),
	} {
		clean, report := s.Text("x"+name+": "+text+"\n", TextOptions{})
		if len(clean) > 1000 || report.Withheld > 0 {
			t.Errorf("%s: %d bytes are left of %d, %+v", name, len(clean), len(text), report)
		}
	}
}

// Of a large text a piece of which nothing is to be cut is shown as it is; what a
// piece gives away is cut from it and from all that come after, and what is hidden
// is shown in each.
func TestI3_PiecesOfALargeTextAreClean(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	at := func(piece, offset int, insert, text string) string {
		i := piece*pieceSize + offset
		i += strings.IndexByte(text[i:], '\n') + 1
		return text[:i] + insert + text[i:]
	}
	text := strings.Repeat("some words\n", (7*pieceSize)/len("some words\n"))
	before := text
	text = at(6, 999, "a token "+githubPAT[:9]+"\u200b"+githubPAT[9:]+"\n", text)
	text = at(5, 999, "later "+memorablePassword+" again\n", text)
	text = at(4, 999, "to\u200bken \u202ehidden\n", text)
	text = at(2, 9000, "password: '"+memorablePassword+"'\n", text)
	text = at(2, 1000, "soon "+memorablePassword+" comes\n", text)
	clean, report := s.Text(text, TextOptions{ShowHidden: true})
	if strings.Contains(clean, memorablePassword) || strings.Contains(clean, githubPAT[20:]) || strings.ContainsAny(clean, "\u200b\u202e") {
		t.Errorf("%+v: something is left", report)
	}
	if n := sum(report.Redactions); n != 4 || report.Hidden == 0 || report.Withheld > 0 {
		t.Errorf("%+v, want 4 redactions", report)
	}
	if got := strings.Count(clean, "some words\n"); got != strings.Count(before, "some words\n") || strings.Count(clean, "\n") != strings.Count(text, "\n") {
		t.Errorf("%d lines are as they were", got)
	}
	if again, _ := s.Text(clean, TextOptions{ShowHidden: true}); again != clean {
		t.Error("cleaned once more it is another")
	}
}
