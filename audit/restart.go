package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrHolds says that a log is not to be restarted: nothing is wrong with it.
var ErrHolds = errors.New("the log holds together: there is nothing to restart (`aegis audit rotate` begins a new file)")

// Restart begins a new file after a log that does not hold together, and returns the
// folder into which the broken one was set aside, as it lay. The first entry of the new
// file says why, names what was set aside by its length and SHA-256, and follows the entry
// that the head names, or the last that is good if the head is behind or can't be used.
// If a rotated file is what is broken, all of them are set aside.
func (l *Log) Restart(ctx context.Context, by Entry, reason string) (setAside string, err error) {
	release, err := l.take(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	if setAside, err = l.finishRestart(); err != nil || setAside != "" {
		return setAside, err
	}
	broken, err := l.inspect(ctx)
	if err != nil {
		return "", err
	}
	if broken.problem == nil {
		return "", ErrHolds
	}
	last := broken.last
	folder := l.brokenFolder(last.seq + 1)
	entry := Entry{
		Kind: KindRestart, Session: by.Session, Principal: by.Principal,
		Reason:    reason + " (" + broken.problem.String() + ")",
		continues: l.asideName(last.seq + 1), keptFrom: last.seq + 1,
	}
	moving := []string{l.files.log, l.files.head + ".tmp"}
	for i, p := range broken.parts {
		switch {
		case broken.problem.File != "":
			moving = append(moving, p.path, p.path+packedSuffix)
		case i == 0:
			if first, err := p.beginning(); err == nil {
				entry.keptFrom = first.seq
			}
		}
	}
	if entry.fragment, err = summaryOf(l.files.log); err != nil {
		return "", err
	}
	first, hash, err := appendLine(nil, &entry, last.seq+1, l.now(), last.hash)
	if err == nil {
		err = writeWhole(l.files.next, first)
	}
	if err == nil {
		l.interrupt()
		err = l.setAside(folder, moving)
	}
	if err != nil {
		return "", notSetAside(err)
	}
	return folder, l.beginAfter(last, position{last.seq + 1, hash, int64(len(first))})
}

// brokenFolder is where a restart whose entry is seq sets aside, and asideName what it calls
// the log there.
func (l *Log) brokenFolder(seq int64) string {
	return fmt.Sprintf("%s.broken-%012d", l.files.log, seq)
}

func (l *Log) asideName(seq int64) string {
	return filepath.Base(l.brokenFolder(seq)) + "/" + filepath.Base(l.files.log)
}

// names reports whether a file holds what the entry says it does.
func (l *line) names(path string) bool {
	found, err := summaryOf(path)
	if found == nil || l.fragmentSHA == nil {
		return err == nil && found == nil && l.fragmentSHA == nil
	}
	return err == nil && found.bytes == l.fragmentBytes && found.sha256 == string(l.fragmentSHA)
}

func notSetAside(err error) error { return fmt.Errorf("the log can't be set aside: %w", err) }

// beginAfter makes the first entry of the new file the log. The head names it before it is
// one, so that whoever is interrupted has either no log, or one that its head fits.
func (l *Log) beginAfter(last, first position) error {
	if err := writeHead(l.files.head, first); err != nil {
		return notSetAside(err)
	}
	syncFile(l.files.head)
	l.interrupt()
	if err := os.Rename(l.files.next, l.files.log); err != nil {
		return notSetAside(err)
	}
	syncFolder(l.files.folder)
	l.interrupt()
	last.size = 0
	return l.goOn(last, first)
}

// finishRestart goes on with a restart that was interrupted after the log had been set
// aside, and returns the folder; "" if there is none. What it says of it stands.
func (l *Log) finishRestart() (setAside string, err error) {
	first, err := readBeside(l.files.next)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	var entry line
	if err != nil || entry.parse(bytes.TrimSuffix(first, []byte("\n"))) != "" || !entry.intact() || entry.kind != KindRestart {
		return "", err
	}
	folder := l.brokenFolder(entry.seq)
	aside := filepath.Join(folder, filepath.Base(l.files.log))
	if _, err := os.Lstat(folder); err != nil || !isGone(l.files.log) || unquoted(entry.continues) != l.asideName(entry.seq) || !entry.names(aside) {
		return "", nil // it had not come to that, or is somebody else's: it begins anew
	}
	var moving []string
	if entry.keptFrom == entry.seq { // rotated files were what was broken
		parts, err := archivesOf(l.files.log)
		if err != nil {
			return "", err
		}
		for _, p := range parts {
			moving = append(moving, p.path, p.path+packedSuffix)
		}
	}
	if err := l.setAside(folder, moving); err != nil {
		return "", notSetAside(err)
	}
	at := position{entry.seq, hexHash(entry.hash), int64(len(first))}
	return folder, l.beginAfter(position{seq: entry.seq - 1, hash: hexHash(entry.prev)}, at)
}

// inspection is what Restart has to know of a log.
type inspection struct {
	problem *Problem
	last    position // what the new file follows
	parts   []part
}

func (l *Log) inspect(ctx context.Context) (i inspection, err error) {
	s, err := snapshotOf(l.files)
	if err != nil {
		return i, err
	}
	defer s.close()
	if i.parts, err = archivesOf(l.files.log); err != nil {
		return i, err
	}
	if i.problem = missing(); len(s.files) > 0 {
		p := passage{s: &s, make: func() *walk { return &walk{known: s.known} }}
		w, err := p.run(ctx)
		if err != nil {
			return i, err
		}
		s.judgeHead(w, &notes{})
		i.problem, i.last = w.problem, w.at
		if w.at == start && p.last != nil {
			i.last = p.last.at
		}
	}
	if s.headErr == nil && s.head.seq > i.last.seq {
		i.last = s.head
	}
	if i.last.seq == 0 {
		i.last = start
	}
	return i, nil
}

// setAside moves files into a folder, and copies the head.
func (l *Log) setAside(folder string, paths []string) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	copied := filepath.Join(folder, filepath.Base(l.files.head))
	if head, err := readBeside(l.files.head); err == nil && isGone(copied) {
		if err := os.WriteFile(copied, head, 0o600); err != nil {
			return err
		}
	}
	for _, path := range paths {
		to := filepath.Join(folder, filepath.Base(path))
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already", to)
		}
		if err := os.Rename(path, to); err != nil {
			return err
		}
		l.interrupt()
	}
	syncFolder(folder)
	return nil
}

// summaryOf names what a file holds; nil of one that is not there, or empty.
func summaryOf(path string) (*fragmentSummary, error) {
	f, err := openToRead(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if n == 0 {
		return nil, err
	}
	return &fragmentSummary{bytes: n, sha256: hex.EncodeToString(sum.Sum(nil))}, err
}

// setAsideNote says what has become of a file that a restart entry names.
func setAsideNote(folder string, l *line) string {
	name := unquoted(l.continues)
	if l.fragmentSHA == nil || !filepath.IsLocal(name) {
		return ""
	}
	found, err := summaryOf(filepath.Join(folder, filepath.FromSlash(name)))
	switch {
	case err != nil:
		return fmt.Sprintf("what entry %d says was set aside can't be read", l.seq)
	case found == nil:
		return fmt.Sprintf("what entry %d says was set aside is not beside the log any more", l.seq)
	case found.bytes != l.fragmentBytes || !bytes.Equal([]byte(found.sha256), l.fragmentSHA):
		return fmt.Sprintf("what entry %d says was set aside has been changed since", l.seq)
	}
	return ""
}

// readBeside reads a file beside the log that has a line at most.
func readBeside(path string) ([]byte, error) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxLine+1))
}
