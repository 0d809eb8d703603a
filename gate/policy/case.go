package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"aegis/internal/canon"
)

// Case is a question put to a policy: one call, or one repository of a call that has
// several. It is a value, and complete: whoever has it can have it decided again.
type Case struct {
	Tool       string
	Capability Capability
	Principal  string // who asks

	// Reading asks only whether Repo may be read, whatever else the tool is for.
	// The tool may be "" then: its lists are left out.
	Reading bool

	// Repo is the repository touched. The zero Repo is "none", which is
	// denied unless the tool is one that works without a repository. Known is
	// what is known of it besides its name.
	Repo  canon.Repo
	Known Identity

	// Lineage is what it was forked from, the nearest first, as far as that is known and
	// the rules of forks let it count. Each of these has to be readable, and their rules
	// on paths hold as well. Untraceable says that there is more of it, which can't be
	// seen.
	Lineage     []Place
	Untraceable bool

	// Paths are the files touched; each must pass. If Folder is set they are
	// folders to be listed, which pass if they may contain what passes; that
	// is for reading only.
	Paths  []canon.Path
	Folder bool

	// Branch is the short name of the branch that a write or an automation lands on, "" if
	// none. Default is whether it is the repository's default one.
	Branch  string
	Default DefaultBranch
}

// known is what is known of the case's repository, by it or by the policy.
func (c Case) known(p *Policy) Identity {
	if p.identity == nil {
		return c.Known
	}
	more := p.identify(c.Repo)
	return Identity{IDs: slices.Concat(c.Known.IDs, more.IDs), Former: slices.Concat(c.Known.Former, more.Former)}
}

// Place is a repository, and what is known of it besides its name.
type Place struct {
	Name canon.Repo
	Identity
}

// String writes a place in words, so that [ParsePlace] reads it: its name, its ids,
// and "was" before its other names.
func (p Place) String() string {
	words := []string{p.Name.String()}
	for _, id := range p.IDs {
		words = append(words, strconv.FormatInt(id, 10))
	}
	if len(p.Former) > 0 {
		words = append(words, "was")
	}
	for _, name := range p.Former {
		words = append(words, name.String())
	}
	return strings.Join(words, " ")
}

// ParsePlace reads what [Place.String] wrote.
func ParsePlace(text string) (p Place, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Place{}, fmt.Errorf("%q names no repository", text)
	}
	if p.Name, err = canon.ParseFullName(words[0]); err != nil {
		return Place{}, err
	}
	was := false
	for _, word := range words[1:] {
		switch {
		case word == "was" && !was:
			was = true
		case was:
			name, err := canon.ParseFullName(word)
			if err != nil {
				return Place{}, err
			}
			p.Former = append(p.Former, name)
		default:
			id, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				return Place{}, err
			}
			p.IDs = append(p.IDs, id)
		}
	}
	return p, nil
}
