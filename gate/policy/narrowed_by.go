package policy

import "slices"

// NarrowedBy returns two policies as one: what it permits, both permit, each by its
// own rules and defaults. Whatever either of them denies, hides, restricts or asks
// about holds; of two limits the smaller holds, and of two times the longer one. A
// rule is named by the file that it stands in. It can be narrowed again.
//
// It is known by the SHA-256 and the source of p; the other one's are told by what
// it came from. A nil policy narrows nothing.
func (p *Policy) NarrowedBy(by *Policy) *Policy {
	if by == nil {
		return p
	}
	narrowed := *p
	narrowed.also = slices.Clone(p.also)
	for part := range by.parts {
		alone := *part
		alone.also = nil
		narrowed.also = append(narrowed.also, &alone)
	}
	return &narrowed
}

// parts yields the policy by itself, and those that it is narrowed by.
func (p *Policy) parts(yield func(*Policy) bool) {
	if !yield(p) {
		return
	}
	for _, part := range p.also {
		if !yield(part) {
			return
		}
	}
}

// with is a copy of the policy of which each part is changed.
func (p *Policy) with(change func(part *Policy)) *Policy {
	changed := *p
	change(&changed)
	changed.also = make([]*Policy, len(p.also))
	for i, part := range p.also {
		each := *part
		change(&each)
		changed.also[i] = &each
	}
	return &changed
}

// some reports whether a part of the policy is so.
func (p *Policy) some(is func(part *Policy) bool) bool {
	for part := range p.parts {
		if is(part) {
			return true
		}
	}
	return false
}
