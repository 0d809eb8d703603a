package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Where a head is without a log, or beside an empty one, the log may lie under another
// name: a rotation of ours was cut short, or something else renamed it, or copied and
// emptied it, as logrotate does. What holds the entry that the head names is the log.

// putBack gives the log its name back if it lies under another, and returns that one. It
// returns "" if the log is where it should be, or nowhere.
func (l *Log) putBack(head position) (name string, err error) {
	if !isGone(l.files.log) {
		return "", nil
	}
	path, packed, err := l.files.elsewhere(head)
	switch {
	case err != nil:
		return "", broken("its folder can't be read", err)
	case path == "" && packed != "":
		return "", &unavailable{
			what: fmt.Sprintf("something else has moved it to %s and compressed that, as logrotate does", packed),
			fix:  "`aegis audit rotate` puts it back on the chain; let logrotate run that instead, or turn logrotate off for it",
		}
	case path == "":
		return "", nil
	}
	if err := os.Rename(path, l.files.log); err != nil {
		return "", broken("it was moved to "+filepath.Base(path)+" and can't be put back", err)
	}
	syncFolder(l.files.folder)
	l.interrupt()
	return filepath.Base(path), nil
}

// isGone reports whether there is no log, or an empty one.
func isGone(log string) bool {
	info, err := os.Lstat(log)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// elsewhere looks for the file that has the head's entry where the head says. If there
// are several, it is the longest. Of compressed files it returns one that may be it.
func (at files) elsewhere(head position) (path, packed string, err error) {
	names, err := os.ReadDir(at.folder)
	if err != nil {
		return "", "", err
	}
	longest := int64(-1)
	for _, entry := range names {
		name := filepath.Join(at.folder, entry.Name())
		if !strings.HasPrefix(name, at.log) || slices.Contains(at.all(), name) || !entry.Type().IsRegular() {
			continue
		}
		if strings.HasSuffix(name, packedSuffix) {
			if p, ours := archiveOf(at.log, entry.Name()); !ours || p.last > head.seq {
				packed = name
			}
			continue
		}
		if size, ok := holds(name, head); ok && size > longest {
			path, longest = name, size
		}
	}
	return path, packed, nil
}

// all are the files beside a log that are no log.
func (at files) all() []string {
	return []string{at.log, at.lock, at.head, at.head + ".tmp", at.key, at.next, at.packing, at.signer, at.verifiers}
}

// holds reports whether the entry that the head names ends in a file where the head says,
// and how long the file is.
func holds(path string, head position) (size int64, ok bool) {
	f, err := openNoFollow(path, os.O_RDONLY)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() < head.size {
		return 0, false
	}
	before, err := entryBefore(f, head)
	if err != nil {
		return 0, false
	}
	content := make([]byte, head.size-before.size)
	if _, err := f.ReadAt(content, before.size); err != nil {
		return 0, false
	}
	var l line
	if l.parse(bytes.TrimSuffix(content, []byte("\n"))) != "" || !l.intact() {
		return 0, false
	}
	return info.Size(), l.seq == head.seq && hexHash(l.hash) == head.hash
}

// beyondHead bounds what of a log can lie beyond its head, in bytes: far more than one write.
const beyondHead = 64 << 20

// unpackMoved decompresses what something else has moved away and compressed, so that it
// can be put back.
func (l *Log) unpackMoved() error {
	head, err := readHead(l.files.head)
	if err != nil || head == start || !isGone(l.files.log) {
		return nil // whoever reads the end says what is wrong
	}
	path, packed, err := l.files.elsewhere(head)
	if err != nil || path != "" || packed == "" {
		return err
	}
	from, err := openPacked(packed)
	if err != nil {
		return err
	}
	defer from.Close()
	unpacked := l.files.log + ".unpacked"
	to, err := openNoFollow(unpacked, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	n, err := io.Copy(to, io.LimitReader(from, head.size+beyondHead))
	if err == nil && n == head.size+beyondHead {
		err = fmt.Errorf("%s holds more than the log can have had", packed)
	}
	if err := errors.Join(err, to.Sync(), to.Close()); err != nil {
		return errors.Join(err, os.Remove(unpacked))
	}
	if _, ok := holds(unpacked, head); !ok {
		return errors.Join(fmt.Errorf("%s does not hold the entry that the head names", packed), os.Remove(unpacked))
	}
	return os.Remove(packed)
}
