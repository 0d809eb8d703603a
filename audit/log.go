// Package audit keeps the log without which Aegis does nothing.
//
// The log is one file of JSON lines, shared by all sessions of a user. Each
// entry carries the hash of the one before it and, last, the hash of its own
// stored bytes, so that no byte of a past entry can change, and no entry vanish
// from the middle, without every later hash saying so. What a chain can't show,
// that its end was cut off, shows against the head beside it.
//
// [Log.Append] either has put an entry on disk, on the one chain, or fails with
// [ErrUnavailable], and then the call it stands for must not happen. Before it
// writes, it holds the true end of the file against the head, against what this
// process saw there last, and what lies beyond against the chain. A log that
// does not fit is never written to, truncated or repaired. What an interrupted
// write leaves does not count as that: it stays where it is, and a recovery
// entry names it.
//
// [Verify] reads all of it. It finds every change but one: someone who rewrites
// log, head and key together. Only a position noted elsewhere shows that.
package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Log is an open audit log. It may be used by several goroutines, and its file
// by several processes, at once.
type Log struct {
	files       files
	key         []byte
	lockTimeout time.Duration
	now         func() time.Time
	sync        func(*os.File) error // (*os.File).Sync but in tests

	turn chan struct{} // one append at a time; guards what follows

	file   *os.File // nil until the log exists
	closed bool
	before position // before the entry this process appended last
	seen   position // after it; start if there is none
	line   []byte   // reused
	reader *bufio.Reader
}

// Append puts e on disk: it takes the lock, waiting no longer than the lock
// timeout, reads what was appended since, holds it against the head, writes
// one line, syncs it, and replaces the head. It returns nil only if all of that
// was done; every other outcome is an [ErrUnavailable] whose text says what is
// wrong and how to put it right. After a failure the entry may or may not be in
// the log, and the log is as usable as before.
func (l *Log) Append(ctx context.Context, e Entry) error {
	if err := e.check(); err != nil {
		return &unavailable{what: "the entry is not one", fix: "this is a defect of Aegis", err: err}
	}
	release, err := l.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	end, err := l.readEnd(ctx)
	if err != nil {
		return err
	}
	before, after, err := l.compose(end, &e)
	if err != nil {
		return &unavailable{what: "the entry can't be written", fix: "make it shorter", err: err}
	}
	return l.store(before, after)
}

// acquire takes this process' turn and then the lock.
func (l *Log) acquire(ctx context.Context) (release func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, l.lockTimeout, errLocked)
	defer cancel()
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, l.notAcquired(ctx, context.Cause(ctx))
	}
	err = fs.ErrClosed
	if !l.closed {
		lock, lockErr := lock(ctx, l.files.lock)
		if err = lockErr; err == nil {
			return func() {
				_ = lock.Unlock()
				<-l.turn
			}, nil
		}
	}
	<-l.turn
	return nil, l.notAcquired(ctx, err)
}

func (l *Log) notAcquired(ctx context.Context, err error) error {
	switch {
	case errors.Is(context.Cause(ctx), errLocked):
		return &unavailable{
			what: fmt.Sprintf("its lock %s was held by somebody else for %s", l.files.lock, l.lockTimeout),
			fix:  "find who holds it, for instance with `fuser`; the log goes on by itself once it is released",
			err:  errLocked,
		}
	case errors.Is(err, fs.ErrClosed):
		return &unavailable{what: "it was closed", fix: "start a new session", err: err}
	}
	return broken("its lock can't be taken", err)
}

// end is the end of the log as Append found it.
type end struct {
	*walk
	noHead bool
	size   int64 // of the file, before the append
}

// readEnd walks from the last position it can rely on to the end of the file,
// and fails unless everything there is as it should be.
func (l *Log) readEnd(ctx context.Context) (end, error) {
	head, err := readHead(l.files.head)
	noHead := errors.Is(err, errNoHead)
	if err != nil && !noHead {
		return end{}, &unavailable{what: "its head can't be used", fix: restartHint, err: err}
	}
	size, err := l.reopen(noHead || head == start)
	if err != nil {
		return end{}, err
	}
	w := &walk{at: start}
	if l.seen != start {
		w.marks = append(w.marks, l.seen)
	}
	switch {
	case noHead: // nothing to rely on but the whole chain
	case head.seq < l.seen.seq:
		return end{}, tampered(fmt.Sprintf("its head was set back to entry %d after entry %d had been written", head.seq, l.seen.seq))
	case head.size > size:
		return end{}, tampered(fmt.Sprintf("it is shorter than its head: %d bytes, where entry %d ended at %d", size, head.seq, head.size))
	case l.seen != start:
		w.marks = append(w.marks, head)
		w.at, w.midway = l.before, true
	case head != start:
		w.marks = append(w.marks, head)
		if w.at, err = entryBefore(l.file, head); err != nil {
			return end{}, err
		}
		w.midway = true
	default:
		w.marks = append(w.marks, head)
	}
	l.reader.Reset(io.NewSectionReader(l.file, w.at.size, size-w.at.size))
	if err := w.run(ctx, l.reader); err != nil {
		return end{}, broken("its end can't be read", err)
	}
	if w.problem != nil {
		return end{}, tampered(w.problem.String())
	}
	return end{walk: w, noHead: noHead, size: size}, nil
}

// reopen makes l.file the file at the path and returns its size. If the file
// was replaced, what was seen in the old one no longer counts.
func (l *Log) reopen(create bool) (int64, error) {
	info, err := os.Stat(l.files.log)
	if err == nil && l.file != nil {
		if open, err := l.file.Stat(); err == nil && os.SameFile(open, info) {
			return info.Size(), nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) && !create {
		return 0, tampered("it is missing, but its head is there")
	}
	l.closeFile()
	l.before, l.seen = start, start
	if l.file, err = openLog(l.files.log); err != nil {
		return 0, broken("it can't be opened", err)
	}
	if info, err = l.file.Stat(); err != nil {
		return 0, broken("it can't be opened", err)
	}
	return info.Size(), nil
}

// entryBefore returns the position before the entry that head names, which it
// finds by reading back one line.
func entryBefore(f io.ReaderAt, head position) (position, error) {
	const reach = MaxLine + 2 // a line, its newline, and the newline before it
	b := make([]byte, min(head.size, reach))
	if _, err := f.ReadAt(b, head.size-int64(len(b))); err != nil {
		return position{}, broken("its end can't be read", err)
	}
	content, ended := bytes.CutSuffix(b, []byte("\n"))
	if !ended {
		return position{}, tampered(fmt.Sprintf("entry %d does not end where its head says, at byte %d", head.seq, head.size))
	}
	content = content[bytes.LastIndexByte(content, '\n')+1:]
	var l line
	if reason := l.parse(content); reason != "" {
		return position{}, tampered(fmt.Sprintf("the line of entry %d, the last its head knows, %s", head.seq, reason))
	}
	return position{seq: head.seq - 1, hash: hexHash(l.prev), size: head.size - int64(len(content)) - 1}, nil
}

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

// ArgsHMAC returns the HMAC-SHA256 of a call's arguments under the log's key, in
// hex: equal arguments can be recognised, and nobody without the key can guess.
func (l *Log) ArgsHMAC(args []byte) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(args)
	return hex.EncodeToString(mac.Sum(nil))
}

// Path returns the path of the log's file, absolute and with links resolved.
func (l *Log) Path() string { return l.files.log }

// Close waits for an append under way and closes the file. Appending to a closed
// log fails.
func (l *Log) Close() error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.closed = true
	return l.closeFile()
}

func (l *Log) closeFile() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
