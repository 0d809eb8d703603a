package policy

import "strconv"

// rule is where something is said: a key of the policy and its line. Line 0
// means that it is the key's absence that says it.
type rule struct {
	key  string
	line int
}

// name writes a rule as answers and the audit log show it.
func (p *Policy) name(r rule) string {
	if p.base == builtinName || r.line == 0 {
		return p.base + " " + r.key
	}
	return p.base + ":" + strconv.Itoa(r.line) + " " + r.key
}

func (p *Policy) deny(r rule, why string) Decision {
	return Decision{Code: "policy_denied", Rule: p.name(r), Why: why}
}

// opinion is what a key like "read" says, and where.
type opinion struct {
	says stance
	line int
}

type stance uint8

const (
	silent stance = iota
	allows
	denies
)

// entry is a pattern or a name in a list, and where it stands.
type entry struct {
	text string
	line int
	glob glob
}

// list is an allow-list or a deny-list. An allow-list that is present and
// empty allows nothing.
type list struct {
	present bool
	line    int
	entries []entry
}

// lists are the two lists below a key.
type lists struct {
	allow, deny list
}

// named are lists of names that are compared exactly.
type named struct {
	allow, deny map[string]int // name to line; nil if absent
	allowLine   int
}
