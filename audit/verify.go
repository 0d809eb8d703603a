package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Report is what Verify found. The log is good exactly if Problem is nil.
type Report struct {
	Entries int64     // good ones, up to the problem if there is one
	First   time.Time // of the first entry; zero if there is none
	Last    time.Time // of the last good one
	Seq     int64     // of the last good entry
	Head    string    // its hash, 64 hex digits; zeros if there is none
	Size    int64     // bytes up to its end
	Problem *Problem  // the first one
	Notes   []string  // what is no problem but should be known, a sentence each
}

const (
	readBuffer = 256 << 10 // bytes; longer than any line
	maxNotes   = 100       // recovery entries noted one by one
)

// Verify reads the log at path from its first byte to its last and holds it to
// its chain and to the head beside it. It changes nothing, and may run while
// others append: what they add meanwhile it leaves to the next time. It needs
// nothing but the log; without a head it can't tell whether the end was cut
// off, which is a problem where the log is kept and a note where only a copy is.
//
// The error is of reading the files, or ctx's; what is wrong with the log is in
// the report.
func Verify(ctx context.Context, path string) (Report, error) {
	s, err := takeSnapshot(ctx, path)
	if err != nil {
		return Report{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	if s.log == nil {
		return Report{Head: string(noHash[:]), Problem: missing()}, nil
	}
	defer s.log.Close()
	var n notes
	w := &walk{at: start, found: n.recovery}
	if s.headErr == nil {
		w.marks = []position{s.head}
	}
	reader := bufio.NewReaderSize(io.NewSectionReader(s.log, 0, s.size), readBuffer)
	if err := w.run(ctx, reader); err != nil {
		return Report{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	s.judgeHead(w, &n)
	n.end(w, s)
	return Report{
		Entries: w.entries,
		First:   parseTime(w.first),
		Last:    parseTime(w.tail),
		Seq:     w.at.seq,
		Head:    string(w.at.hash[:]),
		Size:    w.at.size,
		Problem: w.problem,
		Notes:   n.text,
	}, nil
}

func missing() *Problem {
	return &Problem{Line: 1, Seq: 1, Reason: "is missing: there is no log, but its head is there"}
}

// snapshot is a log and its head at one moment.
type snapshot struct {
	log     *os.File // nil if missing
	size    int64
	head    position
	headErr error
	kept    bool // this is where the log is kept, not a copy: its lock or key is here
}

// takeSnapshot opens the log and reads its head and size under the lock, if
// that is to be had; else the head first, which then may only be behind.
func takeSnapshot(ctx context.Context, path string) (s snapshot, err error) {
	if path, err = resolve(path); err != nil {
		return s, err
	}
	at := filesOf(path)
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if lock, err := lockToRead(limited, at.lock); err == nil {
		defer lock.Unlock()
	}
	_, lockErr := os.Lstat(at.lock)
	_, keyErr := os.Lstat(at.key)
	s.kept = lockErr == nil || keyErr == nil
	for range 3 { // without the lock it may be caught half written
		if s.head, s.headErr = readHead(at.head); s.headErr == nil || errors.Is(s.headErr, errNoHead) {
			break
		}
	}
	s.log, err = openToRead(path)
	if errors.Is(err, fs.ErrNotExist) && !errors.Is(s.headErr, errNoHead) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	info, err := s.log.Stat()
	if err != nil {
		return s, errors.Join(err, s.log.Close())
	}
	s.size = info.Size()
	return s, nil
}

// openToRead opens a regular file. Others are not opened: a pipe would wait for
// whoever writes to it.
func openToRead(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	return os.Open(path)
}

// judgeHead says what follows from a head that is missing or can't be used.
func (s *snapshot) judgeHead(w *walk, n *notes) {
	switch {
	case s.headErr == nil || w.problem != nil:
	case !errors.Is(s.headErr, errNoHead):
		w.fail(w.lines+1, w.offset, "can't be held against the head: "+s.headErr.Error())
	case s.kept:
		w.fail(w.lines+1, w.offset, "can't be held against the head, which is missing: entries after it may have been cut off (the next append verifies the chain and records this)")
	default:
		n.add("there is no head beside this copy: whether entries were cut off its end can't be told")
	}
}

// notes collects what is no problem.
type notes struct {
	text       []string
	recoveries int
}

func (n *notes) add(format string, args ...any) {
	n.text = append(n.text, fmt.Sprintf(format, args...))
}

// recovery notes a recovery entry.
func (n *notes) recovery(l *line) {
	if l.kind != KindRecovery {
		return
	}
	if n.recoveries++; n.recoveries > maxNotes {
		return
	}
	fragment := ""
	if l.fragmentSHA != nil {
		fragment = fmt.Sprintf(" (%d bytes, SHA-256 %s)", l.fragmentBytes, l.fragmentSHA)
	}
	reason := appendString(nil, unquoted(l.reason)) // as Aegis stores it, whoever wrote it
	n.add("entry %d of %s is a recovery: %s%s", l.seq, l.time, reason, fragment)
}

// end notes what lies at both ends of the log.
func (n *notes) end(w *walk, s snapshot) {
	if n.recoveries > maxNotes {
		n.add("%d more recovery entries are not listed", n.recoveries-maxNotes)
	}
	if w.origin != nil {
		n.add("this file continues a chain from entry %d, hash %s", w.origin.seq, w.origin.hash[:])
	}
	if w.problem != nil {
		return
	}
	if f := w.stray; f != nil {
		n.add("after entry %d stand %d bytes of an entry that was never finished, as an interrupted write leaves them; the next append records them", w.at.seq, f.length)
	}
	if w.unended {
		n.add("entry %d lacks its newline, as an interrupted write leaves it; the next append records that", w.at.seq)
	}
	if s.headErr == nil && w.at.seq > s.head.seq {
		n.add("%d entries lie beyond the head, as an interrupted append leaves them; they are on the chain, and the next append moves the head", w.at.seq-s.head.seq)
	}
}
