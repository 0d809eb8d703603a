package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"aegis/internal/app"
)

// utf16LE is a text in UTF-16, without a mark.
func utf16LE(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	return b.String()
}

// findings runs "aegis secrets" over a text with a secrets file of the given
// bytes; status 1 says that something would be redacted.
func findings(t *testing.T, secrets, text string) (status int, said string) {
	t.Helper()
	folder := t.TempDir()
	file, about := filepath.Join(folder, "secrets.txt"), filepath.Join(folder, "text.md")
	for name, content := range map[string]string{file: secrets, about: text} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs strings.Builder
	status = run(context.Background(), environment{
		args: []string{"secrets", "--secrets-file", file, about},
		lookup: func(name string) (string, bool) {
			if strings.HasPrefix(name, "XDG_") {
				return folder, true
			}
			return "", false
		},
		stdout: &out, stderr: &errs,
	})
	return status, out.String() + errs.String()
}

// However a secrets file is encoded and its values are written, each value is
// found in a text, or the file is refused and says why. There is no third.
func TestNoSecretsFileFailsOpen(t *testing.T) {
	t.Parallel()
	const text = "somewhere in prose stands Blauer-Esel7 and no word more\n"
	if status, said := findings(t, "Gelbe-Katze8\n", text); status != exitOK {
		t.Fatalf("another value: %d, %s", status, said)
	}
	for name, c := range map[string]struct {
		file    string
		refused string
	}{
		"plain":                    {"Blauer-Esel7\n", ""},
		"no end of line":           {"Gelbe-Katze8\nBlauer-Esel7", ""},
		"byte-order mark":          {"\ufeffBlauer-Esel7\n", ""},
		"Windows lines":            {"Gelbe-Katze8\r\nBlauer-Esel7\r\n", ""},
		"old Macintosh lines":      {"Gelbe-Katze8\rBlauer-Esel7\rGraue-Maus9\r", ""},
		"mixed lines":              {"\ufeff# mine\rGelbe-Katze8\n\rBlauer-Esel7\r\n", ""},
		"double quotes":            {"\"Blauer-Esel7\"\n", ""},
		"single quotes":            {"'Blauer-Esel7'\n", ""},
		"typographic quotes":       {"\u201cBlauer-Esel7\u201d\n", ""},
		"NAME=value":               {"PASSWORD=Blauer-Esel7\n", ""},
		"NAME: value":              {"password: Blauer-Esel7\n", ""},
		"export NAME=value":        {"export PASSWORD=\"Blauer-Esel7\" # on paper\n", ""},
		"a list of YAML":           {"- 'Blauer-Esel7'\n", ""},
		"JSON":                     {"\"password\": \"Blauer-Esel7\",\n", ""},
		"UTF-16 with a mark":       {"\xff\xfe" + utf16LE("Blauer-Esel7\r\n"), "this is UTF-16 text; save it as UTF-8"},
		"UTF-16 without a mark":    {utf16LE("Blauer-Esel7\n"), "this is UTF-16 text"},
		"Latin-1":                  {"Gelbe-K\xe4tze8\nBlauer-Esel7\n", "line 1, column 8: the byte 0xE4 is not UTF-8, but perhaps Latin-1"},
		"NUL":                      {"Blauer-Esel7\x00Gelbe-Katze8\x00", "a NUL byte"},
		"empty":                    {"", "there is no value in it"},
		"a mark alone":             {"\ufeff", "there is no value in it"},
		"comments alone":           {"# Blauer-Esel7\n", "there is no value in it"},
		"a space that can't break": {"Blauer\u00a0Esel7\n", "line 1 holds U+00A0"},
		"a mark in the middle":     {"Gelbe-Katze8\n\ufeffBlauer-Esel7\n", "line 2 holds U+FEFF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, said := findings(t, c.file, text)
			switch {
			case c.refused == "" && (status != exitFailed || !strings.Contains(said, "1 own-credential -")):
				t.Errorf("not found: %d, %s", status, said)
			case c.refused != "" && (status != exitUsage || !strings.Contains(said, c.refused)):
				t.Errorf("not refused: %d, %s", status, said)
			}
			if strings.Contains(said, "Esel") || strings.Contains(said, "Katze") {
				t.Errorf("a value is shown: %s", said)
			}
		})
	}
}

// written is a file of a text.
func written(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A file of rules that yields no rule is refused like any other that protects
// nothing.
func TestRulesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	if _, warnings, err := (app.Config{Gitleaks: written(t, "# a\u200bb\n[[rules]]\nid='a'\nregex='aa\u200b'\n")}).Scrubber(); err != nil || len(warnings) != 1 ||
		!strings.HasSuffix(warnings[0], "line 4 holds U+200B, which can't be seen; is it meant?") {
		t.Errorf("%q, %v", warnings, err)
	}
	for content, want := range map[string]string{
		"":                                      "it has no rules",
		"[extend]\nuseDefault = true\n":         "it has no rules",
		"\xff\xfe[\x00":                         "UTF-16",
		"\ufeff[[rules]]\nid='a'\nregex='aa'\n": "",
		"[[rules]]\rid='a'\rregex='aa'\r":       "",
		"[[rules]]\nid='a'\nregex='\xe4'\n":     "Latin-1",
	} {
		_, _, err := app.Config{Gitleaks: written(t, content)}.Scrubber()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestArgumentsAreDecoded(t *testing.T) {
	t.Parallel()
	if raw, err := readArguments(strings.NewReader("\ufeff{\"owner\":\"a\"}\r\n"), "-"); err != nil || string(raw) != "{\"owner\":\"a\"}\n" {
		t.Errorf("%q, %v", raw, err)
	}
	for _, text := range []string{"\xff\xfe" + utf16LE("{}"), utf16LE("{\"a\":1}"), "{\"a\":\"\xe4\"}", "{}\x00"} {
		if raw, err := readArguments(io.Reader(strings.NewReader(text)), "-"); err == nil || raw != nil {
			t.Errorf("%q is taken", raw)
		}
	}
}

// What protects is judged like the policy: by its folders, too.
func TestFilesThatProtectAreJudged(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not judged on Windows")
	}
	folder := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "f")
	if err := os.WriteFile(file, []byte("[[rules]]\nid='a'\nregex='aa'\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o707); err != nil {
		t.Fatal(err)
	}
	var c Config
	for what, read := range map[string]func() error{
		"secrets": func() error { _, err := c.readOperatorFile(file, 1<<20); return err },
		"token":   func() error { _, err := c.readTokenFile(file); return err },
		"rules":   func() error { _, _, err := app.Config{Gitleaks: file}.Scrubber(); return err },
	} {
		if err := read(); err == nil || !strings.Contains(err.Error(), "open is world-writable") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := os.Chmod(folder, 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := c.readOperatorFile(file, 1<<20); err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "open is group-writable") {
		t.Errorf("%v %q", err, c.Warnings)
	}
}
