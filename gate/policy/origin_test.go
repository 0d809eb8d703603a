package policy

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pairOf is a policy on a floor.
func pairOf(t *testing.T, source, floor string) *Policy {
	t.Helper()
	below, warnings, err := asFloor(Parse("policy.yaml", []byte(floor)))
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	return OnFloor(parse(t, source), below)
}

// What a floor takes again is no caution, and what it leaves is one; what it says itself
// opens nothing.
func TestCautionsOnAFloor(t *testing.T) {
	t.Parallel()
	const opens = `version: 1
builtin_paths: off
flow: {private_to_public: allow}
repositories:
  "*/*": {write: allow, automation: allow}
`
	for floor, want := range map[string][]string{
		"version: 1\n": nil,
		"version: 1\nrepositories: {\"*/*\": {write: allow}}\n":               {"policy.yaml:5 write", ""},
		"version: 1\nflow: {private_to_public: ask}\n":                        {"policy.yaml:3 flow.private_to_public", ""},
		"version: 1\nbuiltin_paths: off\npaths: {deny: [\"**/secret/**\"]}\n": {"policy.yaml builtin_paths"},
	} {
		p, _, err := Parse("policy.yaml", []byte(opens))
		if err != nil {
			t.Fatal(err)
		}
		below, _, err := asFloor(Parse("policy.yaml", []byte(floor)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, caution := range Cautions(OnFloor(p, below)) {
			got = append(got, caution.Rule)
		}
		if !slices.Equal(got, want) {
			t.Errorf("on %q: %q, want %q", floor, got, want)
		}
	}
}

// Each rule is told by the file that it is of: what is overruled, and by what.
func TestWhoseRuleItIs(t *testing.T) {
	t.Parallel()
	p := pairOf(t, "version: 1\nrepositories:\n  acme/app: {write: allow}\n  acme/lab: {write: allow}\n",
		"version: 1\nrepositories:\n  \"acme/*\": {write: allow}\n  acme/app: {write: deny}\n")
	told := Describe(p)
	for _, want := range []string{
		"policy  policy.yaml, ", "floor   policy.yaml, ",
		"  overruled policy.yaml:3 write, by floor policy.yaml:4 write\n", "  overruled floor policy.yaml:3 write, by floor policy.yaml:4 write\n",
		"acme/*:\n", "  writes    nothing: nothing allows write for this repository (policy.yaml defaults.write)\n",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not told:\n%s", want, told)
		}
	}
	for _, r := range Rules(p) {
		if r.File != "policy.yaml" {
			t.Errorf("%s is the floor's", r)
		}
	}
	e := p.Explain(ask("create_issue", "acme/app"))
	if e.Decision.Rule.String() != "floor policy.yaml:4 write" || !slices.Contains(e.Changes, "take out write: deny (floor policy.yaml:4 write)") {
		t.Errorf("%s", e)
	}
	if e := p.Explain(ask("create_issue", "acme/other")); !slices.Contains(e.Changes, "add write: allow to a section for acme/other of policy.yaml") {
		t.Errorf("%s", e)
	}
}

// What is wrong with a floor is told so too.
func TestWhatIsWrongWithAFloorIsToldAsItsOwn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	for source, want := range map[string]string{
		"version: 7\n": "floor policy.yaml:1:10: version must be 1",
		"version: 1\npaths: {deny: [.env]}\nbuiltin_paths: off\n": "floor policy.yaml:2:",
	} {
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		p, warnings, err := LoadFloor(file)
		var invalid *InvalidError
		switch {
		case errors.As(err, &invalid) && p == nil && strings.HasPrefix(err.Error(), want):
		case err == nil && len(warnings) > 0 && strings.HasPrefix(warnings[0].String(), want):
		default:
			t.Errorf("%q: %v %v", source, err, warnings)
		}
	}
	if _, _, err := LoadFloor(file + ".none"); err == nil {
		t.Error("what is not there is a floor")
	}
}
