package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"aegis/gate/policy"
	"aegis/internal/canon"
)

// Flow control: what a session has been shown bounds where it may write. Content
// of a repository marks the session with the repository's visibility, until the
// mark is forgotten; a write to a repository that more people see is then
// refused, or asked about. It needs no understanding of what is written: a model
// that was talked into it can paraphrase, encode or spell out what it read.

// mark is one thing that a session was shown.
type mark struct {
	tool, repo, call string
	at               time.Time
}

func (m mark) String() string {
	return fmt.Sprintf("%s read %s (call %s)", m.tool, m.repo, m.call)
}

// marks are a session's, the latest of each kind: it is forgotten last.
type marks struct {
	mu        sync.Mutex
	seen      map[Visibility]mark
	strangers *mark // text of somebody without standing
}

func (m *marks) saw(visibility Visibility, what mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = make(map[Visibility]mark)
	}
	m.seen[visibility] = what
}

func (m *marks) sawStranger(what mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.strangers = &what
}

// narrowest returns the latest mark of the least visible content that is not
// forgotten and that fewer people see than target.
func (m *marks) narrowest(target Visibility, since time.Time) (Visibility, mark, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, visibility := range []Visibility{Private, Limited} {
		if found, ok := m.seen[visibility]; ok && found.at.After(since) && visibility.rank() < target.rank() {
			return visibility, found, true
		}
	}
	return "", mark{}, false
}

func (m *marks) stranger(since time.Time) (mark, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.strangers == nil || !m.strangers.at.After(since) {
		return mark{}, false
	}
	return *m.strangers, true
}

// rank orders visibilities: the higher, the more people see it.
func (v Visibility) rank() int {
	switch v {
	case Public:
		return 2
	case Limited:
		return 1
	}
	return 0
}

// checkFlow decides whether what the session was shown, and what the plan, if
// there is one yet, carries along, may flow into the target and to where the texts
// lead. It returns a refusal, or the
// reasons to ask a human first.
func (v *Visit) checkFlow() (asks []reason, refusal *Refusal) {
	if !v.writes() {
		return nil, nil
	}
	flow, target := v.policy.Flow(), openness(v.repo.Record)
	widest, where := v.widest()
	since := time.Now().Add(-flow.ForgetAfter)
	ends := "A new session has read nothing; this one forgets after %s (flow.forget_after)."
	consider := func(action policy.Action, key, why, hint string) {
		rule := v.policy.FlowRule(key)
		switch action {
		case policy.Allow:
		case policy.Ask:
			asks = append(asks, reason{rule, why})
		default:
			if refusal == nil {
				refusal = Refuse(FlowDenied, "%s", why).WithHint("%s", hint)
				refusal.Rule = rule
			}
		}
	}
	if visibility, found, ok := v.session.marks.narrowest(widest, since); ok {
		left := time.Until(found.at.Add(flow.ForgetAfter)).Round(time.Second)
		consider(flow.PrivateToPublic, "private_to_public",
			fmt.Sprintf("This session has been shown %s content: %s. %s is %s, and what more people see could tell of it.", visibility, found, where, widest),
			fmt.Sprintf(ends, left))
	}
	if visibility, found, ok := v.session.marks.narrowest(Public, since); ok && flow.PrivateToPublic != policy.Allow {
		if tells := v.tellsOutside(); tells.what != "" {
			consider(flow.PrivateToPublic, "private_to_public", fmt.Sprintf("This session has been shown %s content: %s. %s", visibility, found, tells.what), tells.instead)
		}
	}
	if v.planned != nil {
		for _, from := range v.planned.From {
			if from.Visibility.rank() < target.rank() {
				consider(flow.PrivateToPublic, "private_to_public",
					fmt.Sprintf("This carries content of %s, which is %s, into %s, which is %s.", from.Name, from.Visibility, v.repo.Name, target),
					"No reading is the reason, but where the change comes from; waiting or a new session changes nothing.")
			}
		}
	}
	if found, ok := v.session.marks.stranger(since); ok {
		left := time.Until(found.at.Add(flow.ForgetAfter)).Round(time.Second)
		consider(flow.UntrustedToWrite, "untrusted_to_write",
			fmt.Sprintf("This session has been shown text of somebody who may not write to its repository: %s.", found),
			fmt.Sprintf(ends, left))
	}
	return asks, refusal
}

