package policy

import (
	"math/bits"
	"strings"
)

// glob is a compiled doublestar pattern: alternatives, each a row of segments
// of which "**" stands for any number of path segments, none included.
//
// It is matched segment by segment instead of character by character, because
// three questions are asked of it, not one: does it match this path, does it
// match a folder the path lies in, and could it match something below.
type glob struct {
	alternatives [][]segment
}

// fit is how a glob and a path lie to each other.
type fit struct {
	whole  bool // the glob matches the path
	within bool // it matches the path or a folder above it, up to the root
	below  bool // it matches the path or may match something below it
}

// fit walks path, "" being the root, through the glob. With fold set, letters
// are equal under full Unicode simple folding: the glob then fits if it fits
// the path in any mixture of cases.
func (g glob) fit(path string, fold bool) fit {
	var f fit
	for _, segments := range g.alternatives {
		a := walk(segments, path, fold)
		f.whole = f.whole || a.whole
		f.within = f.within || a.within
		f.below = f.below || a.below
	}
	return f
}

// walk runs the segments as a state machine. Bit i is set if the path so far
// is matched by the first i segments; maxSegments keeps them in one word.
func walk(segments []segment, path string, fold bool) fit {
	var (
		accept = uint64(1) << len(segments)
		states = skip(segments, 1)
		f      = fit{within: states&accept != 0}
	)
	for rest, more := path, path != ""; more && states != 0; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		var next uint64
		for set := states &^ accept; set != 0; set &= set - 1 {
			i := bits.TrailingZeros64(set)
			switch {
			case segments[i].any:
				next |= 1 << i
			case segments[i].match(name, fold):
				next |= 1 << (i + 1)
			}
		}
		states = skip(segments, next)
		f.within = f.within || states&accept != 0
	}
	f.whole = states&accept != 0
	f.below = states != 0
	return f
}

// skip adds the states that are reached by letting "**" match nothing.
func skip(segments []segment, states uint64) uint64 {
	for i := range segments {
		if segments[i].any && states&(1<<i) != 0 {
			states |= 1 << (i + 1)
		}
	}
	return states
}
