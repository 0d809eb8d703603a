package policy

import "strconv"

// rule is where something is said: a key of the policy and its line. Line 0
// means that it is the key's absence that says it.
type rule struct {
	key  string
	line int
}

// Source is where a rule stands: in which file of policy, in which line, under which
// key. Rules of several files can take part in one decision.
type Source struct {
	File string // its last element, "built-in" for the built-in policy, "" for what no file says
	Line int    // 0 for what is said by a key's absence, or is built in
	Key  string // "paths.deny"
}

// String writes a source as answers and the audit log show it, "policy.yaml:14
// paths.deny"; the zero Source is "".
func (s Source) String() string {
	switch {
	case s.File == "":
		return s.Key
	case s.Line == 0:
		return s.File + " " + s.Key
	}
	return s.File + ":" + strconv.Itoa(s.Line) + " " + s.Key
}

// name is a rule's source.
func (p *Policy) name(r rule) Source {
	if p.base == builtinName {
		r.line = 0
	}
	return Source{File: p.base, Line: r.line, Key: r.key}
}

func (p *Policy) deny(r rule, why string) Decision {
	return Decision{Code: PolicyDenied, Rule: p.name(r), Why: why}
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

// toolList is a list of tools. An allow-list that is present and empty allows none.
type toolList struct {
	present bool
	line    int
	lines   map[string]int // of each tool that is in it
	entries []toolEntry
}

// toolEntry is a tool's name or a group's, as it stands in a list.
type toolEntry struct {
	text  string
	at    place
	tools []string
}

// has reports whether a tool is in the list, and by which line.
func (l *toolList) has(tool string) (line int, ok bool) {
	line, ok = l.lines[tool]
	return line, ok
}

// passes reports whether an allow-list lets a tool through.
func (l *toolList) passes(tool string) bool {
	_, ok := l.has(tool)
	return ok || !l.present
}

// named are the two lists of tools below a key.
type named struct{ allow, deny toolList }
