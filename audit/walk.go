package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/mod/sumdb/note"
)

// position is a place in the chain, right after an entry. The zero place,
// before the first entry, is start.
type position struct {
	seq  int64   // of that entry
	hash hexHash // of that entry
	size int64   // bytes of the log up to and with that entry's newline
}

var start = position{hash: noHash}

// walk holds the bytes of a log to the chain, line by line, from one position
// on. Appending and verifying both go through it, so that what one accepts the
// other does. It stops at the first problem, unless told to go on.
//
// A file may go on where another one ended, as log shippers write what they were given.
//
// Bytes that are no entry are tolerated in two places only: right before a
// recovery entry that names their length and hash, and at the very end, as far
// as an interrupted write can have left them there.
type walk struct {
	at     position    // after the last entry that is good
	before position    // before it
	marks  []position  // that must lie on the way: the head, what was seen earlier
	midway bool        // at did not begin at the start of the log
	found  func(*line) // called for each entry; may be nil

	file    string             // its name, in problems, if it is one of several
	came    int64              // number of the last entry of the file before
	follows func(*line) string // says why an entry can't be the first of its file; may be nil
	points  *points            // that must lie on the way, wherever in the files; may be nil
	known   []note.Verifier    // keys that checkpoints may be signed by

	strayed func(content []byte, reason string) // called for each line that is no entry; may be nil
	broken  func(*Problem)                      // called for each problem, and then the walk goes on; nil: it stops
	shifted bool                                // it did go on, so that sizes may no longer be those of the marks

	parsed      line // the present one, reused
	entries     int64
	lines       int64
	offset      int64     // where the present line begins
	last        []byte    // the last entry's line, without newline
	unended     bool      // and it has none
	first, tail []byte    // times of the first and the last entry
	origin      *position // what the first entry follows, if that is in another file
	keptFrom    int64     // as the first entry says
	closes      []byte    // what the last entry calls the file if it is to be the last; still escaped
	stray       *fragment
	problem     *Problem
}

// run walks what r holds from w.at on, to its end. The error is r's or ctx's;
// what is wrong with the log is in w.problem.
func (w *walk) run(ctx context.Context, r *bufio.Reader) error {
	w.offset = w.at.size
	for w.problem == nil {
		if w.lines%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		b, err := r.ReadSlice('\n')
		switch {
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
			w.line(b)
		case errors.Is(err, io.EOF):
			if len(b) > 0 {
				w.line(b)
			}
			if w.problem == nil {
				w.finish()
			}
			return nil
		default:
			return err
		}
	}
	return nil
}

// buffers are those of walks that ended.
var buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

// runBuffered is run of what is read without a buffer.
func (w *walk) runBuffered(ctx context.Context, r io.Reader) error {
	buffer := buffers.Get().(*bufio.Reader)
	defer buffers.Put(buffer)
	buffer.Reset(r)
	defer buffer.Reset(nil)
	return w.run(ctx, buffer)
}

// line takes one line with its newline, or without at the end of the log or of
// the buffer, which is longer than any entry.
func (w *walk) line(b []byte) {
	content := bytes.TrimSuffix(b, []byte("\n"))
	ended := len(content) < len(b)
	if w.stray != nil && !w.stray.ended { // more of a line longer than the buffer
		w.stray.add(content, ended)
	} else {
		w.lines++
		if reason := w.parsed.parse(content); reason == "" {
			w.entry(&w.parsed, content, ended)
		} else {
			w.strayLine(content, ended, reason)
		}
	}
	if w.problem != nil && w.broken != nil {
		w.resume(content, ended)
	}
	w.offset += int64(len(b))
}

func (w *walk) entry(l *line, content []byte, ended bool) {
	reason := w.misfit(l)
	switch f := w.stray; {
	case f != nil && (reason != "" || !f.namedBy(l)):
		w.fail(f.line, f.offset, f.reason)
		if reason != "" && w.broken != nil {
			w.fail(w.lines, w.offset, reason)
		}
	case reason != "":
		w.fail(w.lines, w.offset, reason)
	case f == nil && l.kind == KindRecovery && l.fragmentSHA != nil && !w.namesLast(l):
		w.fail(w.lines, w.offset, "names a fragment that is not before it")
	default:
		w.advance(l, content, ended)
	}
}

func (w *walk) advance(l *line, content []byte, ended bool) {
	w.before, w.at.seq = w.at, l.seq
	w.before.size = w.offset
	copy(w.at.hash[:], l.hash)
	w.at.size = w.offset + int64(len(content))
	if ended {
		w.at.size++
	}
	w.stray, w.unended = nil, !ended
	w.last = append(w.last[:0], content...)
	w.tail = append(w.tail[:0], l.time...)
	w.closes = append(w.closes[:0], l.archived...)
	if w.entries++; w.entries == 1 {
		w.first = append(w.first[:0], l.time...)
	}
	for _, mark := range w.marks {
		inOrigin := w.origin != nil && mark.seq <= w.origin.seq
		if w.before.seq < mark.seq && mark.seq <= w.at.seq && !inOrigin && !w.passes(mark) {
			w.fail(w.lines, w.offset, saysOtherHead)
			return
		}
	}
	if l.kind == KindCheckpoint && len(w.known) > 0 {
		if _, err := signedBy(unquoted(l.checkpoint), w.known); err != nil {
			w.fail(w.lines, w.offset, "is a checkpoint with a signature that does not hold")
			return
		}
	}
	if reason := w.points.pass(l); reason != "" {
		w.fail(w.lines, w.offset, reason)
		return
	}
	if w.found != nil {
		w.found(l)
	}
}

// passes reports whether the walk is where mark is.
func (w *walk) passes(mark position) bool {
	if w.shifted {
		mark.size = w.at.size
	}
	return mark == w.at
}

// resume goes on after a problem, from the entry at which it showed: what
// follows is held to that one. Problems show at entries only, or at the end.
func (w *walk) resume(content []byte, ended bool) {
	l := &w.parsed
	w.at = position{seq: l.seq, hash: hexHash(l.hash), size: w.offset + int64(len(content))}
	if ended {
		w.at.size++
	}
	w.problem, w.stray, w.unended, w.shifted = nil, nil, !ended, true
	w.last = append(w.last[:0], content...)
	w.entries = max(w.entries, 1)
	w.closes = append(w.closes[:0], l.archived...)
	if w.found != nil {
		w.found(l)
	}
}

// finish judges the end of the log.
func (w *walk) finish() {
	for _, mark := range w.marks {
		switch {
		case w.at.seq >= mark.seq: // compared when it was passed
		case w.stray != nil && w.offset >= mark.size:
			w.fail(w.stray.line, w.stray.offset, w.stray.reason)
			return
		default:
			line, offset := w.lines+1, w.offset
			if w.stray != nil {
				line, offset = w.stray.line, w.stray.offset
			}
			w.fail(line, offset, fmt.Sprintf("is missing: %s, which names entry %d at %d bytes", saysShorter, mark.seq, mark.size))
			return
		}
	}
	if f := w.stray; f != nil && !(f.plausible && (!f.endedLines || len(w.marks) > 0)) {
		w.fail(f.line, f.offset, f.reason)
	}
}

func (w *walk) fail(line, offset int64, reason string) {
	if w.midway {
		line = 0
	}
	w.problem = &Problem{File: w.file, Line: line, Offset: offset, Seq: max(w.at.seq, w.came) + 1, Reason: reason, Since: parseTime(w.tail)}
	if w.broken != nil {
		w.broken(w.problem)
	}
}
