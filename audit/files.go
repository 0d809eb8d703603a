package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// passage walks all files of a log, one after the other, as one chain. What one file
// ends with, the next must begin with.
type passage struct {
	s    *snapshot
	make func() *walk // of each file

	first    int64 // number of the first entry
	begun    []byte
	entries  int64
	keptFrom int64  // as the newest file says
	keptAt   []byte // when that was said first
	restarts int
	last     *walk // of the file before
}

// run walks the files up to the last, or to the first problem unless the walks go on. It
// returns the walk of the file at which it ended. The error is of opening a file or ctx's.
func (p *passage) run(ctx context.Context) (*walk, error) {
	var w *walk
	for i, file := range p.s.files {
		w = p.make()
		w.at, w.file, w.follows = start, file.label, p.follows
		if p.last != nil {
			w.tail, w.came = append(w.tail, p.last.tail...), p.last.at.seq
		}
		if file.live && p.s.headErr == nil {
			w.marks = []position{p.s.head}
		}
		if err := p.walk(ctx, w, file); err != nil {
			return nil, err
		}
		if !file.live && w.problem == nil {
			p.judgeEnd(w, file)
		}
		p.entries += w.entries
		if len(p.begun) == 0 {
			p.begun = w.first
		}
		if w.problem != nil && w.broken == nil {
			break
		}
		if i == len(p.s.files)-1 {
			p.judgeAll(w)
		}
		p.last = w
	}
	return w, nil
}

// walk reads one file. That a rotated one can't be read is a problem like any other.
func (p *passage) walk(ctx context.Context, w *walk, file segment) error {
	r, err := file.open()
	if err == nil {
		err = errors.Join(w.runBuffered(ctx, r), r.Close())
	}
	switch {
	case err == nil:
		return nil
	case file.live, ctx.Err() != nil:
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s was deleted while it was to be read; try again", file.name)
	}
	w.fail(w.lines+1, w.offset, fmt.Sprintf("can't be read: %v", err))
	return nil
}

// follows says why an entry can't be the first of its file, or nothing.
func (p *passage) follows(l *line) string {
	if p.first == 0 {
		p.first = l.seq
	}
	if l.keptFrom > p.keptFrom {
		if p.keptFrom, p.keptAt = l.keptFrom, nil; l.kind != KindRestart { // which has set them aside
			p.keptAt = bytes.Clone(l.time)
		}
	}
	if l.kind == KindRestart {
		p.restarts++
		return ""
	}
	if p.last == nil {
		return ""
	}
	end, name := p.last.at, p.last.file
	switch before := unquoted(l.continues); {
	case before == "":
		return fmt.Sprintf("begins a log, and does not continue %q, which lies beside it", name)
	case l.seq > end.seq+1:
		return fmt.Sprintf("is entry %d and continues %q: entries from %d on, after %q, are missing", l.seq, before, end.seq+1, name)
	case before != name:
		return fmt.Sprintf("continues %q, but what lies before it is %q", before, name)
	case l.seq != end.seq+1 || hexHash(l.prev) != end.hash:
		return fmt.Sprintf("does not follow the last entry of %q", name)
	}
	return ""
}

// judgeEnd judges how a rotated file ends.
func (p *passage) judgeEnd(w *walk, file segment) {
	switch name := unquoted(w.closes); {
	case name == "":
		w.fail(w.lines+1, w.offset, "is missing: the file was rotated, and its end was cut off")
	case name != file.name:
		w.fail(w.lines, w.before.size, fmt.Sprintf("ends a file that was called %q", name))
	}
}

// judgeAll judges what shows only once all files were read.
func (p *passage) judgeAll(w *walk) {
	if w.problem != nil {
		return
	}
	if reason := w.points.missing(); reason != "" {
		w.fail(w.lines+1, w.offset, reason)
		return
	}
	if whole := p.s.unread == 0 && (len(p.s.files) > 1 || p.s.kept); whole && p.first > max(1, p.keptFrom) {
		first := p.s.files[0]
		w.file = first.label
		w.tail = nil
		w.at.seq, w.came = max(1, p.keptFrom)-1, 0
		w.fail(1, 0, fmt.Sprintf("is entry %d: entries %d to %d are missing, and no entry says that they were deleted for their age", p.first, max(1, p.keptFrom), p.first-1))
	}
}

// deletedAfter is how long after they were written entries before those that are left were
// deleted, at the least, and whether any were.
func (p *passage) deletedAfter() (age time.Duration, ok bool) {
	if p.first <= 1 || p.keptFrom != p.first || len(p.keptAt) == 0 {
		return 0, false
	}
	return parseTime(p.keptAt).Sub(parseTime(p.begun)), true
}

// segment is one of the files of a log.
type segment struct {
	name  string // without its folder and .gz
	label string // for problems: "" of the log itself
	live  bool   // it is the one that is appended to
	log   *io.SectionReader
	part  part // of another
}

func (g segment) open() (io.ReadCloser, error) {
	if g.live {
		return g.from(0), nil
	}
	return g.part.open()
}

// from reads the log itself from a place on.
func (g segment) from(offset int64) io.ReadCloser {
	return io.NopCloser(io.NewSectionReader(g.log, offset, g.log.Size()-offset))
}
