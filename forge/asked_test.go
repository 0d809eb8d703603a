package forge

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Each row of the list is about something, and needs a scope but where Gitea asks for none.
func TestEveryRowIsAboutSomething(t *testing.T) {
	t.Parallel()
	for _, r := range append(slices.Clone(egress), egressWrites...) {
		s, ok := subjectOf(r.pattern)
		where := "/" + strings.Join(r.pattern, "/")
		if !ok {
			t.Errorf("%s is about nothing", where)
		}
		if free := r.pattern[0] == "version" || strings.HasPrefix(r.pattern[0], "signing-key"); (s.scopes == "") != free {
			t.Errorf("%s: scopes %q", where, s.scopes)
		}
	}
}

// What the documentation says of scopes is what the rows say.
func TestDocsNameTheScopes(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		name   string
		begins []string
	}{
		{"issues, comments, labels and milestones", []string{"/issues", "/labels", "/milestones"}},
		{"branches, files, pull requests, reviews and releases", []string{"/branches", "/contents", "/pulls", "/releases"}},
		{"wiki pages", []string{"/wiki"}},
		{"starting workflows", []string{"/actions"}},
	}
	lines := []string{"| reading everything | " + quoted(Scopes("")) + " |"}
	sorted := 0
	for _, kind := range kinds {
		var scopes []string
		for _, write := range Writes() {
			_, path, _ := strings.Cut(write, " ")
			if slices.ContainsFunc(kind.begins, func(b string) bool { return strings.HasPrefix(path, b) }) {
				scopes, sorted = append(scopes, Scopes(write)...), sorted+1
			}
		}
		slices.Sort(scopes)
		lines = append(lines, "| "+kind.name+" | "+quoted(slices.Compact(scopes))+" |")
	}
	if sorted != len(egressWrites) {
		t.Errorf("%d of %d writes are of a kind", sorted, len(egressWrites))
	}
	for _, name := range []string{"../docs/configuration.md", "../README.md"} {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if !strings.Contains(string(page), line+"\n") {
				t.Errorf("%s lacks\n%s", name, line)
			}
		}
	}
}

func quoted(scopes []string) string { return "`" + strings.Join(scopes, "`, `") + "`" }

// Whatever a refusal says, what comes of it is one of our own words.
func FuzzReason(f *testing.F) {
	for _, seed := range []string{
		`{"message":"not found","url":"x","errors":null}`, `{"message":"token does not have at least one of required scope(s), required=[read:user]","url":""}`,
		`{"error":"x"}`, `null`, ``, `<html>`, `[]`, `{"message":1}`, "404 page not found\n",
	} {
		f.Add(404, "application/json", []byte(seed))
	}
	known := map[Reason]bool{Unknown: true, Foreign: true, Unlike: true, NoRoute: true, NothingYet: true}
	for _, w := range words {
		known[w.reason] = true
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, content []byte) {
		if reason := reasonIn(status, contentType, content); !known[reason] {
			t.Errorf("%q", reason)
		}
	})
}
