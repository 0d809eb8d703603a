package sanitize

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// vector is a file of testdata/sanitize: a text and what Text makes of it. In
// the file secrets are broken by "<+>", so that no scanner stops at them, and
// what is invisible is written <U+200B>.
type vector struct{ name, in, text string }

var codePoint = regexp.MustCompile(`<U\+([0-9A-F]{4,6})>`)

func vectors(tb testing.TB) []vector {
	tb.Helper()
	files, err := filepath.Glob("../testdata/sanitize/*.txtar")
	if err != nil || len(files) == 0 {
		tb.Fatal("no vectors: ", err)
	}
	var all []vector
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		v := vector{name: strings.TrimSuffix(filepath.Base(name), ".txtar")}
		for _, f := range txtar.Parse([]byte(strings.ReplaceAll(string(content), "\r\n", "\n"))).Files {
			data := strings.ReplaceAll(string(f.Data), "<+>", "")
			data = codePoint.ReplaceAllStringFunc(data, func(s string) string {
				n, _ := strconv.ParseInt(s[3:len(s)-1], 16, 32)
				return string(rune(n))
			})
			switch f.Name {
			case "in":
				v.in = data
			case "text":
				v.text = data
			}
		}
		all = append(all, v)
	}
	return all
}

func scrubber(tb testing.TB, secrets ...string) *Scrubber {
	tb.Helper()
	s, err := New(Config{Secrets: secrets})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			got, report := s.Text(v.in, TextOptions{})
			if got != v.text {
				t.Errorf("Text(%q)\n got %q\nwant %q", v.in, got, v.text)
			}
			if strings.Count(got, "\n") != strings.Count(v.in, "\n") {
				t.Error("line breaks were not kept")
			}
			if again, second := s.Text(got, TextOptions{}); again != got || len(second.Redactions) > 0 {
				t.Errorf("a second time: %q, %v", again, second)
			}
			if report.Withheld != 0 {
				t.Errorf("withheld: %+v", report)
			}
		})
	}
}
