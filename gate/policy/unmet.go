package policy

import "strings"

// What has to pass several allow-lists passes none of which another knows nothing: an
// entry that another list leaves no match of allows nothing, whatever its author believes.

// unmet notes an entry of an allow-list that no match of passes another list with.
func (o overruling) unmet(key patternLists, e entry, over []*section) {
	others := []patternLists{key}
	if key.key == writePaths.key {
		others = append(others, shownPaths) // what is not shown is not written either
	}
	for _, other := range others {
		for _, sec := range over {
			if list := other.of(sec).allow; list.present && !list.meets(e.glob) {
				o.errorf(place{e.line, 1}, "%s.allow has no effect for %s: nothing of it passes %s.allow on line %d as well", key.key, quote(e.text), other.key, list.line)
				return
			}
		}
	}
}

// unlisted notes an entry of which another list lets no tool through.
func (o overruling) unlisted(e toolEntry, over []*section) {
	for _, sec := range over {
		if list := &sec.tools.allow; list.present && !list.passesSome(e.tools) {
			o.errorf(e.at, "tools.allow has no effect for %s: tools.allow on line %d does not have it", e.text, list.line)
			return
		}
	}
}

func (l *toolList) passesSome(tools []string) bool {
	for _, tool := range tools {
		if l.passes(tool) {
			return true
		}
	}
	return false
}

// withoutTools notes that writing is allowed where no tool writes.
func (o overruling) withoutTools(sec *section, over []*section) {
	said := sec.opinions[Write]
	if said.says != allows {
		return
	}
	first := 0
	for _, tool := range groups["@write"] {
		line := refusing(tool, over)
		if line == 0 {
			return
		}
		first = line
	}
	o.errorf(place{said.line, 1}, "write: allow has no effect: no tool that writes passes the lists of tools, such as that on line %d", first)
}

// refusing is the line of a list that does not let a tool through, 0 for none.
func refusing(tool string, over []*section) int {
	for _, sec := range over {
		if line, denied := sec.tools.deny.has(tool); denied {
			return line
		}
		if !sec.tools.allow.passes(tool) {
			return sec.tools.allow.line
		}
	}
	return 0
}

// meets reports whether something may match both a list and a glob.
func (l list) meets(g glob) bool {
	for _, e := range l.entries {
		for _, own := range e.glob.alternatives {
			for _, row := range g.alternatives {
				if rowMeets(own, row) {
					return true
				}
			}
		}
	}
	return false
}

// rowMeets reports whether some path may match both rows. As with [rowCovers], what was
// found for a pair of places is kept.
func rowMeets(a, b []segment) bool {
	known := make(map[[2]int]bool)
	var from func(i, j int) bool
	from = func(i, j int) (meets bool) {
		at := [2]int{i, j}
		if found, ok := known[at]; ok {
			return found
		}
		defer func() { known[at] = meets }()
		switch {
		case i == len(a) && j == len(b):
			return true
		case i < len(a) && a[i].any:
			return from(i+1, j) || j < len(b) && from(i, j+1)
		case j < len(b) && b[j].any:
			return from(i, j+1) || i < len(a) && from(i+1, j)
		case i == len(a) || j == len(b):
			return false
		}
		return a[i].meets(b[j]) && from(i+1, j+1)
	}
	return from(0, 0)
}

// meets reports whether some name may match both segments, of which neither is "**".
func (s segment) meets(other segment) bool {
	switch {
	case other.terms == nil:
		return s.match(other.literal, false)
	case s.terms == nil:
		return other.match(s.literal, false)
	case s.oneStar && other.oneStar:
		return alike(s.before, other.before) && alike(reversed(s.after), reversed(other.after))
	}
	return true
}

// alike reports whether one text begins with the other.
func alike(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
