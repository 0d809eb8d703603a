package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A log is rotated under its lock, by whoever appends when it is due. The last entry of
// the old file says what the file is called from then on, the first of the new one what
// it continues; the chain runs on over both. In between the log may be interrupted
// anywhere:
//
//	1  LOG.head      names the true end, synced
//	2  LOG.next      the first line of the new file, synced
//	3  LOG           becomes LOG.N
//	4  LOG.N         gets its last entry, synced, and LOG.head names it, synced
//	5  LOG.next      becomes LOG
//	6  LOG.head      names the first line of the new file
//
// Until 3 nothing has happened. From 3 to 5 there is no LOG, and putBack undoes 3; a last
// entry that was written by then stays in the midst of the file and says nothing any more.
// After 5 the head names what the new file continues, which is as good as its first line.

const (
	defaultMaxSize = 100 << 20
	retryRotation  = time.Minute // after one that could not be done
	// ageShare is the part of what is kept that one file holds at most: what is to be
	// deleted after 90 days is not kept much longer by standing in a file with what is newer.
	ageShare = 10
)

// due reports whether the file that ends at end is to be rotated.
func (l *Log) due(end end) bool {
	large := l.maxSize > 0 && end.size >= l.maxSize
	if !large && !l.tooOld() {
		return false
	}
	return l.hasOwn(end) && !end.isToBeRecovered() && !l.now().Before(l.retryAt)
}

// hasOwn reports whether the file that ends at end has more than what every file begins with.
func (l *Log) hasOwn(end end) bool {
	return end.at != start && (l.first.continues == "" || end.at.seq != l.first.seq)
}

// errNotRotated says that the log goes on in its file.
var errNotRotated = errors.New("the log could not be rotated, and goes on in its file")

// rotate begins a new file, and returns its end. If that can't be done, nothing has
// happened and the error is errNotRotated; with any other error nothing may be appended.
func (l *Log) rotate(end end, by *Entry) (end, error) {
	name := archiveName(l.files.log, end.at.seq+1)
	closing := Entry{Kind: KindRotate, Session: by.Session, Principal: by.Principal, archived: name}
	last, lastHash, err := appendLine(nil, &closing, end.at.seq+1, l.now(), end.at.hash)
	if err != nil {
		return end, notRotated(err)
	}
	expired, keptFrom := l.expired(l.now())
	opening := Entry{Kind: KindRotate, Session: by.Session, Principal: by.Principal, continues: name, keptFrom: keptFrom}
	first, firstHash, err := appendLine(nil, &opening, end.at.seq+2, l.now(), lastHash)
	if err != nil {
		return end, notRotated(err)
	}
	closed := position{end.at.seq + 1, lastHash, end.size + int64(len(last))}
	opened := position{end.at.seq + 2, firstHash, int64(len(first))}

	if err := writeHead(l.files.head, end.at); err != nil { // 1
		return end, notRotated(err)
	}
	syncFile(l.files.head) // without it nobody could tell what became of a log that is renamed
	l.interrupt()
	if err := writeWhole(l.files.next, first); err != nil { // 2
		return end, notRotated(err)
	}
	l.interrupt()
	archived := filepath.Join(l.files.folder, name)
	if err := moveTo(l.files.log, archived); err != nil { // 3
		return end, notRotated(errors.Join(err, os.Remove(l.files.next)))
	}
	l.interrupt()
	if err := l.closeFileWith(last, closed); err != nil { // 4
		return end, errors.Join(broken("it could not be rotated", err), os.Rename(archived, l.files.log))
	}
	if err := os.Rename(l.files.next, l.files.log); err != nil { // 5
		return end, errors.Join(broken("it could not be rotated", err), os.Rename(archived, l.files.log))
	}
	syncFolder(l.files.folder)
	l.interrupt()
	if err := l.goOn(position{closed.seq, lastHash, 0}, opened); err != nil { // 6
		return end, broken("it was rotated, and the new file can't be used", err)
	}
	l.interrupt()
	for _, p := range expired {
		p.remove()
		l.interrupt()
	}
	l.rotated = true
	return l.endNow(opened), nil
}

