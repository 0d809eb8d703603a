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

// NamedOwner is a person or an organisation whose repositories a pattern is about.
type NamedOwner struct {
	Owner canon.Owner
	Rule  Source // where it is named first
}

// NamedOwners returns the owners that patterns of a policy spell out, each once and in the
// file's order. Those of repositories that are spelt out as well are left to [Named].
func NamedOwners(p *Policy) (all []NamedOwner) {
	seen := make(map[canon.Owner]bool)
	for part := range p.parts {
		for _, sec := range part.sections.all {
			for _, row := range sec.pattern.rows {
				owner, err := canon.ParseOwner(row.owner.text)
				if err != nil || !row.name.stars || seen[owner] {
					continue
				}
				seen[owner] = true
				all = append(all, NamedOwner{owner, part.name(rule{row.String(), sec.line})})
			}
		}
	}
	return all
}
