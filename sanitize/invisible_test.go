package sanitize

import (
	"strings"
	"testing"
	"unicode"

	"aegis/sanitize/leaks"
)

func TestReveal(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, in, prose, file, hidden string }{
		{name: "nothing hidden", in: "plain\ttext\r\nwith lines\n", prose: "plain\ttext\r\nwith lines\n"},
		{name: "one zero-width space", in: "a\u200bb", prose: "a[U+200B]b"},
		{name: "several", in: "a\u200b\u200c\u2060b", prose: "a[3 zero-width characters]b", hidden: "a[U+200B][U+200C][U+2060]b"},
		{name: "two sorts", in: "a\u200b\u200b\u202e\u202eb", prose: "a[2 zero-width characters][2 direction-changing characters]b", hidden: "a[U+200B][U+200B][U+202E][U+202E]b"},
		{name: "soft hyphen", in: "pass\u00adword", prose: "pass[U+00AD]word"},
		{name: "tag characters", in: "a\U000e0001\U000e0068\U000e0069\U000e007fb", prose: `a[hidden tag characters: "hi"]b`},
		{name: "tag characters with quotes", in: "\U000e0022\U000e005c\U000e005d", prose: `[hidden tag characters: "\"\\]"]`},
		{name: "flag of Wales", in: "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", prose: "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", hidden: `🏴[hidden tag characters: "gbwls"]`},
		{name: "flag that says more", in: "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e0021\U000e007f", prose: `🏴[hidden tag characters: "gbwls!"]`},
		{name: "stray selector", in: "a\ufe0fb", prose: "a[U+FE0F]b"},
		{name: "selectors that spell bytes", in: "😀\ufe0f\U000e0150\U000e0151", prose: "😀\ufe0f[2 variation selector characters]", hidden: "😀[U+FE0F][U+E0150][U+E0151]"},
		{name: "selector of an ideograph", in: "葛\U000e0100飾", prose: "葛\U000e0100飾", hidden: "葛[U+E0100]飾"},
		{name: "emoji of a family", in: "👨\u200d👩\u200d👧", prose: "👨\u200d👩\u200d👧", hidden: "👨[U+200D]👩[U+200D]👧"},
		{name: "heart on fire", in: "❤\ufe0f\u200d🔥", prose: "❤\ufe0f\u200d🔥", hidden: "❤[U+FE0F][U+200D]🔥"},
		{name: "keycap", in: "1\ufe0f\u20e3", prose: "1\ufe0f\u20e3", hidden: "1[U+FE0F]\u20e3"},
		{name: "joiner in a word", in: "to\u200dken", prose: "to[U+200D]ken"},
		{name: "Persian", in: "می\u200cخواهم", prose: "می\u200cخواهم", hidden: "می[U+200C]خواهم"},
		{name: "two joiners where one would do", in: "می\u200c\u200cخواهم", prose: "می[2 zero-width characters]خواهم", hidden: "می[U+200C][U+200C]خواهم"},
		{name: "Hindi", in: "क्\u200dष", prose: "क्\u200dष", hidden: "क्[U+200D]ष"},
		{name: "Hangul fillers", in: "a\u3164b\uffa0\u115f\u1160", prose: "a[U+3164]b[3 invisible characters]", hidden: "a[U+3164]b[U+FFA0][U+115F][U+1160]"},
		{name: "Mongolian vowel separator", in: "a\u180eb", prose: "a[U+180E]b"},
		{name: "interlinear annotation", in: "a\ufff9b\ufffac\ufffb", prose: "a[U+FFF9]b[U+FFFA]c[U+FFFB]"},
		{name: "line separators", in: "a\u2028b\u2029", prose: "a[U+2028]b[U+2029]"},
		{name: "terminal colours", in: "\x1b[31mred\x1b[0m", prose: "[U+001B][31mred[U+001B][0m"},
		{name: "a lone carriage return", in: "good\rbad", prose: "good[U+000D]bad"},
		{name: "C1 controls", in: "a\u009b31m\u0085", prose: "a[U+009B]31m[U+0085]"},
		{name: "NUL and DEL", in: "a\x00\x7fb", prose: "a[2 control characters]b", hidden: "a[U+0000][U+007F]b"},
		{name: "byte order mark at the begin", in: "\ufeffpackage x", prose: "[U+FEFF]package x", file: "\ufeffpackage x", hidden: "[U+FEFF]package x"},
		{name: "byte order mark elsewhere", in: "package\ufeff x", prose: "package[U+FEFF] x"},
		{name: "form feed", in: "a\n\fb", prose: "a\n[U+000C]b", file: "a\n\fb", hidden: "a\n[U+000C]b"},
		{name: "direction mark in Hebrew", in: "שלום\u200f!", prose: "שלום[U+200F]!", file: "שלום\u200f!", hidden: "שלום[U+200F]!"},
		{name: "direction mark in code", in: "if a\u200f {", prose: "if a[U+200F] {"},
		{name: "direction override in Hebrew", in: "שלום\u202e!", prose: "שלום[U+202E]!"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if row.file == "" {
				row.file = row.prose
			}
			if row.hidden == "" {
				row.hidden = row.file
			}
			for _, c := range []struct {
				how  display
				want string
			}{{asProse, row.prose}, {asFile, row.file}, {asHidden, row.hidden}} {
				got, present, replaced := reveal(leaks.Unlimited(), row.in, c.how)
				if got != c.want {
					t.Errorf("reveal(%+q, %d)\n got %+q\nwant %+q", row.in, c.how, got, c.want)
				}
				if (replaced == 0) != (got == row.in) || replaced > present {
					t.Errorf("reveal(%+q, %d) counts %d present, %d replaced", row.in, c.how, present, replaced)
				}
			}
		})
	}
}

