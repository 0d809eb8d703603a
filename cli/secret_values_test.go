package cli

import (
	"slices"
	"strings"
	"testing"

	"aegis/sanitize"

	"golang.org/x/text/unicode/norm"
)

// Each line of a secrets file protects the value that it is meant for, however
// it is written, or the file is refused.
func TestSecretValues(t *testing.T) {
	t.Parallel()
	const value = "hunter22-and-more"
	for line, also := range map[string]string{
		value:                                 "",
		"  " + value + "\t":                   "",
		`"` + value + `"`:                     "",
		`'` + value + `'`:                     "",
		"`" + value + "`":                     "",
		"\u201c" + value + "\u201d":           "",
		"\u201e" + value + "\u201c":           "",
		"\u00ab" + value + "\u00bb":           "",
		`"` + value:                           "", // a quote that is left over
		value + `"`:                           "",
		value + ",":                           "",
		`"` + value + `",`:                    "",
		"PASSWORD=" + value:                   "",
		"export PASSWORD=" + value:            "",
		"export  PASSWORD='" + value + "'":    "",
		"set PASSWORD=" + value:               "",
		"$env:PASSWORD = \"" + value + `"`:    "",
		"password: " + value:                  "",
		"password: '" + value + "'":           "",
		"- password: " + value:                "",
		"- " + value:                          "",
		"- '" + value + "'":                   "",
		`- "PASSWORD=` + value + `"`:          "",
		`"password": "` + value + `",`:        "",
		"db.password = " + value:              "",
		"db.password := " + value + ";":       "",
		":pw => '" + value + "',":             "", // from the name on
		"PASSWORD=" + value + " # the old":    "",
		`PASSWORD="` + value + `" # the old`:  "",
		"alice:" + value:                      "",
		"--token=" + value:                    "", // forms that nobody thought of
		"--token " + value:                    "",
		"set TOKEN " + value:                  "",
		"my token = " + value:                 "",
		"a.b[0].token=" + value:               "",
		"2FA_TOKEN=" + value:                  "",
		"TOKEN ?= " + value:                   "",
		"TOKEN='" + value + "'; export TOKEN": "",
		"const TOKEN = '" + value + "'":       "",
		"machine a login b password " + value: "",
		"db:5432:app:alice:" + value:          "",
		"https://alice:" + value + "@a.b/c":   "",
		"<token>" + value + "</token>":        "",
		"token\t" + value:                     "",
		"PASSWORD=abc=" + value:               "abc=" + value,
		"#" + value:                           "#" + value, // a value may begin so
		"pass word; " + value:                 "pass word; " + value,
		"c2VjcmV0c2VjcmV0==":                  "c2VjcmV0c2VjcmV0==",
		`"a=b=c=d"`:                           "a=b=c=d",
		"123456:x":                            "123456:x",
		"gr\u00fc\u00dfe-an-alle":             "gr\u00fc\u00dfe-an-alle",
	} {
		values, err := secretValues("# old ones\n\n" + line + "\n")
		want := also
		if want == "" {
			want = value
		}
		if strings.HasPrefix(line, ":pw") {
			want = strings.TrimSpace(line)
		}
		if err != nil || !slices.Contains(values, want) || !slices.Contains(values, strings.TrimSpace(line)) {
			t.Errorf("%q protects %q, %v; not %q", line, values, err, want)
		}
	}
}

func TestSecretsFilesThatProtectNothingAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "there is no value in it",
		"\n \n\t\n":                       "there is no value in it",
		"#\n# nothing yet\n":              "there is no value in it",
		"long enough\nshort\n":            "line 2 is shorter than 6 bytes",
		"long enough\n\"short\"\n":        "line 2 is shorter than 6 bytes",
		"{\"password\": \"hunter22222\"}": "line 1 holds several values",
		"[production]\na=hunter22222":     "line 1 holds several values",
		"- abcd":                          "line 1 holds a value that is shorter",
		"{\n":                             "line 1 is shorter than 6 bytes",
		"AB=long enough\nBC=abcd\n":       "line 2 holds a name and a value that is shorter",
		"DEBUG=true":                      "line 1 holds a name and a value that is shorter",
		"pin: 1234":                       "line 1 holds a name and a value that is shorter",
		"PIN='1234'":                      "line 1 holds a name and a value that is shorter",
		"PIN=\"\"":                        "line 1 is shorter than 6 bytes",
		"PIN=abc # a comment":             "line 1 holds a name and a value that is shorter",
		"abcdef,\nPIN=123,":               "line 2 holds a name and a value that is shorter",
		"PASSWORD=":                       "line 1 was never filled in",
		"${PASSWORD}":                     "line 1 was never filled in",
		"PASSWORD=${PASSWORD}":            "line 1 was never filled in",
		"PASSWORD=\"${PASSWORD}\"":        "line 1 was never filled in",
		"hunter\u200b22222":               "line 1 holds U+200B, which can't be seen",
		"hunter\u00a022222":               "line 1 holds U+00A0, which looks like a space",
		"hunter\ufffd2222":                "line 1 holds U+FFFD, which stands for one that was lost",
		"hunter22222\u00ad":               "line 1 holds U+00AD",
		"\ufeffhunter22222":               "line 1 holds U+FEFF",
		"hunter22222\nhunter\u00852222":   "line 2 holds U+0085",
	} {
		values, err := secretValues(text)
		if values != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v", text, values, err)
		}
	}
}

// FuzzSecretValues: a file is refused or protects each of its lines but comments;
// what it protects is long enough and taken from it.
func FuzzSecretValues(f *testing.F) {
	for _, seed := range []string{"hunter22", "A=b", "export A='hunter22' # x", "\"a\": \"hunter22\",", "# no\n#value1", "a:=b=>c", "“hunter22”", "c2VjcmV0=="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := secretValues(text)
		if err != nil {
			if values != nil {
				t.Fatalf("%q with %v", values, err)
			}
			return
		}
		if len(values) == 0 {
			t.Fatal("nothing is protected, without a word")
		}
		for _, value := range values {
			if len(value) < sanitize.MinSecret || !strings.Contains(norm.NFC.String(text), norm.NFC.String(value)) {
				t.Fatalf("%q of %q", value, text)
			}
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && !isComment(line) && !slices.Contains(values, line) {
				t.Fatalf("%q is not protected", line)
			}
		}
	})
}
