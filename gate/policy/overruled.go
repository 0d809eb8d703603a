package policy

import (
	"fmt"
	"slices"
)

// A rule that can't do what it says is a slip: its author believes that something is
// allowed which is not, or else that a deny has an exception. So what is allowed and
// denied again wherever it holds is an error, with both lines. What is denied in some of
// the places only is not.

// overruled notes each allow of a policy that no case can rest on.
func (r *reader) overruled(p *Policy) {
	o := overruling{r, p}
	everywhere := []*section{&p.global}
	if !p.builtinOff {
		everywhere = append(everywhere, builtinPaths())
	}
	o.lists(&p.global, everywhere)
	for _, sec := range p.sections.all {
		over := append(p.sections.covering(sec), everywhere...)
		o.capabilities(sec, over)
		o.withoutTools(sec, over)
		o.lists(sec, over)
	}
}

type overruling struct {
	*reader
	policy *Policy
}

// covering returns the sections that apply wherever a section does, it among them.
func (s *sections) covering(sec *section) (all []*section) {
	var named []*section
	if repo, exact := sec.pattern.rows[0].exact(); exact {
		named = s.exact[repo]
	}
	for _, candidates := range [][]*section{named, s.patterns} {
		for _, other := range candidates {
			if other == sec || other.pattern.covers(sec.pattern) && other.addresses(sec) {
				all = append(all, other)
			}
		}
	}
	return all
}

// capabilities notes a capability that is allowed and always denied, and one that can't
// be used because what it needs is.
func (o overruling) capabilities(sec *section, over []*section) {
	for _, c := range []Capability{Read, Write, Automation} {
		said := sec.opinions[c]
		if said.says != allows {
			continue
		}
		for _, needed := range slices.Compact([]Capability{c, Read}) {
			if by := firstDenying(needed, over); by != nil {
				also := ""
				if needed != c {
					also = ", and what may not be read can't be used so"
				}
				o.errorf(place{said.line, 1}, "%s: allow has no effect: line %d denies %s wherever this section applies%s", c, by.opinions[needed].line, needed, also)
				break
			}
		}
		if c != Read && o.policy.defaults[Read].says == denies && !o.policy.sections.mayAllow(Read, sec) {
			o.errorf(place{said.line, 1}, "%s: allow has no effect: nothing allows read here, and what may not be read can't be used so; add read: allow", c)
		}
	}
}

// firstDenying is the first of some sections that denies a capability.
func firstDenying(c Capability, over []*section) *section {
	for _, sec := range over {
		if sec.index >= 0 && sec.opinions[c].says == denies {
			return sec
		}
	}
	return nil
}

// mayAllow reports whether a section allows a capability in a repository that sec
// applies to.
func (s *sections) mayAllow(c Capability, sec *section) bool {
	allowed := func(other *section) bool { return other.opinions[c].says == allows && other.pattern.meets(sec.pattern) }
	for _, row := range sec.pattern.rows {
		repo, exact := row.exact()
		if !exact {
			return slices.ContainsFunc(s.all, allowed)
		}
		if slices.ContainsFunc(s.exact[repo], allowed) {
			return true
		}
	}
	return slices.ContainsFunc(s.patterns, allowed)
}

// patternLists is a key with lists of patterns.
type patternLists struct {
	key   string
	below bool // whether a deny reaches below what it matches
	of    func(*section) *lists
}

var (
	shownPaths  = patternLists{"paths", true, func(sec *section) *lists { return &sec.paths }}
	branches    = patternLists{"branches", false, func(sec *section) *lists { return &sec.branches }}
	writePaths  = patternLists{"write_paths", true, func(sec *section) *lists { return &sec.writing }}
	patternKeys = []patternLists{shownPaths, branches, writePaths}
)

// denying names a line of the key's deny-list.
func (l patternLists) denying(line int) string {
	if line == 0 {
		return "the built-in " + l.key + ".deny"
	}
	return fmt.Sprintf("line %d", line)
}

// lists notes entries of a section's allow-lists of which each match is denied.
func (o overruling) lists(sec *section, over []*section) {
	for _, e := range sec.tools.allow.entries {
		o.tool(e, over)
		o.unlisted(e, over)
	}
	for _, each := range patternKeys {
		denying := []patternLists{each}
		if each.key == writePaths.key {
			denying = append(denying, shownPaths) // what is not shown is not written either
		}
		for _, e := range each.of(sec).allow.entries {
			for _, by := range denying {
				if denied, line := o.covered(e, over, by.of, by.below); denied != "" {
					o.errorf(place{e.line, 1}, "%s.allow has no effect for %s: %s denies it by %s", each.key, quote(e.text), by.denying(line), quote(denied))
					break
				}
			}
			o.unmet(each, e, over)
		}
	}
}

func (o overruling) tool(e toolEntry, over []*section) {
	var lines []int
	for _, tool := range e.tools {
		line := 0
		for _, sec := range over {
			if at, denied := sec.tools.deny.has(tool); denied {
				line = at
			}
		}
		if line == 0 {
			return
		}
		lines = append(lines, line)
	}
	o.errorf(e.at, "tools.allow has no effect for %s: line %d denies it", e.text, lines[0])
}

// covered returns a pattern by which what an entry allows is denied, and its line; "" if
// not all of it is. What it stands for may be denied one by one.
func (o overruling) covered(e entry, over []*section, of func(*section) *lists, below bool) (pattern string, line int) {
	for _, row := range e.glob.alternatives {
		found := false
		for _, sec := range over {
			for _, d := range of(sec).deny.entries {
				if !found && d.glob.covers(glob{[][]segment{row}}, below) {
					found, pattern, line = true, d.text, d.line
				}
			}
		}
		if !found {
			return "", 0
		}
	}
	return pattern, line
}
