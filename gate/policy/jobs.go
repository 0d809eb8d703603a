package policy

import (
	"slices"

	"aegis/internal/canon"
)

// A job is told by its principal. What it writes has to be allowed twice, and that is said
// here alone: whoever asks what a capability takes asks [Policy.Needs].

// byJob reports whether a job asks.
func (p *Policy) byJob() bool { return canon.IsJob(p.principal) }

// What a capability needs, itself first. What changes something needs reading, too: its
// refusals, dry runs and conflicts tell what is there. Nobody watches what a job writes, so
// that has to be allowed twice.
var (
	needs = [capabilities][]Capability{
		0: {0, Read}, Read: {Read}, Write: {Write, Read}, Automation: {Automation, Read},
	}
	aJobsWriteNeeds = []Capability{Write, Automation, Read}
)

// Needs are the capabilities that a repository has to allow for one of them, to who asks.
// They are not to be changed.
func (p *Policy) Needs(c Capability) []Capability {
	if c == Write && p.byJob() {
		return aJobsWriteNeeds
	}
	return needs[c]
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