func TestHiddenCharactersAreCounted(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	const text = "\ufeffa\u200b\u200bb می\u200cخواهم"
	if _, report := s.Text(text, TextOptions{}); report.Hidden != 4 {
		t.Errorf("Text counts %d, want all 4", report.Hidden)
	}
	if _, report, _ := s.JSON(map[string]string{"a": text}); report.Hidden != 3 {
		t.Errorf("JSON counts %d, want the 3 that were replaced", report.Hidden)
	}
}

// Whatever Unicode calls invisible, format or control is either known here or
// is visible after all.
func TestInvisibleKnowsUnicode(t *testing.T) {
	t.Parallel()
	visible := func(r rune) bool { // signs that enclose or precede numbers
		return 0x600 <= r && r <= 0x605 || r == 0x6dd || r == 0x70f || r == 0x890 || r == 0x891 || r == 0x8e2 ||
			r == 0x110bd || r == 0x110cd || 0x13430 <= r && r <= 0x1343f
	}
	for r := range rune(unicode.MaxRune) {
		if !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			continue
		}
		if r == '\t' || r == '\n' || visible(r) {
			continue
		}
		if !invisible(r) {
			t.Errorf("%U passes for visible", r)
		}
	}
}

func FuzzReveal(f *testing.F) {
	for _, seed := range []string{"a\u200bb", "\U000e0041", "<!-- x --", "<!--><!---><!-- a <!-- b --> c", "\r\r\n", "\xff\ufe0f", "🏴\U000e0067"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		for _, how := range []display{asProse, asFile, asHidden} {
			shown, _, _ := reveal(leaks.Unlimited(), text, how)
			again, _, replaced := reveal(leaks.Unlimited(), shown, how)
			if again != shown || replaced != 0 {
				t.Errorf("reveal(%+q, %d) is %+q, and then %+q", text, how, shown, again)
			}
			if strings.Count(shown, "\n") != strings.Count(text, "\n") {
				t.Errorf("reveal(%+q) has other line breaks: %+q", text, shown)
			}
		}
		comments := revealComments(leaks.Unlimited(), text)
		if again := revealComments(leaks.Unlimited(), comments); again != comments || strings.Contains(comments, commentBegin) {
			t.Errorf("revealComments(%+q) is %+q, and then %+q", text, comments, again)
		}
	})
}
