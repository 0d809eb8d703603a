package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Summary is what came of a log, or of a part of it, in numbers.
type Summary struct {
	Calls, Allowed, Denied, Failed int64
	Wrote                          int64 // calls that changed something
	Withheld, Redacted             int64 // items, findings
	First, Last                    time.Time

	ByDay                               []Count // "2031-02-03", days with calls
	OverTime                            []Count // without gaps, by hour, day, month or year, whatever there are few enough of
	ByTool, ByRepo, ByPrincipal, Client []Count // the most first
	Denials                             []Count // by code and rule
	Redactions                          []Count // by rule
	Writes                              []Write // the last ones
	WritesLeftOut                       int64
	Sessions                            []Session // the last ones
	SessionsLeftOut                     int64
}

// Count is how often something was the case, and how often it was refused of that.
type Count struct {
	Name      string `json:"name"`
	N         int64  `json:"count"`
	OfDenials int64  `json:"denied,omitempty"`
}

// Session is a caller, from when it came to when it went.
type Session struct {
	ID, Principal, Client string
	Begun, Ended          time.Time // Ended is zero if it did not say so
	Calls, Denied         int64
}

// Write is a call that changed something.
type Write struct {
	Time                                time.Time
	Tool, Repo, Principal, Client, Call string
	Made                                []string
	Requests                            int
}

// Bounds of a summary, whatever the log has: distinct names, writes, sessions, bytes of a
// text, and things made by one call.
const (
	maxNames    = 5000
	maxWrites   = 2000
	maxSessions = 500
	maxText     = 501
	maxMade     = 20
)

// short cuts a text of somebody's to the bound. It is shown shorter still, as cut.
func short(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}

// Others is the name that names beyond the bound are counted under.
const Others = "(others)"

// Summarise reads the log at path as [Show] does, and counts what q asks for. A call counts
// once: by its outcome, or by the decision that refused it.
func Summarise(ctx context.Context, path string, q Query) (Summary, Reading, error) {
	s := newSummary()
	q.Limit = 0
	reading, err := Show(ctx, path, q, func(e Stored) error {
		if e.Kind != "" {
			s.add(e)
		}
		return nil
	})
	return s.end(), reading, err
}

type counts map[string]*Count

func (c counts) add(name string, n int64, denied bool) {
	if name == "" || n == 0 {
		return
	}
	name = short(name)
	if c[name] == nil {
		if len(c) >= maxNames {
			name = Others
		}
		if c[name] == nil {
			c[name] = &Count{Name: name}
		}
	}
	c[name].N += n
	if denied {
		c[name].OfDenials += n
	}
}

func (c counts) most() []Count {
	all := make([]Count, 0, len(c))
	for _, one := range c {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return all
}

type summary struct {
	Summary
	tools, repos, principals, clients, hours, days, denials, redactions counts
	sessions                                                            map[string]*Session
}

func newSummary() *summary {
	return &summary{
		tools: counts{}, repos: counts{}, principals: counts{}, clients: counts{}, hours: counts{}, days: counts{},
		denials: counts{}, redactions: counts{}, sessions: map[string]*Session{},
	}
}

func (s *summary) add(e Stored) {
	if s.First.IsZero() {
		s.First = e.Time
	}
	s.Last = e.Time
	session := s.session(e)
	switch e.Kind {
	case KindSessionEnd:
		session.Ended = e.Time
	case KindDecision:
		if e.Decision == Deny {
			s.call(e, session, true)
			s.Denied++
			s.denials.add(nameOf(e.Code, e.Rule), 1, true)
		}
	case KindOutcome:
		s.call(e, session, false)
		if e.Code != "" {
			s.Failed++
			s.denials.add(nameOf(e.Code, e.Rule), 1, false)
		} else {
			s.Allowed++
		}
		s.outcome(e)
	}
}

func nameOf(code, rule string) string {
	if rule == "" {
		return code
	}
	return code + " by " + rule
}

func (s *summary) call(e Stored, session *Session, denied bool) {
	s.Calls++
	session.Calls++
	if denied {
		session.Denied++
	}
	s.tools.add(e.Tool, 1, denied)
	s.repos.add(e.Repo, 1, denied)
	s.principals.add(e.Principal, 1, denied)
	s.clients.add(e.Client, 1, denied)
	s.hours.add(e.Time.UTC().Format(hourly), 1, denied)
	s.days.add(e.Time.UTC().Format(time.DateOnly), 1, denied)
}

func (s *summary) outcome(e Stored) {
	s.Withheld += int64(e.Withheld)
	for rule, n := range e.Redactions {
		s.redactions.add(rule, int64(n), false)
		s.Redacted += int64(n)
	}
	if e.Written == 0 {
		return
	}
	s.Wrote++
	if len(s.Writes) == maxWrites {
		s.Writes = s.Writes[1:]
		s.WritesLeftOut++
	}
	w := Write{e.Time, short(e.Tool), short(e.Repo), short(e.Principal), short(e.Client), short(e.Call), nil, e.Written}
	for _, made := range e.Made[:min(len(e.Made), maxMade)] {
		w.Made = append(w.Made, short(made))
	}
	if more := len(e.Made) - maxMade; more > 0 {
		w.Made = append(w.Made, fmt.Sprintf("and %d more", more))
	}
	s.Writes = append(s.Writes, w)
}

func (s *summary) session(e Stored) *Session {
	id := short(e.Session)
	one := s.sessions[id]
	if one == nil {
		one = &Session{ID: id, Begun: e.Time}
		if len(s.sessions) >= 20*maxSessions { // by then the oldest are of no interest
			for _, old := range slices.SortedFunc(maps.Values(s.sessions), byBeginning)[:10*maxSessions] {
				delete(s.sessions, old.ID)
				s.SessionsLeftOut++
			}
		}
		s.sessions[id] = one
	}
	one.Principal, one.Client = cmp.Or(one.Principal, short(e.Principal)), cmp.Or(short(e.Client), one.Client)
	return one
}

func byBeginning(a, b *Session) int {
	return cmp.Or(a.Begun.Compare(b.Begun), cmp.Compare(a.ID, b.ID))
}

func (s *summary) end() Summary {
	s.ByTool, s.ByRepo, s.ByPrincipal, s.Client = s.tools.most(), s.repos.most(), s.principals.most(), s.clients.most()
	s.Denials, s.Redactions = s.denials.most(), s.redactions.most()
	s.ByDay, s.OverTime = s.days.inOrder(), overTime(s.hours, s.days)
	all := slices.SortedFunc(maps.Values(s.sessions), byBeginning)
	if n := len(all) - maxSessions; n > 0 {
		s.SessionsLeftOut += int64(n)
		all = all[n:]
	}
	for _, one := range all {
		s.Sessions = append(s.Sessions, *one)
	}
	return s.Summary
}
