package sanitize

import (
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const hexToken = "3ad5a2d0c8b7f61e94d2a5b3c6e7f8091a2b3c4d"

func said(found []Secret) string {
	var all []string
	for _, f := range found {
		all = append(all, f.Rule+" in "+strings.Join(f.Fields, "+"))
	}
	return strings.Join(all, ", ")
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	s := withRules(t)
	one := func(text string) []Written { return []Written{{Field: "body", Text: text}} }
	two := func(title, body string) []Written {
		return []Written{{Field: "title", Text: title}, {Field: "body", Text: body}}
	}
	for _, row := range []struct {
		name  string
		texts []Written
		want  string
	}{
		{"nothing", nil, ""},
		{"prose", one("The API key is read from the environment; see `config.go`."), ""},
		{"hidden things are no secrets", one("a\u200bb <!-- c --> &#8203;"), ""},
		{"a marker is none either", one("[redacted:github-pat]"), ""},
		{"plain", one("use " + githubPAT), "github-pat in body"},
		{"encoded", one(base64.StdEncoding.EncodeToString([]byte("use " + githubPAT))), "github-pat in body"},
		{"split by what nobody sees", one("use " + githubPAT[:9] + "\u200b" + githubPAT[9:]), "github-pat in body"},
		{"split by a reference", one("use " + githubPAT[:9] + "&#8203;" + githubPAT[9:]), "github-pat in body"},
		{"in a comment", one("<!-- " + githubPAT + " -->"), "github-pat in body"},
		{"in tag characters", one(tags(githubPAT)), "github-pat in body"},
		{"Aegis' own, reversed", one(reversed(own)), "own-credential in body"},
		{"a token of Gitea", one("GITEA_TOKEN=" + hexToken), "gitea-token in body"},
		{"a commit", one("Since " + hexToken + " it fails."), ""},
		{"two at once", one(githubPAT + "\nGITEA_TOKEN=" + hexToken), "gitea-token in body, github-pat in body"},
		{"the operator's rule", one("ACME-1234-abcdef"), "acme-ticket in body"},
		{"one for a path, elsewhere", one("pin = 123456"), ""},
		{"one for a path", []Written{{"files[0].content", "pin = 123456", "etc/acme.conf"}}, "acme-config in files[0].content"},
		{"a file that is kept back", []Written{{"files[0].content", "x", "a/b.p12"}}, "keystore in files[0].content"},
		{"bytes that are no text", one("\xff\xfe" + githubPAT), "github-pat in body"},
		{"one each", two(githubPAT, "GITEA_TOKEN="+hexToken), "gitea-token in body, github-pat in title"},

		{"the name before the value", two("GITEA_TOKEN", hexToken), "generic-api-key in body+title, gitea-token in body+title"},
		{"the value before the name", two(hexToken, "GITEA_TOKEN"), "generic-api-key in body+title, gitea-token in body+title"},
		{"the name at the end of a text", two("What I found: GITEA_TOKEN=", hexToken+" is it."), "generic-api-key in body+title, gitea-token in body+title"},
		{"cut in two", two("use "+githubPAT[:12], githubPAT[12:]), "github-pat in body+title"},
		{"cut in two, turned round", two(githubPAT[12:], "use "+githubPAT[:12]), "github-pat in body+title"},
		{"cut in three", []Written{{Field: "a", Text: githubPAT[:9]}, {Field: "b", Text: githubPAT[9:20]}, {Field: "c", Text: githubPAT[20:]}}, "github-pat in a+b+c"},
		{"Aegis' own, cut in two", two(own[:20], own[20:]), "own-credential in body+title"},
		{"with something empty between", []Written{{Field: "a", Text: githubPAT[:9]}, {Field: "b"}, {Field: "c", Text: githubPAT[9:]}}, "github-pat in a+c"},
		{"at the ends of long texts", two(strings.Repeat("word ", 4000)+githubPAT[:12], githubPAT[12:]+strings.Repeat(" word", 4000)), "github-pat in body+title"},
		{"whole in one of them", two("The token is", githubPAT+" I think"), "github-pat in body"},
		{"neither", two("Fix the handling of tokens", "Since "+hexToken+" it fails."), ""},
		{"a commit beside prose", two("Update the lock file", hexToken), ""},
	} {
		if got := said(s.Secrets(row.texts)); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// tags spells ASCII in tag characters.
func tags(s string) string { return strings.Map(func(r rune) rune { return 0xe0000 + r }, s) }

// What the policy lets answers show may be written.
func TestSecretsHonourExceptions(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	text := []Written{{Field: "title", Text: "A sample"}, {Field: "body", Text: "use " + githubPAT}}
	fingerprint := s.Findings(text[1].Text, TextOptions{})[0].Fingerprint
	if got := said(s.With([]string{fingerprint}).Secrets(text)); got != "" {
		t.Errorf("allowed, and yet %s", got)
	}
	cut := []Written{{Field: "title", Text: githubPAT[:9]}, {Field: "body", Text: githubPAT[9:]}}
	if got := said(s.With([]string{fingerprint}).Secrets(cut)); got != "" {
		t.Errorf("allowed, and yet %s", got)
	}
	if got := said(s.With([]string{"other"}).Secrets(text)); got != "github-pat in body" {
		t.Errorf("another is allowed: %q", got)
	}
	if got := said(s.With([]string{"", fingerprint}).Secrets([]Written{{Field: "body", Text: own}})); got != "own-credential in body" {
		t.Errorf("own credentials can't be allowed: %q", got)
	}
}

func TestSecretsOfNoScrubber(t *testing.T) {
	t.Parallel()
	var none *Scrubber
	want := []Secret{{Unclean, []string{"body"}}}
	for _, s := range []*Scrubber{none, {}} {
		if got := s.Secrets([]Written{{Field: "body", Text: "harmless"}}); !reflect.DeepEqual(got, want) {
			t.Errorf("%v", got)
		}
	}
}

// Whatever an answer would not show may not be written.
func FuzzSecrets(f *testing.F) {
	f.Add("use "+githubPAT, "GITEA_TOKEN")
	f.Add("GITEA_TOKEN: ", hexToken)
	f.Add("<!--\u200b", own)
	f.Add("\xff&#8203;", "api_key='kQ7vZ2mW4xL9pR3tB8nY'")
	s, err := New(Config{Secrets: []string{own}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		found := s.Secrets([]Written{{Field: "one", Text: one}, {Field: "two", Text: two}})
		for _, found := range found {
			if found.Rule == "" || len(found.Fields) == 0 || !slices.IsSorted(found.Fields) {
				t.Errorf("%+v", found)
			}
		}
		for name, text := range map[string]string{"one": one, "two": two} {
			var all []map[string]int
			_, asFile := s.Text(text, TextOptions{})
			_, escaped := s.Text(text, TextOptions{ShowHidden: true})
			object, asProse, err := s.JSON(map[string]string{"x": text})
			all = append(all, asFile.Redactions, escaped.Redactions)
			if err == nil && asProse.Withheld == 0 {
				all = append(all, asProse.Redactions)
			}
			for i, redactions := range all {
				if len(redactions) > 0 && !slices.ContainsFunc(found, func(f Secret) bool { return slices.Contains(f.Fields, name) }) {
					t.Errorf("%q is cut %d: %v, %s; but may be written", text, i, redactions, object)
				}
			}
		}
	})
}

func BenchmarkSecrets(b *testing.B) {
	s := scrubber(b, own)
	var files []Written
	for i := range 50 {
		files = append(files, Written{Field: fmt.Sprintf("files[%d].content", i), Text: strings.Repeat("some text of a file\n", 1000), Path: "a"})
	}
	for name, texts := range map[string][]Written{
		"issue": {{Field: "title", Text: "It does not start"}, {Field: "body", Text: strings.Repeat("The API key is read from the environment; see `config.go`.\n", 60)}},
		"files": files,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Secrets(texts)
			}
		})
	}
}

