package gate

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLayOut_ShowsWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, want string }{
		"as it is":              {"one two\n\tthree", "  | one two\n  | \tthree\n"},
		"indented code":         {"                    deep()", "  |                     deep()\n"},
		"wide blanks":           {"a" + strings.Repeat(" ", 32) + "b", "  | a[32 spaces]b\n"},
		"tabs":                  {"a" + strings.Repeat("\t", 9) + "b", "  | a[9 tabs]b\n"},
		"mixed":                 {"a  \t" + strings.Repeat(" ", 30) + "b", "  | a[2 spaces][1 tab][30 spaces]b\n"},
		"ideographic spaces":    {"a\u3000\u3000b", "  | a[2 × U+3000]b\n"},
		"one between two words": {"a\u00a0b", "  | a\u00a0b\n"},
		"braille blank":         {"a\u2800b", "  | a[1 × U+2800]b\n"},
		"no blank, and empty":   {"a\ufffcb\U0001d159", "  | a[1 × U+FFFC]b[1 × U+1D159]\n"},
		"piled marks":           {"a" + strings.Repeat("\u0335\u0300", 30) + "b e\u0302\u0301", "  | a[60 marks]b e\u0302\u0301\n"},
		"at the end":            {"a  \nb ", "  | a[2 spaces]\n  | b[1 space]\n"},
		"nothing but blanks":    {"   ", "  | [3 spaces]\n"},
		"carriage return":       {"a\r\nb", "  | a[1 CR]\n  | b\n"},
		"empty lines":           {"a" + strings.Repeat("\n", 41) + "b", "  | a\n  | [40 empty lines]\n  | b\n"},
		"a paragraph":           {"a\n\nb", "  | a\n  | \n  | b\n"},
		"a long line":           {strings.Repeat("x", 100), "  | " + strings.Repeat("x", 72) + "\n  ¦ " + strings.Repeat("x", 28) + "\n"},
		"a forged bar":          {"x\n  |- gone", "  | x\n  |   |- gone\n"},
	} {
		var p page
		p.lines(barText, row.text)
		if got := layOut(p.String()); got != row.want {
			t.Errorf("%s:\n%q, want\n%q", name, got, row.want)
		}
	}
}

func TestPage_Diff(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ before, after, want string }{
		"a line":          {"a\nb\nc\n", "a\nB\nc\n", "f:\n  @@ -1,3 +1,3 @@\n  | a\n  |- b\n  |+ B\n  | c\n"},
		"all of it":       {"a\n", "", "f:\n  @@ -1,1 +0,0 @@\n  |- a\n"},
		"a last line":     {"a", "a\n", "f:\n  @@ -1,1 +1,1 @@\n  |- a\n  \\ No newline at end of file\n  |+ a\n"},
		"lines like ours": {"x\n", "@@ -1 +1 @@\n--- a\n", "f:\n  @@ -1,1 +1,2 @@\n  |- x\n  |+ @@ -1 +1 @@\n  |+ --- a\n"},
		"nothing":         {"a\n", "a\n", "f:\n  (what changes does not show)\n  |- a\n  |+ a\n"},
	} {
		var p page
		p.diff("f", row.before, row.after)
		if got := p.String(); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, row.want)
		}
	}
}

// Whatever a text holds, each of its lines keeps its bar and fits, and it is as long
// as what stands for it says.
func FuzzLayOut(f *testing.F) {
	for _, seed := range []string{"", "a\n\n\n\nb", "branch: main\r\n\u2028x", strings.Repeat(" ", 100), strings.Repeat("世", 100), "  | x", "\t\t\u3000 \u00a0\r"} {
		f.Add(seed, seed+"x")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if !utf8.ValidString(before) || !utf8.ValidString(after) {
			t.Skip()
		}
		var p page
		p.lines(barText, after)
		checkLaidOut(t, layOut(p.String()))
		p = page{}
		p.diff("f", before, after)
		_, rest, _ := strings.Cut(layOut(p.String()), "\n")
		checkLaidOut(t, rest)
	})
}

func checkLaidOut(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		bar := barOf(strings.Replace(line, "¦", "|", 1))
		own := strings.HasPrefix(line, "  @@ -") || line == "  \\ No newline at end of file\n" || line == "  (what changes does not show)\n"
		if bar == "" && !own {
			t.Errorf("a line without a bar: %q", line)
		}
		if columns := utf8.RuneCountInString(line); bar != "" && columns > maxColumns+8 {
			t.Errorf("%d columns: %q", columns, line)
		}
		if strings.Contains(line, strings.Repeat(" ", maxBlank+len(bar)+1)) || strings.ContainsAny(line, "\r\u2800") {
			t.Errorf("blanks that are not shown: %q", line)
		}
	}
	if strings.Count(text, "\n  | \n  | \n  | \n") > 0 {
		t.Errorf("empty lines that are not shown: %q", text)
	}
}
