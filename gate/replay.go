package gate

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"aegis/audit"
	"aegis/gate/policy"
)

// Replay decides the calls of an audit log again, by another policy, and counts what would
// have become of them. It is given the log's entries in their order, and asks nobody.
//
// A call is decided by what the log has of it. One that was refused has no more in the log
// than it took to refuse it; so it is told that it is refused no longer, and not what else
// it would have met. Limits, the rows of lists and what is redacted are not decided again.
type Replay struct {
	policy *policy.Policy
	open   map[string]*replayed
	found  map[Difference]*Differences
	asked  map[string]string // the rule that a human was asked by, by the hash of what was shown
	counts ReplayCounts
}

// NewReplay makes a replay by a policy.
func NewReplay(p *policy.Policy) *Replay {
	return &Replay{policy: p, open: make(map[string]*replayed), found: make(map[Difference]*Differences), asked: make(map[string]string)}
}

// Difference is what would become of calls of a tool on a repository.
type Difference struct {
	Was  Verdict `json:"was"`
	Is   Verdict `json:"is"`
	Tool string  `json:"tool"`
	Repo string  `json:"repository,omitempty"`
	Code Code    `json:"code,omitempty"` // of the denial that comes, or goes
	Rule string  `json:"rule,omitempty"` // that denies or asks, and comes or goes
	Why  string  `json:"why,omitempty"`  // it is unknown
}

// Differences counts calls with the same difference. The first of them is the example.
type Differences struct {
	Difference
	Calls   int64    `json:"calls"`
	Example string   `json:"example"` // the call's id
	Time    string   `json:"time"`
	Paths   []string `json:"paths,omitempty"` // of that call, the first few
}

// ReplayCounts are the calls of a log. Each is counted under Calls, and once more.
type ReplayCounts struct {
	Calls     int64 `json:"calls"`
	Unchanged int64 `json:"unchanged"`
	Widened   int64 `json:"widened"`
	Narrowed  int64 `json:"narrowed"`
	Unknown   int64 `json:"unknown"`
	Otherwise int64 `json:"otherwise_ended"` // by what no policy decides, such as arguments, the whitelist, limits
}

// Add takes the next entry.
func (r *Replay) Add(s audit.Stored) {
	if s.Kind != audit.KindDecision && s.Kind != audit.KindOutcome || s.Call == "" {
		return
	}
	key := s.Session + " " + s.Call
	call := r.open[key]
	if call == nil {
		call = newReplayed(s)
		r.open[key] = call
	}
	if s.Decision == audit.Ask {
		r.asked[s.ShownSHA256] = s.Rule
	} else if s.Rule == "" {
		s.Rule = r.asked[s.ShownSHA256] // a yes names none
	}
	call.add(r.policy, s)
	if s.Kind == audit.KindOutcome || s.Decision == audit.Deny {
		r.close(key, call)
	}
}

// close counts a call.
func (r *Replay) close(key string, call *replayed) {
	delete(r.open, key)
	r.counts.Calls++
	was, is := call.verdicts()
	switch {
	case call.otherwise && is.Verdict != VerdictDeny:
		r.counts.Otherwise++
		return
	case was.Verdict == is.Verdict:
		r.counts.Unchanged++
		return
	}
	d := Difference{Was: was.Verdict, Is: is.Verdict, Tool: call.example.Tool, Repo: call.example.Repo, Code: is.Code, Rule: is.Rule, Why: is.Why}
	switch d.order() {
	case widens:
		r.counts.Widened++
		d.Code, d.Rule = was.Code, was.Rule
	case unknown:
		r.counts.Unknown++
		d.Code, d.Rule = was.Code, was.Rule
	default:
		r.counts.Narrowed++
	}
	all := r.found[d]
	if all == nil {
		first := call.example
		first.Difference = d
		all = &first
		r.found[d] = all
	}
	all.Calls++
}

// End ends the replay. It returns the counts, and what differs: what is opened first, then
// what is unknown, then what is closed, the most frequent of each first.
func (r *Replay) End() (ReplayCounts, []*Differences) {
	for key, call := range r.open {
		call.otherwise = true // it has no end
		r.close(key, call)
	}
	all := slices.SortedFunc(maps.Values(r.found), func(a, b *Differences) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(b.Calls, a.Calls), strings.Compare(a.Tool, b.Tool),
			strings.Compare(a.Repo, b.Repo), strings.Compare(a.Rule, b.Rule), strings.Compare(string(a.Is), string(b.Is)),
			strings.Compare(string(a.Was), string(b.Was)), strings.Compare(a.Why, b.Why), strings.Compare(string(a.Code), string(b.Code)))
	})
	return r.counts, all
}

// What a difference does, in the order in which it is told.
const (
	widens = iota
	unknown
	narrows
)

func (d Difference) order() int {
	switch {
	case d.Is == VerdictUnknown:
		return unknown
	case d.Is.weight() < d.Was.weight():
		return widens
	}
	return narrows
}
