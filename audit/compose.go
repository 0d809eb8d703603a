package audit

import (
	"fmt"
	"time"
)

// composition is what is written to the end of the log, at once. Its bytes are in l.line.
type composition struct {
	l          *Log
	before, at position  // before and after its last entry
	now        time.Time // of that
}

// compositionAt begins a composition with what ends a fragment, and with entries that say what
// was found.
func (l *Log) compositionAt(end end, by *Entry) (*composition, error) {
	l.line = l.line[:0]
	c := &composition{l: l, before: end.before, at: end.at}
	c.at.size = end.size
	if end.unended || end.stray != nil && !end.stray.ended {
		l.line = append(l.line, '\n')
		c.at.size++
	}
	for _, entry := range end.recoveries(by) {
		if err := c.add(entry); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// add adds an entry, or leaves the composition as it was.
func (c *composition) add(e *Entry) error {
	length := len(c.l.line)
	now := c.l.now()
	line, hash, err := appendLine(c.l.line, e, c.at.seq+1, now, c.at.hash)
	if err != nil {
		return &unavailable{what: "the entry can't be written", fix: "make it shorter", err: err}
	}
	c.before, c.l.line, c.now = c.at, line, now
	c.at = position{seq: c.at.seq + 1, hash: hash, size: c.at.size + int64(len(line)-length)}
	return nil
}

// compose puts into l.line all that is to be written: what ends a fragment,
// entries that say what was found, and those that wait. It returns the positions before
// and after the last one, and who has an entry among what is to be written; one that
// can't be written is told so by itself.
func (l *Log) compose(end end, all []*waiting) (before, after position, composed []*waiting, err error) {
	c, err := l.compositionAt(end, all[0].entry)
	if err != nil {
		return position{}, position{}, nil, err
	}
	for _, w := range all {
		if w.err = c.add(w.entry); w.err == nil {
			composed = append(composed, w)
		}
	}
	if len(composed) > 0 {
		l.addCheckpoint(c, all)
	}
	return c.before, c.at, composed, nil
}

// isToBeRecovered reports whether something was found that an entry has to say.
func (end end) isToBeRecovered() bool { return len(end.recoveries(&Entry{})) > 0 }

// recoveries says what was found at the end of the log, in the name of the
// session that found it.
func (end end) recoveries(by *Entry) (found []*Entry) {
	add := func(reason string, f *fragmentSummary) {
		found = append(found, &Entry{Kind: KindRecovery, Session: by.Session, Principal: by.Principal, Reason: reason, fragment: f})
	}
	if end.stray != nil {
		add("a write was cut short: the bytes before this entry are no entry", end.stray.summary())
	}
	if end.unended {
		sum := hashOf(end.last)
		add("a write was cut short: the entry before this one lacked its newline", &fragmentSummary{bytes: int64(len(end.last)), sha256: string(sum[:])})
	}
	switch {
	case end.noHead && end.at == start:
		add("the log was empty and its head was missing: what was there before, if anything, is gone", nil)
	case end.noHead:
		add(fmt.Sprintf("the head was missing: the chain was verified up to entry %d, entries after it may have been cut off", end.at.seq), nil)
	}
	if end.movedTo != "" {
		add(end.putBack(), nil)
	}
	return found
}

// putBack says what was done about a log that lay under another name.
func (end end) putBack() string {
	if end.ownMove {
		return fmt.Sprintf("a rotation was cut short, and the log lay at %s: it was put back", end.movedTo)
	}
	return fmt.Sprintf("something else had moved the log to %s: it was put back; let that, such as logrotate, run `aegis audit rotate` instead", end.movedTo)
}

// store writes l.line, at once, all of it or the log is left as an interrupted write
// leaves it, and moves the head.
func (l *Log) store(before, after position) error {
	if _, err := l.file.Write(l.line); err != nil {
		return broken("the entry could not be written", err)
	}
	if err := l.sync(l.file); err != nil {
		return broken("the entry could not be synced to disk", err)
	}
	if err := writeHead(l.files.head, after); err != nil {
		return broken("the head could not be replaced", err)
	}
	l.before, l.seen = before, after
	return nil
}
