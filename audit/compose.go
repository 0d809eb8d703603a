package audit

import "fmt"

// compose puts into l.line all that is to be written: what ends a fragment,
// entries that say what was found, and e. It returns the positions before and
// after e.
func (l *Log) compose(end end, e *Entry) (before, after position, err error) {
	l.line = l.line[:0]
	at := end.at
	at.size = end.size
	if end.unended || end.stray != nil && !end.stray.ended {
		l.line = append(l.line, '\n')
		at.size++
	}
	for _, entry := range append(end.recoveries(e), e) {
		before = at
		length := len(l.line)
		if l.line, at.hash, err = appendLine(l.line, entry, at.seq+1, l.now(), before.hash); err != nil {
			return position{}, position{}, err
		}
		at.seq++
		at.size += int64(len(l.line) - length)
	}
	return before, at, nil
}

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
	return found
}

// store writes l.line, all of it or the log is left as an interrupted write
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
