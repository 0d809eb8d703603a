package policy

// Rule is something that a policy says of calls, where it stands, and the pattern, if it
// is one of a list of patterns.
type Rule struct {
	Source
	Pattern string
}

// Rules returns what a policy and those that it is narrowed by say of calls, in the
// file's order: what decides them, and before which a human is asked. Settings that hold
// for whole sessions are left out, and what a floor says: that is another author's.
func Rules(p *Policy) (all []Rule) {
	seen := make(map[Rule]bool)
	for part := range p.parts {
		if part.floor {
			continue
		}
		add := func(key string, line int, pattern string) {
			r := Rule{part.name(rule{key, line}), pattern}
			if line > 0 && !seen[r] {
				seen[r] = true
				all = append(all, r)
			}
		}
		for c, o := range part.defaults {
			add("defaults."+Capability(c).String(), o.line, "")
		}
		part.global.rules(add)
		for _, sec := range part.sections.all {
			sec.rules(add)
		}
	}
	return all
}

func (sec *section) rules(add func(key string, line int, pattern string)) {
	for c, o := range sec.opinions {
		add(Capability(c).String(), o.line, "")
	}
	for _, named := range []struct {
		key  string
		list *toolList
	}{{"tools.allow", &sec.tools.allow}, {"tools.deny", &sec.tools.deny}, {"approve", &sec.approve}} {
		for _, e := range named.list.entries {
			add(named.key, e.at.line, "")
		}
	}
	for _, each := range patternKeys {
		l := each.of(sec)
		for _, e := range l.allow.entries {
			add(each.key+".allow", e.line, e.text)
		}
		for _, e := range l.deny.entries {
			add(each.key+".deny", e.line, e.text)
		}
		if l.allow.present && len(l.allow.entries) == 0 {
			add(each.key+".allow", l.allow.line, "")
		}
	}
}
