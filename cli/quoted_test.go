package cli

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestQuoted(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                       `""`,
		"acme/sandbox":           `acme/sandbox`,
		"policy.yaml:3 write":    `"policy.yaml:3 write"`,
		"日本/é.md":                `日本/é.md`,
		"a,b":                    `"a,b"`,
		"repo=x":                 `"repo=x"`,
		`a"b\c`:                  `"a\"b\\c"`,
		"a\nb\x1b[2J":            `"a\nb\x1b[2J"`,
		"\u009b31m":              `"\u009b31m"`,
		"a\u202eb\u2066\u200b":   `"a\u202eb\u2066\u200b"`,
		"a\u2028b":               `"a\u2028b"`,
		"\u3164\u2800\ufe0f":     `"\u3164\u2800\ufe0f"`,
		"\U000e0041":             `"\U000e0041"`,
		"a\xffb":                 `"a\xffb"`,
		"a\ufffdb":               "a\ufffdb",
		"שלום":                   `"\u05e9\u05dc\u05d5\u05dd"`,
		"e\u0301":                "e\u0301",
		"e\u0301\u0301\u0301":    "\"e\u0301\u0301\\u0301\"",
		"a\u00a0b":               `"a\u00a0b"`,
		"…":                      `"…"`,
		"none":                   "none",
		strings.Repeat("x", 500): strings.Repeat("x", 500),
		strings.Repeat("x", 501): strings.Repeat("x", 500) + "…(501 bytes)",
		strings.Repeat("日", 200): strings.Repeat("日", 166) + "…(600 bytes)",
	} {
		if got := quoted(value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// Whatever a value is, it is one visible word or stands in quotes that it can't
// leave, and says what it was.
func FuzzQuoted(f *testing.F) {
	for _, seed := range []string{"", "plain", hostile, "a b=c", strings.Repeat("日", 300), "\xe6\x97"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := quoted(value)
		if strings.ContainsFunc(got, concealed) || !utf8.ValidString(got) {
			t.Fatalf("%q conceals something", got)
		}
		word, cut, _ := strings.Cut(got, "…(")
		if strings.ContainsRune(word, '…') {
			return // part of the value
		}
		said := word
		if strings.HasPrefix(word, `"`) {
			var err error
			if said, err = strconv.Unquote(word); err != nil {
				t.Fatalf("%s: %v", word, err)
			}
		} else if strings.ContainsAny(word, " ,=\"\\") {
			t.Fatalf("%s is more than a word", word)
		}
		if (cut != "") != (len(value) > quotedBytes) || !strings.HasPrefix(value, said) || cut == "" && said != value {
			t.Errorf("%q became %s", value, got)
		}
	})
}
