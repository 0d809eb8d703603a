package gate_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/sanitize"
	"aegis/tools"
)

// A token that a rule knows, in two halves so that no scanner stops here.
const known = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9bC1dE3fG5"

// allowing is a policy that lets the findings in a text stay.
func allowing(t *testing.T, text string) (source string, fingerprints []string) {
	t.Helper()
	s, err := sanitize.New(sanitize.Config{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, f := range s.Findings(text, sanitize.TextOptions{}) {
		all[f.Fingerprint] = true
	}
	fingerprints = slices.Sorted(maps.Keys(all))
	return "version: 1\nsecrets: {allow: [" + strings.Join(fingerprints, ", ") + "]}\n", fingerprints
}

// What a policy allows by its fingerprint is shown from the next call on, and each
// use is in the audit log. Nothing else is shown, and not for longer.
func TestAllowedFindings(t *testing.T) {
	t.Parallel()
	source, fingerprints := allowing(t, "a "+known+" b")
	body := "a " + known + " b\n" + secret + "\n"
	tool := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
		return &gate.Result{Fields: map[string]string{"title": known, "own": secret}, Text: &gate.Text{Body: body}}, nil
	})
	const none = "version: 1\n"
	door := gatetest.Open(t, gatetest.Config{
		URL: newFake(nil).proxy(t).URL, Policy: none, Tools: []tools.Tool{tool}, Secrets: []string{secret},
	})
	for _, step := range []struct {
		policy string
		shown  bool
	}{{none, false}, {source, true}, {none + "# again\n", false}} {
		if err := os.WriteFile(door.Policy, []byte(step.policy), 0o600); err != nil {
			t.Fatal(err)
		}
		answer := door.Ask("get_me", `{}`)
		if answer.IsError || strings.Contains(answer.Text, known) != step.shown || strings.Contains(string(answer.Object), known) != step.shown {
			t.Errorf("allowed %v: %s", step.shown, answer.All)
		}
		if strings.Contains(answer.All, secret) || answer.Fields["redacted"] == nil {
			t.Errorf("allowed %v: an own credential is shown: %s", step.shown, answer.All)
		}
		entries := door.Entries()
		outcome := entries[len(entries)-1]
		counts, _ := outcome["exceptions"].(map[string]any)
		switch {
		case !step.shown && counts != nil:
			t.Errorf("exceptions without one: %v", outcome)
		case step.shown && (len(counts) != len(fingerprints) || counts[fingerprints[0]] != 2.0):
			t.Errorf("exceptions are %v, want each of %q twice", counts, fingerprints)
		}
		if redactions, _ := outcome["redactions"].(map[string]any); redactions["own-credential"] != 2.0 || step.shown && len(redactions) != 1 {
			t.Errorf("redactions are %v", outcome["redactions"])
		}
	}
}

// A cut text is looked at again; that is no second use.
func TestExceptionsInCutAnswersCountOnce(t *testing.T) {
	t.Parallel()
	source, fingerprints := allowing(t, known)
	for name, result := range map[string]*gate.Result{
		"lines": {Text: &gate.Text{Body: "x\n" + known + "\n" + numbered(1, 3000), Last: 5}},
		"rows":  {List: &gate.List{Rows: append([]gate.Row{{Value: map[string]string{"a": known}}}, rows(300)...), Page: 1, Limit: 500}},
	} {
		tool := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) { return result, nil })
		door := gatetest.Open(t, gatetest.Config{
			URL: newFake(nil).proxy(t).URL, Policy: source + "limits: {bytes_per_answer: 4096}\n", Tools: []tools.Tool{tool},
		})
		answer := door.Ask("get_me", `{}`)
		if answer.IsError || !strings.Contains(answer.All, known) {
			t.Fatalf("%s: %s", name, answer.All)
		}
		entries := door.Entries()
		counts, _ := entries[len(entries)-1]["exceptions"].(map[string]any)
		if counts[fingerprints[0]] != 1.0 {
			t.Errorf("%s: %v", name, counts)
		}
	}
}

func rows(n int) (all []gate.Row) {
	for range n {
		all = append(all, gate.Row{Value: map[string]string{"b": "an ordinary row"}})
	}
	return all
}

// What a caller writes goes into entries, and is no answer.
func TestExceptionsAreNoneInTheLog(t *testing.T) {
	t.Parallel()
	source, _ := allowing(t, known)
	path, err := canon.ParsePath("src/" + known)
	if err != nil {
		t.Fatal(err)
	}
	tool := toy("get_file_contents", gate.Repository(repo(t, "acme/app")).File(path), func(context.Context, *gate.Visit) (*gate.Result, error) {
		return &gate.Result{Text: &gate.Text{Body: "x"}}, nil
	})
	door := gatetest.Open(t, gatetest.Config{
		URL: newFake(nil).proxy(t).URL, Policy: source, Tools: []tools.Tool{tool},
	})
	if answer := door.Ask("get_file_contents", `{}`); answer.IsError {
		t.Fatal(answer.All)
	}
	if log, _ := os.ReadFile(door.Log); strings.Contains(string(log), known) || !strings.Contains(string(log), "[redacted:github-pat]") {
		t.Errorf("%s", log)
	}
}

// Rules about certain paths learn the path of a file.
func TestFilesPathsReachTheScrubber(t *testing.T) {
	t.Parallel()
	const rules = "[[rules]]\nid='pin'\nregex='pin=(\\d{6})'\npath='\\.conf$'\n[[rules]]\nid='store'\npath='\\.p12$'\n"
	for name, want := range map[string]string{
		"a.txt":      "x\npin=123456\n",
		"etc/a.conf": "x\npin=[redacted:pin]\n",
		"a.p12":      "[withheld: all of this file, by rule store]\n\n",
	} {
		path, err := canon.ParsePath(name)
		if err != nil {
			t.Fatal(err)
		}
		tool := toy("get_file_contents", gate.Repository(repo(t, "acme/app")).File(path), func(context.Context, *gate.Visit) (*gate.Result, error) {
			return &gate.Result{Text: &gate.Text{Body: "x\npin=123456\n"}}, nil
		})
		door := gatetest.Open(t, gatetest.Config{
			URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{tool}, Rules: rules,
		})
		if got := unwrap(t, door.Ask("get_file_contents", `{}`).Text); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
