package sanitize

import (
	"html"
	"strings"
	"testing"

	"aegis/sanitize/leaks"
)

func TestRevealEntities(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in, want string
		n        int
	}{
		{"none", "none", 0},
		{"a & b &amp; c &lt; &#65; &nbsp; &eacute; &#x41", "a & b &amp; c &lt; &#65; &nbsp; &eacute; &#x41", 0},
		{"a&#8203;b", "a[U+200B]b", 1},
		{"a&#x200b;b", "a[U+200B]b", 1},
		{"a&#X200B;b", "a[U+200B]b", 1},
		{"a&#8203b", "a[U+200B]b", 1},
		{"a&#0000000000000000000000000000000000000000000008203;b", "a[U+200B]b", 1},
		{"&zwj;&zwnj;&shy;&lrm;&rlm;&ZeroWidthSpace;&NoBreak;", "[U+200D][U+200C][U+00AD][U+200E][U+200F][U+200B][U+2060]", 7},
		{"to&shyken", "to[U+00AD]ken", 1},
		{"&#917569;&#xE0062;", "[U+E0041][U+E0062]", 2},
		{"&#8238;txt.exe", "[U+202E]txt.exe", 1},
		{"&#27;[2J", "[U+001B][2J", 1},
		{"&amp;#8203;", "&amp;#8203;", 0},
		{"&&#8203;&", "&[U+200B]&", 1},
		{"&#;&#x;&;&#xg;", "&#;&#x;&;&#xg;", 0},
	} {
		got, n := revealEntities(leaks.Unlimited(), row.in)
		if got != row.want || n != row.n {
			t.Errorf("revealEntities(%q) = %q, %d; want %q, %d", row.in, got, n, row.want, row.n)
		}
	}
}

// Prose shows them; a file is what it is.
func TestEntitiesInProseAndFiles(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	object, report, err := s.JSON(map[string]string{"a": "x&#8203;y"})
	if err != nil || string(object) != `{"a":"x[U+200B]y"}` || report.Hidden != 1 {
		t.Errorf("JSON: %s, %+v, %v", object, report, err)
	}
	for _, hidden := range []bool{false, true} {
		if text, report := s.Text("x&#8203;y", TextOptions{ShowHidden: hidden}); text != "x&#8203;y" || report.Hidden != 0 {
			t.Errorf("Text: %q, %+v", text, report)
		}
	}
}

func FuzzRevealEntities(f *testing.F) {
	for _, seed := range []string{"&#8203;", "&#x200B", "&shy&shy;#8203;", "&&#8203;#8203;", "&#99999999999999999999;", "&zwjx;", "a&amp;#8203;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		shown, n := revealEntities(leaks.Unlimited(), text)
		if (n == 0) != (shown == text) {
			t.Errorf("%q: %d replaced, and it is %q", text, n, shown)
		}
		if again, more := revealEntities(leaks.Unlimited(), shown); again != shown || more != 0 {
			t.Errorf("revealEntities(%q) is %q, and then %q", text, shown, again)
		}
		if firstInvisible(text) >= 0 {
			return
		}
		if decoded := html.UnescapeString(shown); firstInvisible(decoded) >= 0 {
			t.Errorf("revealEntities(%q) is %q, which decodes to %+q", text, shown, decoded)
		}
	})
}
