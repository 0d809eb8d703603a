package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Describe tells in plain prose what the policy means, one statement a line. What it
// is narrowed by is told after it.
func (p *Policy) Describe() string {
	d := &description{}
	for part := range p.parts {
		d.policy(part)
	}
	return d.b.String()
}

func (d *description) policy(p *Policy) {
	d.line(0, "%s", p.source)
	if p.defaults[Read].says == allows {
		d.line(0, "Reading is allowed unless a section below denies it.")
	} else {
		d.line(0, "Reading is denied unless a section below allows it.")
	}
	d.line(0, "Writing and automation are denied unless a section below allows them; writing also takes write mode and the write whitelist.")
	d.sharedKeys(0, &p.global)
	d.builtin(p)
	if !p.hidesRepositories() {
		d.line(0, "No repository that the token reads is hidden.")
	}
	for _, sec := range p.sections.all {
		d.section(sec)
	}
	d.settings(p)
}

type description struct{ b strings.Builder }

func (d *description) line(indent int, format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// builtin tells of the rule that no file has to repeat.
func (d *description) builtin(p *Policy) {
	all := patterns(builtinPaths().paths.deny.entries)
	if p.builtinOff {
		d.line(0, "The built-in paths.deny is off: %s.", all)
		return
	}
	d.line(0, "Files that hold credentials are neither shown nor written, by the built-in paths.deny: %s.", all)
}

func (d *description) section(sec *section) {
	also := ""
	if sec.id != 0 {
		also = fmt.Sprintf(", and, but for what is allowed, the one with the id %d", sec.id)
	}
	who := ""
	if len(sec.principals) > 0 {
		who = ", for the principals " + patterns(sec.principals)
	}
	d.line(0, "Repositories matching %s%s%s:", sec.pattern.text, also, who)
	start := d.b.Len()
	for _, c := range []Capability{Read, Write, Automation} {
		switch sec.opinions[c].says {
		case allows:
			d.line(1, "%s is allowed.", title(c))
		case denies:
			d.line(1, "%s is denied.", title(c))
		}
	}
	if sec.opinions[Write].says == allows && sec.opinions[Automation].says != allows {
		d.line(1, "A job writes here only if automation is allowed as well.")
	}
	d.sharedKeys(1, sec)
	d.lists(1, "Writes may land on branches that", "do not match (in any case of letters)", &sec.branches)
	if sec.opinions[Write].says == allows && !sec.branches.allow.present {
		d.line(1, "Writes may land on any branch but the default one.")
	}
	d.lists(1, "Paths may be written that", nowhere, &sec.writing)
	if sec.reason != "" {
		d.line(1, "The reason given is: %s", sec.reason)
	}
	if d.b.Len() == start {
		d.line(1, "nothing is said.")
	}
}

func (d *description) sharedKeys(indent int, sec *section) {
	if sec.tools.allow != nil {
		d.line(indent, "Only these tools may be called: %s.", sorted(sec.tools.allow))
	}
	if len(sec.tools.deny) > 0 {
		d.line(indent, "These tools may not be called: %s.", sorted(sec.tools.deny))
	}
	d.lists(indent, "Paths are shown that", nowhere, &sec.paths)
	if len(sec.approve) > 0 {
		d.line(indent, "A human is asked before: %s.", sorted(sec.approve))
	}
	switch sec.forks.says {
	case allows:
		d.line(indent, "Forks are judged without their parent, unless a rule says inherit.")
	case denies:
		d.line(indent, "Forks of a denied repository are denied.")
	}
	switch sec.hides.says {
	case allows:
		d.line(indent, "Text of people without standing is marked.")
	case denies:
		d.line(indent, "Text of people without standing is hidden.")
	}
}

// nowhere is how a denied path reaches: in any case, and into folders.
const nowhere = "do not match (in any case of letters, nor lie below a match)"

func (d *description) lists(indent int, what, not string, l *lists) {
	if l.allow.present {
		d.line(indent, "%s match %s.", what, patterns(l.allow.entries))
	}
	if len(l.deny.entries) > 0 {
		d.line(indent, "%s %s %s.", what, not, patterns(l.deny.entries))
	}
}

func (d *description) settings(p *Policy) {
	d.line(0, "After reading what is private, writing where more people see it: %s; after reading untrusted text, writing: %s; forgotten after %s.",
		p.flow.PrivateToPublic, p.flow.UntrustedToWrite, p.flow.ForgetAfter)
	if n := len(p.secrets); n > 0 {
		d.line(0, "%d findings are no secrets.", n)
	}
	for _, limit := range []struct {
		n    int64
		what string
	}{
		{int64(p.limits.CallsPerMinute), "calls a minute"},
		{int64(p.limits.CallsPerMinutePerTool), "calls a minute of one tool"},
		{p.limits.BytesPerSession, "bytes a session"},
		{int64(p.limits.BytesPerAnswer), "bytes an answer"},
	} {
		if limit.n > 0 {
			d.line(0, "At most %d %s.", limit.n, limit.what)
		}
	}
}

func sorted(names map[string]int) string {
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

func patterns(entries []entry) string {
	if len(entries) == 0 {
		return "nothing"
	}
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = e.text
	}
	return strings.Join(texts, ", ")
}

func title(c Capability) string {
	switch c {
	case Read:
		return "Reading"
	case Write:
		return "Writing"
	}
	return "Automation"
}
