package sanitize

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	"aegis/sanitize/leaks"
)

// fingerprints are those of all findings in a text.
func fingerprints(s *Scrubber, text string) []string {
	all := map[string]bool{}
	for _, f := range s.Findings(text, TextOptions{}) {
		if f.Fingerprint != "" {
			all[f.Fingerprint] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func TestAllowedFindingsStay(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	other := "ghp_" + "zY9xW8vU7tS6rQ5pO4nM3lK2jI1hG0fE9dC8"
	allowed := fingerprints(s, "token = \""+githubPAT+"\"")
	view := s.With(allowed)
	for _, text := range []string{
		"token = \"" + githubPAT + "\"",
		"see " + githubPAT + "\nand " + githubPAT + ", too\n",
		base64.StdEncoding.EncodeToString([]byte("x " + githubPAT + " y")),
	} {
		got, report := view.Text(text, TextOptions{})
		if got != text || len(report.Redactions) > 0 || report.Withheld > 0 {
			t.Errorf("Text(%q) = %q, %+v", text, got, report)
		}
		if len(report.Exceptions) == 0 {
			t.Errorf("%q: no exception is told", text)
		}
		if got, _ := s.Text(text, TextOptions{}); got == text {
			t.Errorf("%q: the scrubber itself lets it through", text)
		}
		object, report, err := view.JSON(map[string]string{"a": text})
		if want := `{"a":"` + strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(text) + `"}`; err != nil || string(object) != want || len(report.Exceptions) == 0 {
			t.Errorf("JSON(%q) = %s, %+v, %v", text, object, report, err)
		}
	}
	if got, report := view.Text(githubPAT+"\n"+other, TextOptions{}); !strings.HasPrefix(got, githubPAT+"\n[redacted:") || strings.Contains(got, other) || len(report.Redactions) != 1 {
		t.Errorf("another secret: %q, %+v", got, report)
	}
}

func TestExceptionsAreCounted(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	name := "github-pat@"
	allowed := fingerprints(s, githubPAT)
	i := slices.IndexFunc(allowed, func(f string) bool { return strings.HasPrefix(f, name) })
	if i < 0 {
		t.Fatalf("%q", allowed)
	}
	view := s.With(allowed)
	_, report := view.Text(githubPAT+" "+githubPAT+"\n"+githubPAT, TextOptions{})
	if report.Exceptions[allowed[i]] != 3 {
		t.Errorf("Text: %v", report.Exceptions)
	}
	_, report, _ = view.JSON(map[string]any{"a": githubPAT, "b": []string{"x", githubPAT}})
	if report.Exceptions[allowed[i]] != 2 {
		t.Errorf("JSON: %v", report.Exceptions)
	}
	again := report
	again.Again(report)
	if again.Exceptions[allowed[i]] != 2 {
		t.Errorf("a second look: %v", again.Exceptions)
	}
	again.Add(report)
	if again.Exceptions[allowed[i]] != 4 {
		t.Errorf("the sum: %v", again.Exceptions)
	}
}

// Whatever an operator allows, Aegis' own credentials are not among it.
func TestI3_OwnCredentialsCantBeAllowed(t *testing.T) {
	t.Parallel()
	secret := githubPAT // one that a rule knows, too
	s := scrubber(t, secret)
	var all []string
	for _, text := range []string{secret, "key = " + secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
		all = append(all, fingerprints(s, text)...)
		all = append(all, "", leaks.Finding{Rule: ownCredential}.Fingerprint())
	}
	for _, f := range s.working(len(secret)).findIn(secret) {
		all = append(all, f.Fingerprint()) // also that of the credential itself
	}
	view := s.With(all)
	for form, text := range forms(secret) {
		got, _ := view.Text("x "+text+" y", TextOptions{})
		noTrace(t, secret, form, got)
		object, _, err := view.JSON(map[string]string{"a": "x " + text + " y"})
		if err != nil {
			t.Error(err)
		}
		noTrace(t, secret, form, string(object))
		noTrace(t, secret, form, view.Line("x "+text+" y"))
	}
	for _, f := range s.Findings("a\n"+secret, TextOptions{}) {
		if f.Rule == ownCredential && f.Fingerprint != "" {
			t.Error("an own credential has a fingerprint")
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	text := "first\n" + githubPAT + "\n\nx " + own + "\nsplit ghp_\u200b" + githubPAT[4:] + "\n"
	lines := map[string][]int{}
	prints := map[string]bool{}
	for _, f := range s.Findings(text, TextOptions{}) {
		lines[f.Rule] = append(lines[f.Rule], f.Line)
		if f.Rule == "github-pat" {
			prints[f.Fingerprint] = true
		}
		if strings.Contains(f.Fingerprint, githubPAT[4:]) {
			t.Errorf("the value is in %q", f.Fingerprint)
		}
	}
	if !slices.Equal(lines["github-pat"], []int{2, 5}) || len(prints) != 1 || !slices.Equal(lines[ownCredential], []int{4}) {
		t.Errorf("%v, %v", lines, prints)
	}
	if view := s.With(fingerprints(s, text)); len(view.Findings(text, TextOptions{})) != 1 {
		t.Errorf("allowed findings are told: %v", view.Findings(text, TextOptions{}))
	}
	if found := s.Findings("nothing to see", TextOptions{}); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

func TestWithNothingIsTheScrubberItself(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	if s.With(nil) != s {
		t.Error("another one")
	}
	var none *Scrubber
	if got, report := none.With([]string{"x@0123456789abcdef"}).Text("x", TextOptions{}); got == "x" || report.Withheld != 1 {
		t.Errorf("a scrubber that was not made lets through %q", got)
	}
}
