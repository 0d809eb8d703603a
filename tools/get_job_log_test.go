package tools

import "testing"

func TestWithoutColours(t *testing.T) {
	t.Parallel()
	for log, want := range map[string]string{
		"":                         "",
		"plain":                    "plain",
		"\x1b[32mgreen\x1b[0m":     "green",
		"to\x1b[1;31;40mken":       "token",
		"\x1b[Kcleared":            "cleared",
		"\x1b[2Jscreen":            "\x1b[2Jscreen",
		"\x1b[":                    "\x1b[",
		"\x1b[31":                  "\x1b[31",
		"\x1b[\x1b[m":              "\x1b[",
		"\x1b]8;;http://x\x07link": "\x1b]8;;http://x\x07link",
		"\x1b[31;\nm":              "\x1b[31;\nm",
		"\x1b[3\x1b[0m1m":          "\x1b[31m", // what is left is made visible, not taken out
	} {
		if got := withoutColours(log); got != want {
			t.Errorf("%q: %q, want %q", log, got, want)
		}
	}
}
