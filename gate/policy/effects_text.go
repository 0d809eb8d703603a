package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Describe tells in plain words what the policy comes to, for each pattern of
// repositories that it speaks of.
func Describe(p *Policy) string {
	d := &description{}
	for _, o := range p.Origins() {
		d.line("%-7s %s, %.12s", o.word(), o.Source, o.SHA256)
	}
	d.everywhere(p)
	for _, r := range Reaches(p) {
		d.reach(r)
	}
	d.settings(p)
	return d.b.String()
}

type description struct{ b strings.Builder }

func (d *description) line(format string, args ...any) {
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// everywhere tells what holds for all repositories.
func (d *description) everywhere(p *Policy) {
	d.line("In every repository:")
	if p.some(func(part *Policy) bool { return !part.builtinOff }) {
		d.line("  never shown nor written, by the built-in paths.deny: %s", strings.Join(builtinPatterns, ", "))
	} else {
		d.line("  the built-in paths.deny is off: %s", strings.Join(builtinPatterns, ", "))
	}
	for part := range p.parts {
		if allowed := part.global.tools.allow; allowed.present {
			d.line("  no tools but %s (%s)", listed(allowed), part.name(rule{"tools.allow", allowed.line}))
		}
		if denied := part.global.tools.deny; len(denied.entries) > 0 {
			d.line("  not the tools %s (%s)", listed(denied), part.name(rule{"tools.deny", denied.line}))
		}
	}
}

// reach tells of one pattern's repositories.
func (d *description) reach(r Reach) {
	d.line("%s:", r.title())
	d.permission("reads", r.Read)
	if r.Read.Allowed {
		if text := r.Paths.String(); text != "" {
			d.line("  paths     %s", text)
		}
		if r.Hides {
			d.line("  hides     text of people without standing")
		}
	}
	if r.Separate {
		d.line("  forks     are judged without what they were forked from")
	}
	d.permission("writes", r.Write)
	if r.Write.Allowed || r.Automation.Allowed {
		d.line("  branches  %s", orElse(r.Branches.String(), map[bool]string{true: "any", false: "any but the default one"}[r.DefaultBranch]))
	}
	if r.Write.Allowed {
		paths := r.WritePaths.String()
		switch {
		case paths == "":
			paths = "any that is shown, but CI's"
		case r.CI:
			paths += "; CI's among them"
		}
		d.line("  commits   %s", paths)
		if !r.Automation.Allowed {
			d.line("            no job writes: that takes automation: allow as well")
		}
	}
	d.permission("runs", r.Automation)
	if len(r.Ask) > 0 {
		d.line("  asks      before %s", strings.Join(r.Ask, ", "))
	}
	for _, o := range r.Overruled {
		d.line("  overruled %s, by %s", o.Rule, o.By)
	}
	if r.Reason != "" {
		d.line("  reason    %s", r.Reason)
	}
}

func (r Reach) title() string {
	title := r.Repositories
	if r.ID != 0 {
		title += fmt.Sprintf(" (and, but for what is allowed, the repository with the id %d)", r.ID)
	}
	if len(r.Principals) > 0 {
		title += " for " + strings.Join(r.Principals, ", ")
	}
	return title
}

func (d *description) permission(word string, p Permission) {
	switch {
	case !p.Allowed:
		d.line("  %-9s nothing: %s (%s)", word, p.Why, p.By)
	case len(p.Opens) == 0:
		d.line("  %-9s nothing: no tool for it is allowed", word)
	default:
		text := strings.Join(p.Opens, ", ")
		switch {
		case len(p.Not) == 0 && word == "reads":
			text = "everything"
		case len(p.Not) > len(p.Tools):
			text += "; by " + strings.Join(p.Tools, ", ") + " alone"
		case len(p.Not) > 0:
			text += "; but not by " + strings.Join(p.Not, ", ")
		}
		d.line("  %-9s %s (%s)", word, text, p.By)
	}
}

// String tells what passes, "" if everything does.
func (n Names) String() string {
	var all []string
	for _, list := range n.Allow {
		all = append(all, orElse(strings.Join(list, ", "), "none"))
	}
	text := strings.Join(slices.Compact(all), "; and also ")
	if len(n.Deny) == 0 {
		return text
	}
	return orElse(text, "any") + "; but not " + strings.Join(n.Deny, ", ")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// settings tells what holds for whole sessions.
func (d *description) settings(p *Policy) {
	flow, limits := p.Flow(), p.Limits()
	d.line("After reading what is private, writing where more people see it: %s; after reading untrusted text, writing: %s; forgotten after %s.",
		flow.PrivateToPublic, flow.UntrustedToWrite, flow.ForgetAfter)
	if n := len(p.SecretsAllow()); n > 0 {
		d.line("Findings that are no secrets: %d.", n)
	}
	for _, limit := range []struct {
		n    int64
		what string
	}{
		{int64(limits.CallsPerMinute), "calls a minute"},
		{int64(limits.CallsPerMinutePerTool), "calls a minute of one tool"},
		{int64(limits.CallsPerHour), "calls an hour"},
		{limits.WritesPerSession, "writes a session"},
		{limits.BytesPerSession, "bytes a session"},
		{int64(limits.BytesPerAnswer), "bytes an answer"},
	} {
		if limit.n > 0 {
			d.line("At most %d %s.", limit.n, limit.what)
		}
	}
}

// listed are the entries of a list of tools, as they are written.
func listed(list toolList) string {
	all := make([]string, len(list.entries))
	for i, e := range list.entries {
		all[i] = e.text
	}
	slices.Sort(all)
	return orElse(strings.Join(all, ", "), "none")
}
