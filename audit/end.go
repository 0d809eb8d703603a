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
