package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// maxTold is how many patterns of a list are told.
const maxTold = 20

// Openings is what a policy opens in one repository, for whoever may read that one and
// wants to know what would pass. It holds patterns of allow-lists alone: those of
// deny-lists are names of what is hidden.
type Openings struct {
	Branches, WritePaths, Paths Passage
	// DefaultBranch is whether a list opens the default branch.
	DefaultBranch     bool
	Write, Automation bool
	Tools             []string // that change something and are allowed, sorted
	All               bool     // whether these are all of the capabilities that are allowed
	Ask               []string // of them, those that a human is asked before
}

// Passage is what a name has to pass: one pattern of each list, and no deny-list.
type Passage struct {
	lists  []allowList
	denies bool // whether there is a deny-list, too
}

type allowList struct {
	by       Source
	patterns []string
}

// Openings returns what is open in a repository.
func (p *Policy) Openings(repo canon.Repo, known Identity) Openings {
	scope := p.in(repo, known)
	o := Openings{
		Branches:   scope.passage("branches", func(sec *section) *lists { return &sec.branches }),
		WritePaths: scope.passage("write_paths", func(sec *section) *lists { return &sec.writing }),
		Paths:      scope.passage("paths", func(sec *section) *lists { return &sec.paths }),
		All:        true, DefaultBranch: true,
	}
	for each := range scope.each { // by each name and policy, a write has to pass
		o.DefaultBranch = o.DefaultBranch && slices.ContainsFunc(each.sections, func(sec *section) bool { return sec.branches.allow.present && !sec.narrow })
	}
	for _, name := range slices.Sorted(maps.Keys(tools)) {
		c := tools[name].capability
		if c == Read {
			continue
		}
		d := p.Decide(Case{Tool: name, Capability: c, Repo: repo, Known: known})
		if !d.Allow {
			o.All = o.All && !scope.grants(c)
			continue
		}
		o.Write, o.Automation = o.Write || c == Write, o.Automation || c == Automation
		o.Tools = append(o.Tools, name)
		if d.Ask {
			o.Ask = append(o.Ask, name)
		}
	}
	return o
}

// grants reports whether a capability is allowed by each name and policy.
func (s Scope) grants(c Capability) bool {
	for each := range s.each {
		if !each.refuseCapability(c, func(Decision) bool { return false }) {
			return false
		}
	}
	return true
}

func (s Scope) passage(key string, of func(*section) *lists) (p Passage) {
	for scope := range s.each {
		for _, sec := range scope.sections {
			l := of(sec)
			p.denies = p.denies || len(l.deny.entries) > 0 && !sec.builtin
			if !l.allow.present {
				continue
			}
			list := allowList{by: scope.policy.name(rule{key + ".allow", l.allow.line})}
			for _, e := range l.allow.entries {
				list.patterns = append(list.patterns, e.text)
			}
			p.lists = append(p.lists, list)
		}
	}
	return p
}

// Restricted reports whether there is an allow-list.
func (p Passage) Restricted() bool { return len(p.lists) > 0 }

// Denies reports whether there is a deny-list, too.
func (p Passage) Denies() bool { return p.denies }

// Has reports whether one of the lists is what a rule names.
func (p Passage) Has(by Source) bool {
	return slices.ContainsFunc(p.lists, func(l allowList) bool { return l.by == by })
}

// String tells what passes, in words; "" if there is no allow-list.
func (p Passage) String() string {
	var all []string
	for _, l := range p.lists {
		told := strings.Join(l.patterns[:min(maxTold, len(l.patterns))], ", ")
		switch more := len(l.patterns) - maxTold; {
		case told == "":
			told = "nothing"
		case more > 0:
			told += fmt.Sprintf(" and %d more patterns", more)
		}
		if !slices.Contains(all, told) { // two files, or a section by two names
			all = append(all, told)
		}
	}
	told := strings.Join(all, "; and also ")
	if told != "" && p.denies {
		told += ", but for what a rule denies"
	}
	return told
}
