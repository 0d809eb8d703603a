package policy

import (
	"slices"
	"strings"

	"aegis/internal/canon"
)

// NamedRepository is what a policy says of a repository that it spells out, and that a
// forge could be asked about.
type NamedRepository struct {
	Repo     canon.Repo
	ID       int64    // that it is said to have, 0 for none
	Rule     Source   // where it is named
	Branches []string // spelt out under branches
}

// Named returns the repositories that a policy spells out, in the file's order. One that
// several sections are about comes once for each.
func Named(p *Policy) (all []NamedRepository) {
	for part := range p.parts {
		for _, sec := range part.sections.all {
			for _, row := range sec.pattern.rows {
				repo, exact := row.exact()
				if !exact {
					continue
				}
				named := NamedRepository{Repo: repo, ID: sec.id, Rule: part.name(rule{row.String(), sec.line})}
				for _, e := range slices.Concat(sec.branches.allow.entries, sec.branches.deny.entries) {
					if !strings.ContainsAny(e.text, "*?[{") && !strings.HasPrefix(e.text, "refs/") {
						named.Branches = append(named.Branches, e.text)
					}
				}
				all = append(all, named)
			}
		}
	}
	return all
}
