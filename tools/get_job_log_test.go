package tools

import (
	"strings"
	"testing"
)

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
		if got := string(withoutColours([]byte(log))); got != want {
			t.Errorf("%q: %q, want %q", log, got, want)
		}
	}
}

// A time is left at the first of the lines of one second.
func TestWithFewTimes(t *testing.T) {
	t.Parallel()
	for log, want := range map[string]string{
		"":        "",
		"plain\n": "plain\n",
		"2024-05-01T10:00:00.1234567Z one\n2024-05-01T10:00:00.9Z two\n2024-05-01T10:00:01Z three\n": "2024-05-01T10:00:00Z one\ntwo\n2024-05-01T10:00:01Z three\n",
		"2024-05-01T10:00:00Z a\nno time\n2024-05-01T10:00:00Z b":                                    "2024-05-01T10:00:00Z a\nno time\nb",
		"2024-05-01T10:00:00Z \n2024-05-01T10:00:00Z \n":                                             "2024-05-01T10:00:00Z \n\n",
		"2024-13-01T10:00:00Z no time\n":                                                             "2024-13-01T10:00:00Z no time\n",
		"2024-05-01T10:00:00+02:00 x\n":                                                              "2024-05-01T10:00:00+02:00 x\n",
		"2024-05-01T10:00:00.x1Z x\n":                                                                "2024-05-01T10:00:00.x1Z x\n",
		"2024-05-01 10:00:00Z x\n":                                                                   "2024-05-01 10:00:00Z x\n",
	} {
		if got := string(withFewTimes([]byte(log))); got != want {
			t.Errorf("%q: %q, want %q", log, got, want)
		}
	}
}

// Lines stay lines, and nothing but times is taken.
func FuzzWithFewTimes(f *testing.F) {
	f.Add("2024-05-01T10:00:00.1Z one\n2024-05-01T10:00:00.2Z two\r\nthree")
	f.Add("2024-05-01T10:00:00Z 2024-05-01T10:00:00Z \n\n")
	f.Fuzz(func(t *testing.T, log string) {
		got := string(withFewTimes([]byte(log)))
		if strings.Count(got, "\n") != strings.Count(log, "\n") || len(got) > len(log) {
			t.Fatalf("%q became %q", log, got)
		}
		was, is := strings.Split(log, "\n"), strings.Split(got, "\n")
		for i := range was {
			if _, rest, _ := cutTime([]byte(was[i])); !strings.HasSuffix(is[i], string(rest)) {
				t.Fatalf("%q became %q", was[i], is[i])
			}
		}
	})
}
