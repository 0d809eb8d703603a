package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Report is what Verify found. The log is good exactly if Problem is nil.
type Report struct {
	Entries     int64     // good ones, up to the problem if there is one
	Files       int       // that the log consists of
	From        int64     // number of the first entry that is kept
	Begins      string    // its hash, 64 hex digits; "" if there is none
	First       time.Time // of the first entry; zero if there is none
	Last        time.Time // of the last good one
	Seq         int64     // of the last good entry
	Head        string    // its hash, 64 hex digits; zeros if there is none
	Size        int64     // bytes up to its end
	Checkpoints int       // entries that are one
	Problem     *Problem  // the first one
	Headless    bool      // there is no head to hold it against
	Notes       []string  // what is no problem but should be known, a sentence each
}

const (
	readBuffer = 256 << 10 // bytes; longer than any line
	maxNotes   = 100       // recovery entries noted one by one
)

// Verify reads the log at path, with all that was rotated away from it, from its first
// byte to its last. It holds it to its chain and to the head beside it. It changes nothing,
// and may run while others append: what they add meanwhile it leaves to the next time. It
// needs nothing but the log; without a head it can't tell whether the end was cut
// off, which is a problem where the log is kept and a note where only a copy is.
//
// The error is of reading the files, or ctx's; what is wrong with the log is in
// the report.
func Verify(ctx context.Context, path string) (Report, error) {
	return VerifyAgainst(ctx, path, nil)
}

// VerifyAgainst is Verify, and holds the log to checkpoints as well.
func VerifyAgainst(ctx context.Context, path string, checkpoints []Checkpoint) (Report, error) {
	s, err := takeSnapshot(ctx, path)
	if err != nil {
		return Report{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	defer s.close()
	if len(s.files) == 0 {
		return Report{Head: string(noHash[:]), Problem: missing()}, nil
	}
	n := notes{folder: s.folder, known: s.known}
	points := newPoints(pointsOf(checkpoints), s.folder)
	p := passage{s: &s, make: func() *walk {
		w := &walk{points: points, known: s.known}
		w.found = func(l *line) { n.entry(w, l) }
		return w
	}}
	w, err := p.run(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	s.judgeHead(w, &n)
	if early := points.deletedEarly(parseTime(p.keptAt)); w.problem == nil && early != "" {
		w.fail(w.lines+1, w.offset, early)
	}
	n.end(w, &s)
	if age, ok := p.deletedAfter(); ok && w.problem == nil {
		n.add("entries before %d were deleted for their age, which was %s by then", p.first, age.Round(time.Minute))
	}
	return Report{
		Entries:     p.entries,
		Files:       len(s.files),
		From:        p.first,
		Begins:      n.begins,
		First:       parseTime(p.begun),
		Last:        parseTime(w.tail),
		Seq:         max(w.at.seq, w.came),
		Head:        string(w.at.hash[:]),
		Size:        w.at.size,
		Problem:     w.problem,
		Checkpoints: n.checkpoints,
		Headless:    errors.Is(s.headErr, errNoHead),
		Notes:       append(n.text, points.notes(max(w.at.seq, w.came))...),
	}, nil
}

func missing() *Problem {
	return &Problem{Line: 1, Seq: 1, Reason: "is missing: there is no log, but its head is there"}
}

// snapshot is a log, the files that were rotated away from it, and its head at one moment.
type snapshot struct {
	files   []segment // the oldest first; empty if there is nothing
	log     *os.File  // nil if missing
	size    int64
	head    position
	headErr error
	kept    bool // this is where the log is kept, not a copy: its lock or key is here
	folder  string
	known   []note.Verifier // the public keys beside it
	movedTo string          // the name under which the log lies, if that is not its own
	unread  int             // older files that are left out
}

// takeSnapshot opens the log and reads its head and size under the lock, if
// that is to be had; else the head first, which then may only be behind.
func takeSnapshot(ctx context.Context, path string) (s snapshot, err error) {
	if path, err = targetOf(path); err != nil {
		return s, err
	}
	if strings.HasSuffix(path, packedSuffix) { // a rotated file by itself
		s.headErr, s.folder = errNoHead, filepath.Dir(path)
		_, err := os.Stat(path)
		s.files = []segment{{name: filepath.Base(strings.TrimSuffix(path, packedSuffix)), part: part{path: strings.TrimSuffix(path, packedSuffix)}}}
		return s, err
	}
	at := filesOf(path)
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if lock, err := lockToRead(limited, at.lock); err == nil {
		defer lock.Unlock()
	}
	return snapshotOf(at)
}

// snapshotOf is takeSnapshot for whoever holds the lock, or can't get it.
func snapshotOf(at files) (s snapshot, err error) {
	path := at.log
	s.folder = at.folder
	_, lockErr := os.Lstat(at.lock)
	_, keyErr := os.Lstat(at.key)
	s.kept = lockErr == nil || keyErr == nil
	for range 3 { // without the lock it may be caught half written
		if s.head, s.headErr = readHead(at.head); s.headErr == nil || errors.Is(s.headErr, errNoHead) {
			break
		}
	}
	if s.headErr == nil && s.head != start && isGone(path) {
		if moved, _, _ := at.elsewhere(s.head); moved != "" {
			path, s.movedTo = moved, filepath.Base(moved)
		}
	}
	keys, err := keysIn(at.verifiers)
	if err == nil {
		s.known, err = verifiersOf(keys)
	}
	if err != nil {
		return s, fmt.Errorf("the public keys beside it: %w", err)
	}
	return s, s.open(at, path)
}

// open opens the log, which may lie at another path, and lists what was rotated away from it.
func (s *snapshot) open(at files, path string) (err error) {
	parts, err := archivesOf(at.log)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.log, err = openToRead(path)
	if errors.Is(err, fs.ErrNotExist) && !errors.Is(s.headErr, errNoHead) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := s.log.Stat()
	if err != nil {
		return errors.Join(err, s.log.Close())
	}
	s.size = info.Size()
	for _, p := range parts {
		if p.path != path {
			s.files = append(s.files, segment{name: p.name(), label: p.name(), part: p})
		}
	}
	s.files = append(s.files, segment{name: filepath.Base(at.log), live: true, log: io.NewSectionReader(s.log, 0, s.size)})
	return nil
}

// newest leaves out all files but the n newest, unless n is 0.
func (s *snapshot) newest(n int) {
	if n > 0 && n < len(s.files) {
		s.unread = len(s.files) - n
		s.files = s.files[s.unread:]
	}
}

func (s *snapshot) close() {
	if s.log != nil {
		_ = s.log.Close()
	}
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
	return openShared(path, os.O_RDONLY)
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