// place is a repository that a call reaches besides its target.
type place struct {
	name       canon.Repo
	visibility Visibility
	shows      bool // by an open pull request, and not because a text refers to it
}

func (p place) String() string {
	if p.shows {
		return p.name.String() + ", which shows this branch in an open pull request,"
	}
	return p.name.String() + ", which the text refers to,"
}

// widest is the most visible of what a write changes: the target, or what a text
// refers to and gets an event from it, or what shows the branch that is written.
func (v *Visit) widest() (visibility Visibility, where string) {
	visibility, where = openness(v.repo.Record), v.repo.Name.String()
	for _, to := range v.referred {
		if to.visibility.rank() > visibility.rank() {
			visibility, where = to.visibility, to.String()
		}
	}
	return visibility, where
}

// flowChanged refuses what the session may no longer write: it was shown something
// since that was decided.
func (v *Visit) flowChanged() *Refusal {
	asks, refusal := v.checkFlow()
	if refusal != nil {
		return refusal
	}
	for _, ask := range asks {
		if !slices.Contains(v.flowAsks, ask) {
			r := Refuse(FlowDenied, "%s That was while this call was under way; nothing more was sent.", ask.why).WithHint("Make the call again: a human will be asked.")
			r.Rule = ask.rule
			return r
		}
	}
	return nil
}

// refuseFlow is checkFlow for the time before there is a plan.
func (v *Visit) refuseFlow(Target) error {
	if _, refusal := v.checkFlow(); refusal != nil {
		return refusal
	}
	return nil
}

// noteShown marks the session with what a result is about to show. Names of
// repositories in lists are no content; neither is a write's own answer.
func (v *Visit) noteShown(r *Result) {
	if v.writes() || !v.gate.options.Write {
		return
	}
	saw := func(repo string, visibility Visibility) {
		v.session.marks.saw(visibility, mark{v.tool.Name, repo, v.id, time.Now()})
	}
	if r.List != nil && r.List.Query != "" && !r.List.Names && v.repo == nil && !v.client.Anonymous() {
		saw("all that the token reads", Private) // that nothing is found is an answer, too
	}
	for _, repo := range []*Resolved{v.repo, v.second} {
		if repo != nil {
			saw(repo.Name.String(), VisibilityOf(repo.Record))
		}
	}
	if r.List != nil && !r.List.Names {
		for _, row := range r.List.Rows {
			switch {
			case row.Record != nil:
				saw(v.from(row).String(), VisibilityOf(row.Record))
			case !row.Repo.IsZero():
				saw(row.Repo.String(), v.visibilityNamed(row.Repo))
			case !row.Owner.IsZero():
				saw(row.Owner.String()+"/*", Private) // it may be more open; nobody says so
			}
		}
	}
	for repo := range v.strangers {
		v.session.marks.sawStranger(mark{v.tool.Name, repo.String(), v.id, time.Now()})
	}
}

// noteLooked marks the session with what a plan looked at, if nothing came to be
// written: the answer of a dry run, and a refusal that a plan ends with, tell
// whether a guess at what is stored is right. One for who sees what, or for want of
// a human's yes, tells next to nothing, and is no reason to end all writing.
func (v *Visit) noteLooked(err error) {
	var asked *asking
	var refusal *Refusal
	if !v.looked || v.written > 0 || errors.As(err, &asked) || errors.As(err, &refusal) &&
		slices.Contains([]Code{FlowDenied, ApprovalUnavailable, ApprovalDeclined}, refusal.Code) {
		return
	}
	for _, repo := range []*Resolved{v.repo, v.second} {
		if repo != nil {
			v.session.marks.saw(VisibilityOf(repo.Record), mark{v.tool.Name, repo.Name.String(), v.id, time.Now()})
		}
	}
}

// Attribute tells the gate who wrote what the call is about to show, where the
// result does not say it itself: a login, or "" for somebody unknown.
func (v *Visit) Attribute(login string) { v.attribute(login, v.target()) }

// attribute notes a stranger's text, if policy has a rule on it.
func (v *Visit) attribute(login string, repo canon.Repo) {
	if repo.IsZero() || v.writes() || !v.gate.options.Write || v.policy.Flow().UntrustedToWrite == policy.Allow ||
		v.strangers[repo] || login != "" && v.standingIn(repo)[strings.ToLower(login)] {
		return
	}
	if v.strangers == nil {
		v.strangers = make(map[canon.Repo]bool)
	}
	v.strangers[repo] = true
}