func notRotated(err error) error { return fmt.Errorf("%w: %w", errNotRotated, err) }

// closeFileWith writes the last entry of a file, and has the head name it for good.
func (l *Log) closeFileWith(last []byte, closed position) error {
	if _, err := l.file.Write(last); err != nil {
		return err
	}
	if err := l.sync(l.file); err != nil {
		return err
	}
	l.interrupt()
	for range 2 { // both files that heads are written to: a power cut may bring back either
		if err := writeHead(l.files.head, closed); err != nil {
			return err
		}
		l.interrupt()
		syncFile(l.files.head)
	}
	syncFolder(l.files.folder)
	return nil
}

// goOn makes the new file the one that is appended to.
func (l *Log) goOn(before, opened position) error {
	f, err := openLog(l.files.log)
	if err != nil {
		return err
	}
	_ = l.closeFile()
	l.file = f
	l.before, l.seen = before, opened
	if l.first, err = beginningAt(f); err != nil {
		return err
	}
	return writeHead(l.files.head, opened)
}

// endNow is the end of a log that was just written to.
func (l *Log) endNow(at position) end {
	return end{walk: &walk{at: at, before: l.before}, size: at.size}
}

// moveTo renames a file to a name that nothing has.
func moveTo(from, to string) error {
	for _, name := range []string{to, to + packedSuffix} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already", name)
		}
	}
	return os.Rename(from, to)
}

// writeWhole writes a file beside the log, synced.
func writeWhole(path string, b []byte) error {
	f, err := openNoFollow(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func syncFile(path string) {
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// interrupt is where a test ends the process, as far as the files can tell.
func (l *Log) interrupt() {
	if l.interrupted != nil {
		l.interrupted()
	}
}

// Rotate begins a new file now, whatever its size, compresses the old one and says what
// that is called: "" if there was nothing to rotate. If something else had moved the log
// away, as logrotate does, it is put back before, so that the chain runs on.
func (l *Log) Rotate(ctx context.Context, by Entry) (archived string, err error) {
	if archived, err = l.rotateNow(ctx, &by); err != nil {
		return "", err
	}
	if err := packAll(ctx, l.files); err != nil {
		l.tell(fmt.Errorf("a rotated file could not be compressed, and stays as it is: %w", err))
	}
	return archived, nil
}

func (l *Log) rotateNow(ctx context.Context, by *Entry) (archived string, err error) {
	release, err := l.take(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	if err := l.unpackMoved(); err != nil {
		return "", broken("what was moved away can't be put back", err)
	}
	end, err := l.readEnd(ctx)
	if err == nil && end.isToBeRecovered() {
		end, err = l.record(ctx, end, by)
	}
	if err != nil || !l.hasOwn(end) {
		return "", err
	}
	name := archiveName(l.files.log, end.at.seq+1)
	if _, err := l.rotate(end, by); err != nil {
		return "", err
	}
	l.rotated = false // who calls compresses it
	return filepath.Join(l.files.folder, name), nil
}

// record appends the recoveries that the end of the log needs, and nothing else.
func (l *Log) record(ctx context.Context, end end, by *Entry) (end, error) {
	c, err := l.compositionAt(end, by)
	if err == nil {
		err = l.store(c.before, c.at)
	}
	if err != nil {
		return end, err
	}
	return l.readEnd(ctx)
}

// take waits for the turn and the lock of a log that does not append.
func (l *Log) take(ctx context.Context) (release func(), err error) {
	select {
	case l.turn <- struct{}{}:
		return l.acquire(ctx)
	case <-ctx.Done():
		return nil, l.notAcquired(ctx, ctx.Err())
	}
}

// beginningAt reads the first line of an open file.
func beginningAt(f *os.File) (beginning, error) {
	return beginningOf(io.NewSectionReader(f, 0, MaxLine+1))
}
