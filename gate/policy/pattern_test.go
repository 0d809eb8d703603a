package policy

import (
	"strings"
	"testing"
)

// A list in a repository pattern stands for each of what it lists, and applies once.
func TestRepositoryPatternsMayList(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
repositories:
  "acme/{app,Lib}": {read: deny}
  "{north,south}/{db-*,vault}": {read: deny}
  "acme/{lib,lab-*}":
    write: allow
`)
	for repo, rule := range map[string]string{
		"acme/app": "policy.yaml:3 read", "ACME/LIB": "policy.yaml:3 read", "acme/lab": "", "acme/application": "",
		"north/db-1": "policy.yaml:4 read", "south/vault": "policy.yaml:4 read", "west/vault": "", "acme/vault": "",
	} {
		d := p.Decide(ask("get_repository", repo))
		if d.Allow != (rule == "") || !d.Allow && d.Rule.String() != rule {
			t.Errorf("%s: %+v", repo, d)
		}
		if n := len(p.In(repository(repo)).sections); n > 4 {
			t.Errorf("%d sections apply to %s", n, repo)
		}
	}
	if d := p.Decide(ask("create_issue", "acme/lab-2")); !d.Allow {
		t.Errorf("%+v", d)
	}
	for pattern, why := range map[string]string{
		"acme/{a,a}": "twice", "acme/{a,A}": "twice", "acme/{a": "without its '}'", "acme/a}": "without its '{'", "{acme,other}": "owner/name",
		"acme/{a,}": "empty", "acme/{a, b}": "character other", "acme/{a,b.git}": ".git", "acme/{a,b/c}": "owner/name",
		"a/" + strings.Repeat("{a,b}", 8): "alternatives", "{a,b}/{c,**}": "**",
	} {
		if _, err := parseRepoPattern(pattern); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	for _, twice := range []string{"\"acme/{a,b}\": {read: deny}\n  \"acme/{B,A}\": {read: deny}", "\"acme/{a,b}\": {}\n  \"acme/{b,a}\": {}"} {
		if _, _, err := Parse("policy.yaml", []byte("version: 1\nrepositories:\n  "+twice+"\n")); err == nil || !strings.Contains(err.Error(), "already on line 3") {
			t.Errorf("%s: %v", twice, err)
		}
	}
}

// FuzzRepositoryPattern: a pattern that is taken matches each name that it spells out.
func FuzzRepositoryPattern(f *testing.F) {
	for _, pattern := range []string{"a/b", "acme/{app,lib}", "*/*", "a*c/{x-*,*y}", "{a,b}/{c,d*e}", "a/{", "a/}", "{{a,b},c}/d", "a/{b,{c,d}}"} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		p, err := parseRepoPattern(pattern)
		if err != nil {
			return
		}
		if len(p.rows) == 0 || len(p.rows) > maxAlternatives {
			t.Fatalf("%q stands for %d", pattern, len(p.rows))
		}
		for _, row := range p.rows {
			plain := func(w wildcard) string { return strings.ReplaceAll(w.text, "*", "x") }
			if !p.match(plain(row.owner), plain(row.name)) || !p.match(strings.ReplaceAll(row.owner.text, "*", ""), strings.ReplaceAll(row.name.text, "*", "")) {
				t.Fatalf("%q does not match what its %s spells out", pattern, row)
			}
		}
	})
}
