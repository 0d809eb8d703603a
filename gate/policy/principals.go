package policy

import (
	"fmt"
	"slices"

	"aegis/internal/canon"

	"golang.org/x/text/unicode/norm"
)

// A section may say who it applies to. Who that is, is asked in one place, where the
// sections are gathered that a decision rests on; so nothing that a section says can
// be asked for without it.

// For returns the policy as it applies to one principal: without the sections that
// are about others. Until it is said who asks, a section of some principals holds for
// everybody with what it denies, restricts and asks for, and for nobody with what it
// allows.
//
// What a job writes needs automation as well, so a job is told apart under any policy. Who
// is not known is none.
func (p *Policy) For(principal string) *Policy {
	principal = norm.NFC.String(principal)
	if !p.some(func(part *Policy) bool {
		return part.principal != principal && (part.sections.personal || part.byJob() || canon.IsJob(principal))
	}) {
		return p
	}
	return p.with(func(part *Policy) { part.principal = principal })
}

// byJob reports whether a job asks.
func (p *Policy) byJob() bool { return canon.IsJob(p.principal) }

// Needs are the capabilities that a repository has to allow for one of them, that one
// first. What changes something needs reading, too: its refusals, dry runs and conflicts
// tell what is there. Nobody watches what a job writes, so that has to be allowed twice.
func (p *Policy) Needs(c Capability) []Capability {
	switch {
	case c == Read:
		return []Capability{Read}
	case c == Write && p.byJob():
		return []Capability{Write, Automation, Read}
	}
	return []Capability{c, Read}
}

// asked is the policy as it applies to who asks in a case.
func (p *Policy) asked(c Case) *Policy {
	if c.Principal == "" {
		return p
	}
	return p.For(c.Principal)
}

// personal reports whether it makes a difference who asks.
func (p *Policy) personal() bool {
	return p.some(func(part *Policy) bool { return part.sections.personal })
}

// addressed returns a section as it applies to who asks, nil if it does not. As
// elsewhere, letters have to be those of the pattern to allow, and may be of any case
// to deny.
func (p *Policy) addressed(sec *section) *section {
	if len(sec.principals) == 0 {
		return sec
	}
	found := p.principal == ""
	for _, e := range sec.principals {
		if p.principal != "" && e.glob.fit(p.principal, false).whole {
			return sec
		}
		found = found || e.glob.fit(p.principal, true).whole
	}
	switch {
	case !found:
		return nil
	case sec.narrow:
		return sec
	}
	return sec.narrower
}

// addressedOf returns those of some sections that apply to who asks, as they do.
func (p *Policy) addressedOf(found []*section) []*section {
	if !p.sections.personal {
		return found
	}
	var all []*section
	for _, sec := range found {
		if sec = p.addressed(sec); sec != nil {
			all = append(all, sec)
		}
	}
	return all
}

// principals reads whom a section applies to: a list that is not empty.
func (r *reader) principals(m member) (all []entry) {
	texts, places := r.strings(m, "a principal's pattern", misspeltPattern)
	for i, text := range texts {
		g, err := compilePrincipal(text)
		if err != nil {
			r.errorf(places[i], "the principal's pattern %s %v", quote(text), err)
			continue
		}
		r.doubt(places[i], text, false)
		all = append(all, entry{text, places[i].line, g})
	}
	if len(all) == 0 && len(r.errors) == 0 {
		r.errorf(m.at, "principals names nobody, and the section would apply to nobody; leave the key out for everybody")
	}
	return all
}

// doubtJobs warns of sections that let jobs write where nothing lets them.
func (r *reader) doubtJobs(p *Policy) {
	if slices.ContainsFunc(p.sections.all, func(sec *section) bool { return sec.opinions[Automation].says == allows }) {
		return
	}
	for _, sec := range p.sections.all {
		if sec.opinions[Write].says == allows && sec.onlyJobs() {
			r.warnf(place{sec.opinions[Write].line, 1}, "no job writes by this: what a job writes needs automation: allow as well, which no section says")
		}
	}
}

// onlyJobs reports whether a section is for jobs alone, as its patterns are written.
func (sec *section) onlyJobs() bool {
	return len(sec.principals) > 0 && !slices.ContainsFunc(sec.principals, func(e entry) bool { return !canon.IsJob(e.text) })
}

const maxPrincipal = 255 // bytes

// compilePrincipal makes a glob for principals.
func compilePrincipal(pattern string) (glob, error) {
	return compile(pattern, func(row string) error {
		if err := tooLong(row, maxPrincipal); err != nil {
			return fmt.Errorf("names nobody: it %w", err)
		}
		return nil
	})
}
