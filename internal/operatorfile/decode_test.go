package operatorfile

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func utf16Bytes(text string, big, mark bool) string {
	var b strings.Builder
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if big {
			b.WriteString(string([]byte{byte(u >> 8), byte(u)}))
		} else {
			b.WriteString(string([]byte{byte(u), byte(u >> 8)}))
		}
	}
	return b.String()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, raw, want, wrong string }{
		{"plain", "a\nb\n", "a\nb\n", ""},
		{"nothing", "", "", ""},
		{"byte-order mark", "\ufeffa\n", "a\n", ""},
		{"a second mark stays", "\ufeff\ufeffa", "\ufeffa", ""},
		{"a mark inside stays", "a\ufeffb", "a\ufeffb", ""},
		{"Windows line ends", "a\r\nb\r\n", "a\nb\n", ""},
		{"old line ends", "a\rb\r", "a\nb\n", ""},
		{"all line ends", "a\r\rb\n\rc\r\n", "a\n\nb\n\nc\n", ""},
		{"other letters", "gr\u00fc\u00dfe \u65e5\u672c\u8a9e", "gr\u00fc\u00dfe \u65e5\u672c\u8a9e", ""},
		{"Latin-1", "one\r\ngr\xfc\xdfe", "", "line 2, column 3: the byte 0xFC is not UTF-8"},
		{"cut in a character", "a\xe6\x97", "", "line 1, column 2: the byte 0xE6"},
		{"NUL", "ab\nc\x00d", "", "line 2, column 2: a NUL byte"},
		{"UTF-16", utf16Bytes("secret value\n", false, true), "", "this is UTF-16 text; save it as UTF-8"},
		{"UTF-16, big-endian", utf16Bytes("secret value\n", true, true), "", "UTF-16"},
		{"UTF-16 without a mark", utf16Bytes("secret value\n", false, false), "", "UTF-16"},
		{"UTF-16, big-endian, without a mark", utf16Bytes("secret value\n", true, false), "", "UTF-16"},
		{"UTF-16, other letters", utf16Bytes("\u65e5\u672c\u8a9e", false, true), "", "UTF-16"},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", "", "UTF-32"},
	} {
		got, err := Decode([]byte(c.raw))
		if got != c.want || (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// FuzzDecode: what is decoded is UTF-8 without NULs, marks in front and carriage
// returns, and decoding it again changes nothing but a further mark.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"a\r\nb", "\ufeffa", "\xff\xfea\x00", "a\x00b\x00", "gr\xfc", "\r", "\ufeff\ufeff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, err := Decode(raw)
		if err != nil {
			if text != "" || err.Error() == "" {
				t.Fatalf("%q with %v", text, err)
			}
			return
		}
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r") {
			t.Fatalf("%q", text)
		}
		again, err := Decode([]byte(text))
		if err != nil || again != strings.TrimPrefix(text, "\ufeff") {
			t.Fatalf("%q becomes %q: %v", text, again, err)
		}
	})
}
