package policy

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/canon"
)

// A summary counts; it names nothing that is hidden.
func TestSummaryNamesNothing(t *testing.T) {
	t.Parallel()
	p, _, err := Parse("/etc/aegis/team.yaml", []byte(`version: 1
defaults: {read: deny}
paths: {deny: ["hidden/**", "**/*.secret"]}
repositories:
  "acme/hidden-*": {read: deny, reason: hidden because}
  "acme/service": {read: allow, paths: {allow: ["hidden-too/**"]}}
  "acme/other": {read: allow}
limits: {calls_per_minute: 7}
`))
	if err != nil {
		t.Fatal(err)
	}
	s := p.Summary()
	want := Summary{Source: "team.yaml", SHA256: p.SHA256(), Sections: 3, ReadDenied: 1, ReadAllowed: 2, PathRules: 3 + len(builtinPatterns), Limits: p.Limits()}
	if s != want || s.Limits.CallsPerMinute != 7 {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if text := fmt.Sprintf("%+v", s); strings.Contains(text, "hidden") || strings.Contains(text, "/") {
		t.Errorf("%s", text)
	}
	if b := Builtin().Summary(); !b.ReadByDefault || b.Source != "built-in" || b.PathRules == 0 {
		t.Errorf("built-in: %+v", b)
	}
}

func TestAllowsToolIn(t *testing.T) {
	t.Parallel()
	p, _, err := Parse("policy.yaml", []byte(`version: 1
tools: {deny: [edit_comment]}
repositories:
  "acme/*": {write: allow}
  "acme/service": {write: deny}
  "acme/docs": {tools: {allow: [create_issue]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		repo, tool string
		c          Capability
		want       bool
	}{
		{"acme/app", "create_issue", Write, true},
		{"acme/app", "edit_comment", Write, false},
		{"acme/app", "create_issue", Read, false},
		{"acme/app", "create_issue", 0, false},
		{"acme/app", "merge", Write, false},
		{"acme/app", "dispatch_workflow", Automation, false},
		{"acme/service", "create_issue", Write, false},
		{"acme/docs", "create_issue", Write, true},
		{"acme/docs", "create_label", Write, false},
		{"other/app", "create_issue", Write, false},
		{"", "create_issue", Write, false},
		{"", "get_me", Read, false},
	} {
		repo, _ := canon.ParseFullName(c.repo)
		if got := p.AllowsToolIn(repo, c.tool, c.c); got != c.want {
			t.Errorf("%s in %q: %t", c.tool, c.repo, got)
		}
	}
}
