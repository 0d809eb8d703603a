package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// end is the end of the log as Append found it.
type end struct {
	*walk
	noHead  bool
	movedTo string // the name under which the log lay, if it was not its own
	ownMove bool   // and that is one that a rotation gives
	size    int64  // of the file, before the append
}

// readEnd walks from the last position it can rely on to the end of the file,
// and fails unless everything there is as it should be.
func (l *Log) readEnd(ctx context.Context) (end, error) {
	head, err := readHead(l.files.head)
	noHead := errors.Is(err, errNoHead)
	if err != nil && !noHead {
		return end{}, &unavailable{what: "its head can't be used", fix: restartHint, err: err}
	}
	moved := ""
	if !noHead && head != start {
		if moved, err = l.putBack(head); err != nil {
			return end{}, err
		}
	}
	size, err := l.reopen(ctx, (noHead || head == start) && l.seen == start)
	if err != nil {
		return end{}, err
	}
	w := &walk{at: start, found: l.checkpoints.see}
	if l.seen != start {
		w.marks = append(w.marks, l.seen)
	}
	switch {
	case noHead: // nothing to rely on but the whole chain
	case head.seq < l.seen.seq:
		return end{}, tampered(fmt.Sprintf("its head was set back to entry %d after entry %d had been written", head.seq, l.seen.seq))
	case head != start && head.seq < l.first.seq: // a new file was begun, and the head not moved
		if before := l.first.before(); head.seq != before.seq || head.hash != before.hash {
			return end{}, tampered(fmt.Sprintf("its head names entry %d, and it begins with entry %d", head.seq, l.first.seq))
		}
		w.at, w.midway = l.first.before(), true
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
	found := end{walk: w, noHead: noHead, movedTo: moved, size: size}
	if _, found.ownMove = archiveOf(l.files.log, moved); moved != "" && !found.ownMove {
		l.tell(errors.New(found.putBack()))
	}
	return found, nil
}

// reopen makes l.file the file at the path and returns its size.
func (l *Log) reopen(ctx context.Context, create bool) (int64, error) {
	info, err := os.Lstat(l.files.log) // a link to it would be what is rotated
	if err == nil && l.file != nil {
		if open, err := l.file.Stat(); err == nil && os.SameFile(open, info) {
			if l.first.seq == 0 && info.Size() > 0 { // it was empty when it was opened
				l.first, err = beginningAt(l.file)
			}
			return info.Size(), err
		}
	}
	if errors.Is(err, fs.ErrNotExist) && !create {
		return 0, tampered("it is missing, and was there before")
	}
	f, err := openLog(l.files.log)
	if err != nil {
		return 0, broken("it can't be opened", err)
	}
	first, err := beginningAt(f)
	if err == nil {
		info, err = f.Stat()
	}
	if err != nil {
		return 0, errors.Join(broken("it can't be opened", err), f.Close())
	}
	if err := l.carryOn(ctx, first); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	l.closeFile()
	l.file, l.first = f, first
	return info.Size(), nil
}

// carryOn decides what this process knows of the file that lies at the path now, instead
// of the one that it had open. A file that holds what it saw last is held to that. One
// that follows is held to how the old one ended. A log that was restarted, or has gone
// through several files meanwhile, is known by its head alone.
func (l *Log) carryOn(ctx context.Context, first beginning) error {
	forget := func() error {
		l.before, l.seen = start, start
		return nil
	}
	switch {
	case l.seen == start || l.file == nil || first.kind == KindRestart:
		return forget()
	case first.seq <= l.seen.seq:
		return nil
	}
	old, err := l.restOfOpen(ctx)
	if err == nil && (old.problem != nil || !old.closed()) { // something else took it away, and it was put back
		old, err = l.restOfArchive(ctx)
	}
	before := first.before()
	switch {
	case err != nil:
		return broken("its file of before can't be read", err)
	case old == nil, old.problem != nil, !old.closed(), old.at.seq > before.seq:
		return tampered("it was replaced by another file, which does not follow what was written to it last")
	case old.at.seq == before.seq && old.at.hash != before.hash:
		return tampered("it was replaced by another file, which does not follow the one before")
	}
	return forget()
}

// restOfOpen walks the file that is still open from what was seen last to its end.
func (l *Log) restOfOpen(ctx context.Context) (*walk, error) {
	info, err := l.file.Stat()
	if err != nil {
		return nil, err
	}
	w := &walk{at: l.before, midway: true, marks: []position{l.seen}}
	l.reader.Reset(io.NewSectionReader(l.file, w.at.size, max(0, info.Size()-w.at.size)))
	return w, w.run(ctx, l.reader)
}

// restOfArchive walks the rotated file that must hold what was seen last, nil if there is none.
func (l *Log) restOfArchive(ctx context.Context) (*walk, error) {
	parts, err := archivesOf(l.files.log)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.last < l.seen.seq {
			continue
		}
		f, err := p.open()
		if err != nil {
			return nil, err
		}
		defer f.Close()
		w := &walk{at: start, marks: []position{l.seen}}
		l.reader.Reset(f)
		return w, w.run(ctx, l.reader)
	}
	return nil, nil
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