// A word in one text makes no secret of what stands in another, far from it.
func TestAWordElsewhereMakesNoSecret(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	filler := strings.Repeat("a line of words that mean nothing\n", 20)
	commit := "4f2b8d1c9e3a7065b1d2c4f8a9e0b3c7d5f61a28"
	texts := []Written{
		{Field: "files[0].content", Text: "github.com/source" + "graph/conc v0.3.0\n" + filler},
		{Field: "files[1].content", Text: filler + "commit: " + commit + "\n" + filler},
		{Field: "files[1].path", Text: "a/lock"},
	}
	if found := s.Secrets(texts); len(found) > 0 {
		t.Errorf("%v", found)
	}
	near := []Written{{Field: "title", Text: "The source" + "graph token is"}, {Field: "body", Text: commit}}
	if found := s.Secrets(near); len(found) == 0 {
		t.Error("a name before a value in the next field is not seen")
	}
}

// Fields that nobody looked at together to the end hold what can't be said of them.
func TestFieldsNotLookedThroughTogetherAreUnclean(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	found := scrubber(t).Within(ctx).across([]Written{{Field: "title", Text: "api"}, {Field: "body", Text: "_key"}})
	if len(found) == 0 || found[0].Rule != Unclean || !slices.Equal(found[0].Fields, []string{"body", "title"}) {
		t.Errorf("%+v", found)
	}
}
