package corpus

import "strings"

// String names who is promised what.
func (p Promise) String() string {
	var names []string
	if p&Rules != 0 {
		names = append(names, "rules")
	}
	if p&AsStock != 0 {
		names = append(names, "rules, as far as gitleaks")
	}
	if p&Own != 0 {
		names = append(names, "own")
	}
	if len(names) == 0 {
		return "no"
	}
	return strings.Join(names, "; ")
}

// Covers reports whether a miss in the disguise breaks its promise.
func (d Disguise) Covers(m Miss) bool {
	if m.Rule == "" {
		return d.Promised&Own != 0
	}
	return d.Promised&Rules != 0 || m.Stock && d.Promised&AsStock != 0
}
