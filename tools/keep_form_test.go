package tools

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// forms are files of each form, and some that are in none.
var forms = []string{
	"", "plain\n", "\ufeffmarked\r\n", "\xff\xfea\x00\n\x00", "\xfe\xff\x00a\x00\n", "caf\xe9\n", "one\r\ntwo\nthree", "a\rb", "\x00\x01", "\xff\xfea", "\x81\n",
	"\xff\xfe\x00\xd8", "\xef\xbb\xbf\xff", "日本\r\n", "\x93quoted\x94\r\n",
}

// FuzzDecodeText: a file that is text is the very same file once its text is encoded
// again, or can't be encoded; and what can be encoded is read as it was given.
func FuzzDecodeText(f *testing.F) {
	for _, raw := range forms {
		f.Add([]byte(raw), "caf\u00e9 \u65e5\n")
	}
	f.Fuzz(func(t *testing.T, raw []byte, other string) {
		text, form, ok := decodeText(raw)
		if !ok {
			if text != "" || form != (textForm{}) {
				t.Fatalf("no text, and %q in %+v", text, form)
			}
			return
		}
		if stored, err := form.encode(text); err == nil && !bytes.Equal([]byte(stored), raw) {
			t.Errorf("%q in %+v is stored as %q, was %q", text, form, stored, raw)
		}
		stored, err := form.encode(other)
		if err != nil || form == (textForm{}) { // plain UTF-8 is stored as it is given
			return
		}
		if again, as, ok := decodeText([]byte(stored)); !ok || again != other {
			t.Errorf("%q, stored in %+v, is read as %q in %+v (%t)", other, form, again, as, ok)
		}
	})
}

// FuzzKeepForm: the text of a file, written back as it was read, is the very same file, or
// refused; and whatever is written is read again as what was given, but for line ends
// and the last of them.
func FuzzKeepForm(f *testing.F) {
	for _, raw := range forms {
		f.Add([]byte(raw), "one\nnew\nthree\n")
	}
	f.Fuzz(func(t *testing.T, raw []byte, given string) {
		if !utf8.ValidString(given) { // no argument is
			return
		}
		text, _, ok := decodeText(raw)
		if !ok {
			if _, err := keepForm(raw, given); err == nil {
				t.Error("text replaces what is none")
			}
			return
		}
		bare := strings.ReplaceAll(text, "\r\n", "\n")
		if strings.Contains(bare, "\r") { // which is shown as a marker, and markers are not written
			bare = text
		}
		for _, shown := range []string{text, bare} {
			if kept, err := keepForm(raw, shown); err == nil && kept.content != string(raw) && !strings.HasPrefix(text, mark) {
				t.Errorf("%q, written back as %q, becomes %q", raw, shown, kept.content)
			}
		}
		kept, err := keepForm(raw, given)
		if err != nil {
			return
		}
		again, _, ok := decodeText([]byte(kept.content))
		plain := strings.NewReplacer("\r\n", "\n").Replace
		read, want := plain(again), plain(strings.TrimPrefix(given, mark))
		if read != want && read+"\n" != want && read != want+"\n" && ok {
			t.Errorf("%q over %q is kept as %q, which reads as %q", given, raw, kept.content, again)
		}
	})
}
