package sanitize

import (
	"slices"
	"sync"
)

// places are some chains of a text, in order: those that are read together.
type places struct {
	chains  []chain
	edits   []edit // of all of them
	telling int    // how many may hold what a rule is about
	roomy   int    // how many of the others may hold an own credential
	size    int    // bytes of all of them
	value   []byte // what the last one says
}

// A text full of disguises is read in several goes, of about so many edits or bytes:
// what is noted of each must not add up.
const (
	placesEdits = 1 << 10
	placesSize  = 1 << 16
)

// unused are places to be used again: most texts have some that lead nowhere.
var unused = sync.Pool{New: func() any { return new(places) }}

// free gives p up.
func (p *places) free() {
	if cap(p.edits) > 8*maxEdits || cap(p.value) > 4*placesSize {
		return
	}
	clear(p.edits[:cap(p.edits)]) // they hold on to texts
	p.reset()
	unused.Put(p)
}

func (p *places) reset() {
	*p = places{chains: p.chains[:0], edits: p.edits[:0], value: p.value[:0]}
}

// forget leaves of p the chains that go on after an offset, as what stands around
// those to come, but none that is long.
func (p *places) forget(before int) {
	n := len(p.chains)
	for n > 0 && p.chains[n-1].end > before && p.chains[n-1].end-p.chains[n-1].start < 2*readBefore {
		n--
	}
	last, edits := p.chains[n:], p.edits
	p.reset()
	for _, c := range last {
		c.telling, c.roomy = false, false
		p.add(c, edits[c.first:c.last])
	}
}

func (p *places) add(c chain, edits []edit) {
	c.first = len(p.edits)
	p.edits = append(p.edits, edits...)
	c.last = len(p.edits)
	p.chains = append(p.chains, c)
	p.size += c.end - c.start
	p.count(c)
}

func (p *places) count(c chain) {
	if c.telling {
		p.telling++
	}
	if c.roomy {
		p.roomy++
	}
}

// full reports whether p is to be read before a chain is added that begins at start.
// Chains that may stand in one window stay together.
func (p *places) full(start int) bool {
	n := len(p.chains)
	return n > 0 && (len(p.edits) > placesEdits || p.size > placesSize) &&
		(start-p.chains[n-1].end > readBefore+readAfter || len(p.edits) > maxEdits || p.size > 2*placesSize)
}

// places calls each for the chains of a text, as many as are read in one go, as long
// as it returns true.
func (s *Scrubber) places(text string, each func(*places) bool) {
	p := unused.Get().(*places)
	defer func() { p.free() }()
	from, more := 0, true
	flush := func(to int) {
		n := len(p.chains)
		lettersOnly(text, from, to, p.add)
		if len(p.chains) > n {
			p.disjoint()
		}
		more = more && each(p)
		p.forget(to - readBefore)
		from = to
	}
	chains(text, func(c chain, edits []edit) bool {
		if p.full(c.start) {
			flush(c.start)
		}
		p.value = c.value(p.value[:0], text, edits)
		c.telling = telling(p.value)
		// White space is read over when own credentials are looked for.
		c.roomy = !c.telling && s.own.mayHold(len(p.value)) &&
			slices.ContainsFunc(edits, func(e edit) bool { return !e.space(text) })
		p.add(c, edits)
		return more
	})
	if more {
		flush(len(text))
	}
}

// disjoint puts chains in order and leaves out those that overlap one before.
func (p *places) disjoint() {
	slices.SortStableFunc(p.chains, func(a, b chain) int { return a.start - b.start })
	kept := p.chains[:0]
	p.telling, p.roomy = 0, 0
	for _, c := range p.chains {
		if n := len(kept); n == 0 || c.start >= kept[n-1].end {
			kept = append(kept, c)
			p.count(c)
		}
	}
	p.chains = kept
}
