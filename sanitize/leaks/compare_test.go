package leaks

import (
	"strings"

	"github.com/zricethezav/gitleaks/v8/report"
)

type key struct{ rule, secret, match string }

// missing returns what gitleaks found and we did not.
func missing(theirs []report.Finding, ours []Finding) []key {
	have := make(map[key]int)
	for _, f := range ours {
		have[key{f.Rule, f.secret, f.match}]++
	}
	var missed []key
	for _, f := range theirs {
		k := key{f.RuleID, f.Secret, f.Match}
		if have[k] == 0 {
			missed = append(missed, k)
			continue
		}
		have[k]--
	}
	return missed
}

// invented returns what we found by gitleaks' rules and gitleaks did not. Findings
// of the generic rule don't count: gitleaks drops them where a specific rule says
// the same.
func invented(theirs []report.Finding, ours []Finding) []key {
	have := make(map[key]int)
	for _, f := range theirs {
		have[key{f.RuleID, f.Secret, f.Match}]++
	}
	var more []key
	for _, f := range ours {
		if f.ours {
			continue
		}
		k := key{f.Rule, f.secret, f.match}
		if have[k] == 0 && !strings.Contains(f.Rule, "generic") {
			more = append(more, k)
		}
		have[k]--
	}
	return more
}
