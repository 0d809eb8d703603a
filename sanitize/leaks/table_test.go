package leaks

import (
	"slices"
	"testing"

	"github.com/zricethezav/gitleaks/v8/config"

	"aegis/sanitize/internal/stock"
)

// The table is a copy; this holds it against the original.
func TestTableIsGitleaksDefaultRules(t *testing.T) {
	t.Parallel()
	cfg := stock.Config(t)
	var ids []string
	for i, d := range table {
		ids = append(ids, d.id)
		r, ok := cfg.Rules[d.id]
		if !ok || r.Regex == nil {
			t.Errorf("%s: not a rule of gitleaks", d.id)
			continue
		}
		if d.pattern != r.Regex.String() || d.group != r.SecretGroup || d.entropy != r.Entropy || !slices.Equal(d.keywords, r.Keywords) {
			t.Errorf("%s differs from gitleaks' rule: %+v", d.id, table[i])
		}
		if len(d.allow) != len(r.Allowlists) {
			t.Errorf("%s has %d allowances, want %d", d.id, len(d.allow), len(r.Allowlists))
			continue
		}
		for j, a := range d.allow {
			want := r.Allowlists[j]
			var patterns []string
			for _, re := range want.Regexes {
				patterns = append(patterns, re.String())
			}
			words := slices.Sorted(slices.Values(want.StopWords))
			if a.all != (want.MatchCondition == config.AllowlistMatchAnd) || a.elsewhere != (len(want.Paths)+len(want.Commits) > 0) ||
				a.target != want.RegexTarget || !slices.Equal(a.patterns, patterns) || !slices.Equal(a.words, words) {
				t.Errorf("%s: allowance %d differs", d.id, j)
			}
		}
	}
	for id, r := range cfg.Rules {
		if r.Regex != nil && !slices.Contains(ids, id) {
			t.Errorf("%s is missing: run go generate", id)
		}
	}
}

// Every default rule must be followed literal by literal, or at least place by
// place; none may fall back to its regular expression over the whole text.
func TestEveryRuleHasAnAutomaton(t *testing.T) {
	t.Parallel()
	for _, r := range loaded().rules {
		if r.made().automaton() == nil {
			t.Errorf("%s has no automaton", r.id)
		}
		t.Logf("%-40s lead %d, %d..%d %q", r.id, r.shape.lead, r.shape.near, r.shape.far, r.shape.literals)
	}
}
