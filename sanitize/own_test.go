package sanitize

import (
	"encoding/base64"
	"testing"
)

const ownRulesFile = `
[[rules]]
id = 'acme-ticket'
regex = '''ACME-(\d{4}-[a-z]{6})'''
keywords = ['acme-']
[[rules]]
id = 'acme-config'
regex = '''pin\s*=\s*(\d{6})'''
path = '''(^|/)acme\.conf$'''
[[rules]]
id = 'keystore'
path = '''\.p12$'''
`

func withRules(t *testing.T) *Scrubber {
	t.Helper()
	rules, warnings, err := ParseRules([]byte(ownRulesFile))
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	s, err := New(Config{Secrets: []string{own}, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOwnRules(t *testing.T) {
	t.Parallel()
	s := withRules(t)
	for _, row := range []struct{ name, path, in, want string }{
		{"a rule of the operator's", "", "x ACME-1234-abcdef y", "x ACME-[redacted:acme-ticket] y"},
		{"encoded", "", base64.StdEncoding.EncodeToString([]byte("see ACME-1234-abcdef")), "[redacted:acme-ticket]"},
		{"split by what nobody sees", "", "x ACME-\u200b1234-abcdef y", "x ACME-[U+200B][redacted:acme-ticket] y"},
		{"a path that is not known", "", "pin = 123456", "pin = 123456"},
		{"another path", "docs/acme.conf.md", "pin = 123456", "pin = 123456"},
		{"the path", "etc/acme.conf", "pin = 123456", "pin = [redacted:acme-config]"},
		{"default rules run on any path", "vendor/go.sum", githubPAT, "[redacted:github-pat]"},
		{"a file that is kept back", "a/b.p12", "one\ntwo\n", "[withheld: all of this file, by rule keystore]\n\n"},
	} {
		got, report := s.Text(row.in, TextOptions{Path: row.path})
		if got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
		if (got == row.in) != (len(report.Redactions) == 0) {
			t.Errorf("%s: reported %+v", row.name, report)
		}
	}
	if object, _, err := s.JSON(map[string]string{"title": "ACME-1234-abcdef", "pin": "= 123456"}); err != nil || string(object) != `{"pin":"= 123456","title":"ACME-[redacted:acme-ticket]"}` {
		t.Errorf("JSON: %s, %v", object, err)
	}
	if line := s.Line("ACME-1234-abcdef"); line != "ACME-[redacted:acme-ticket]" {
		t.Errorf("Line: %s", line)
	}
	if found := s.Findings("x", TextOptions{Path: "x.p12"}); len(found) != 1 || found[0] != (Finding{Line: 1, Rule: "keystore"}) {
		t.Errorf("Findings: %v", found)
	}
}

func TestOwnRulesCantTakeAegisNames(t *testing.T) {
	t.Parallel()
	for _, id := range []string{ownCredential, privateKey, "generic-api-key", "gitea-token", aegisKey} {
		if _, _, err := ParseRules([]byte("[[rules]]\nid='" + id + "'\nregex='never'\n")); err == nil {
			t.Errorf("%s can be taken", id)
		}
	}
}
