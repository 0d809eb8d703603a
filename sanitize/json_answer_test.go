package sanitize

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// Secrets in tests are put together here, so that no scanner stops at them.
var (
	githubPAT = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9bC1dE3fG5"
	looseKey  = "kQ7vZ2mW4x" + "L9pR3tB8nY"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	type object map[string]any
	for _, row := range []struct {
		name string
		v    any
		want string
	}{
		{"compact, and < > & as they are", object{"a": "x < y && z > \"w\" \\ \t\n\u00e9"}, `{"a":"x < y && z > \"w\" \\ \t\né"}`},
		{"numbers to the last digit", object{"n": json.Number("9007199254740993"), "f": 1.5, "b": true, "z": nil}, `{"b":true,"f":1.5,"n":9007199254740993,"z":null}`},
		{"nested", object{"a": []any{"x", object{"b": "y"}, []string{}}}, `{"a":["x",{"b":"y"},[]]}`},
		{"a secret in a value", object{"a": "use " + githubPAT + " now"}, `{"a":"use [redacted:github-pat] now"}`},
		{"an own credential", object{"a": own}, `{"a":"[redacted:own-credential]"}`},
		{"across a name and its value", object{"api_key": looseKey}, `{"api_key":"[redacted:generic-api-key]"}`},
		{"names stay", object{"secret_token_name": "x", "key": "y"}, `{"key":"y","secret_token_name":"x"}`},
		{"hidden things are shown", object{"a": "x\u200by <!-- z -->"}, `{"a":"x[U+200B]y [hidden comment: z]"}`},
		{"commit ids stay", object{"sha": "3ad5a2d0c8b7f61e94d2a5b3c6e7f8091a2b3c4d"}, `{"sha":"3ad5a2d0c8b7f61e94d2a5b3c6e7f8091a2b3c4d"}`},
		{"names with escapes", object{"a\"b": "x", "c\\": "y"}, `{"a\"b":"x","c\\":"y"}`},
		{"invalid UTF-8", object{"a": "x\xff"}, `{"a":"x�"}`},
		{"raw JSON", object{"a": json.RawMessage(`{ "b" : "` + `\u0067hp_` + githubPAT[4:] + `" }`)}, `{"a":{"b":"[redacted:github-pat]"}}`},
		{"of two fields, the one that holds it", object{"a": "before", "b": "password: " + looseKey, "c": "after"}, `{"a":"before","b":"password: [redacted:password-by-name]","c":"after"}`},
		{"empty", object{}, `{}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := s.JSON(row.v)
			if err != nil || string(got) != row.want {
				t.Errorf("JSON = %s, %v\nwant   %s", got, err, row.want)
			}
		})
	}
}

type unmarshallable struct{}

func (unmarshallable) MarshalJSON() ([]byte, error) { return nil, errors.New(githubPAT) }

func TestJSONRefuses(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	for name, v := range map[string]any{
		"no object":           []string{"a"},
		"a string":            "a",
		"nothing":             nil,
		"a channel":           map[string]any{"a": make(chan int)},
		"what quotes secrets": map[string]any{"a": unmarshallable{}},
	} {
		got, _, err := s.JSON(v)
		if err == nil || got != nil {
			t.Errorf("%s: JSON = %s", name, got)
		} else if strings.Contains(err.Error(), "ghp_") || strings.Contains(err.Error(), "chan") {
			t.Errorf("%s: the error says too much: %v", name, err)
		}
	}
}

func TestReportAdds(t *testing.T) {
	t.Parallel()
	var r Report
	r.Add(Report{Redactions: map[string]int{"a": 1}, Hidden: 2, Withheld: 3})
	r.Add(Report{Redactions: map[string]int{"a": 1, "b": 5}, Hidden: 1})
	if r.Redactions["a"] != 2 || r.Redactions["b"] != 5 || r.Hidden != 3 || r.Withheld != 3 {
		t.Errorf("%+v", r)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	for in, want := range map[string]string{
		"plain":                                 "plain",
		"two\nlines\r\nand\ttabs":               "two lines and tabs",
		"forged\n{\"level\":\"info\"}":          `forged {"level":"info"}`,
		"token " + own:                          "token [redacted:own-credential]",
		own[:20] + "\n" + own[20:]:              "[redacted:own-credential]",
		"\x1b[2Jcleared\u2028":                  "[U+001B][2Jcleared[U+2028]",
		"a\rb":                                  "a[U+000D]b",
		"Get \"https://x/?t=" + githubPAT + `"`: `Get "https://x/?t=[redacted:github-pat]"`,
	} {
		if got := s.Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}
