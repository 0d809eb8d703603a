package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Query says what of a log is asked for. Members that are zero ask for nothing
// in particular: the zero Query is the whole log. A query that asks for
// something leaves out lines that are no entries.
type Query struct {
	Call, Session, Tool string
	Job                 string   // by its name
	Repo                string   // owner/name in any case, as the call's repository or its second
	Denied              bool     // refusals only, on the arguments or later
	Failures            []string // with Denied: codes of outcomes that failed without being refused
	Client, Principal   string   // part of the client's name, in any case; the whole principal
	Code                string   // of the refusal or failure
	Writes              bool     // calls of tools that write only, or that start automation
	Since, Until        time.Time
	Limit               int // the last so many lines; 0: all of them, given as they are read
	Newest              int // in so many of the log's files, the newest; 0: in all of them
}

// Show reads the log at path from its first byte to its last and calls each, in
// their order, for what q asks for, all of it or the last q.Limit. It holds the
// log to its chain and to the head beside it, as [Verify] does, but goes on
// after a problem: what does not belong is given all the same, and marked.
//
// With a limit it reads no more files than it takes to find so many lines, and
// Reading.Unread says how many it left out.
//
// It changes nothing, may run while others append, and what it keeps in memory
// is a line and, of each within the limit, where it is. The error is of reading
// the files, each's or ctx's; what is wrong with the log is in the Reading.
func Show(ctx context.Context, path string, q Query, each func(Stored) error) (Reading, error) {
	s, err := takeSnapshot(ctx, path)
	if err != nil {
		return Reading{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	defer s.close()
	reading, err := s.show(ctx, q, each)
	if err != nil {
		return Reading{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	return reading, nil
}

func (s *snapshot) show(ctx context.Context, q Query, each func(Stored) error) (Reading, error) {
	if q.Limit == 0 {
		s.newest(q.Newest)
		reading, err := s.read(ctx, q.of(func(f found) error { return each(f.stored()) }))
		reading.Unread = s.unread
		return reading, err
	}
	last, reading, err := s.last(ctx, q)
	if err != nil {
		return Reading{}, err
	}
	again := s.again()
	defer again.close()
	for _, at := range last.inOrder() {
		f, err := again.read(at)
		if err == nil {
			err = each(f.stored())
		}
		if err != nil {
			return Reading{}, err
		}
	}
	return reading, nil
}

// last finds the last lines that q asks for, in as few files as it takes.
func (s *snapshot) last(ctx context.Context, q Query) (ring, Reading, error) {
	all := *s
	for files := max(1, q.Newest); ; files *= moreFiles {
		*s = all
		s.newest(files)
		last := ring{limit: q.Limit}
		reading, err := s.read(ctx, q.of(func(f found) error { last.add(f); return nil }))
		if err != nil || s.unread == 0 || q.Newest > 0 || len(last.spans) == q.Limit {
			reading.Earlier, reading.Unread = last.earlier, s.unread
			return last, reading, err
		}
	}
}

// moreFiles is by how much more files are read if those that were read held too little.
// Each time they are read anew: in all little more is read than the last time.
const moreFiles = 8

// of calls each for what q asks for.
func (q Query) of(each func(found) error) func(found) error {
	return func(f found) error {
		if !q.matches(f) {
			return nil
		}
		return each(f)
	}
}

func (q Query) matches(f found) bool {
	if f.line == nil {
		return !q.asks()
	}
	return (q.Call == "" || f.text(memberCall) == q.Call) &&
		(q.Session == "" || f.text(memberSession) == q.Session) &&
		(q.Tool == "" || f.text(memberTool) == q.Tool) &&
		(q.Job == "" || f.text(memberJob) == q.Job) &&
		(q.Repo == "" || strings.EqualFold(f.text(memberRepo), q.Repo) || strings.EqualFold(f.text(memberSecond), q.Repo)) &&
		(q.Client == "" || strings.Contains(strings.ToLower(f.text(memberClient)), strings.ToLower(q.Client))) &&
		(q.Principal == "" || f.text(memberPrincipal) == q.Principal) &&
		(q.Code == "" || f.text(memberCode) == q.Code) &&
		(!q.Writes || f.writes()) &&
		(q.Since.IsZero() || bytes.Compare(f.time, stamp(q.Since)) >= 0) &&
		(q.Until.IsZero() || bytes.Compare(f.time, stamp(q.Until)) < 0) &&
		(!q.Denied || q.denied(f))
}

// asks reports whether something in particular is asked for.
func (q Query) asks() bool {
	return q.Call != "" || q.Session != "" || q.Tool != "" || q.Job != "" || q.Repo != "" || q.Client != "" || q.Principal != "" ||
		q.Code != "" || q.Writes || q.Denied || !q.Since.IsZero() || !q.Until.IsZero()
}

// stamp is a time as entries have it: such times sort as text.
func stamp(t time.Time) []byte { return t.UTC().AppendFormat(nil, timeLayout) }

// writes reports whether an entry is of a tool that writes.
func (f found) writes() bool {
	capability := f.text(memberCapability)
	return capability == "write" || capability == "automation"
}

// denied reports whether an entry is a refusal: a decision to deny, or an outcome
// with a code of one.
func (q Query) denied(f found) bool {
	switch f.kind {
	case KindDecision:
		return f.text(memberDecision) == string(Deny)
	case KindOutcome:
		code := f.text(memberCode)
		return code != "" && !slices.Contains(q.Failures, code)
	}
	return false
}

// span is where a line is, and what was found about it.
type span struct {
	file           int
	number, offset int64
	length         int
	broken         string
	after, entry   bool
}

// ring keeps the last spans of many.
type ring struct {
	limit   int
	spans   []span
	oldest  int
	earlier int64 // how many are no longer kept
}

func (r *ring) add(f found) {
	at := span{f.file, f.number, f.offset, len(f.raw), f.broken, f.after, f.line != nil}
	if len(r.spans) < r.limit {
		r.spans = append(r.spans, at)
		return
	}
	r.spans[r.oldest] = at
	r.oldest = (r.oldest + 1) % r.limit
	r.earlier++
}

func (r *ring) inOrder() []span {
	return append(slices.Clone(r.spans[r.oldest:]), r.spans[:r.oldest]...)
}
