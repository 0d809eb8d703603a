package audit

import (
	"errors"
	"io"
)

// again reads lines a second time, in the order in which they lie.
type again struct {
	s    *snapshot
	file int
	r    io.ReadCloser
	at   int64 // bytes of the file that were read
}

func (s *snapshot) again() *again { return &again{s: s} }

func (a *again) read(at span) (found, error) {
	f := found{raw: make([]byte, at.length), file: at.file, number: at.number, offset: at.offset, broken: at.broken, after: at.after}
	if err := a.seek(at); err != nil {
		return f, err
	}
	n, err := io.ReadFull(a.r, f.raw)
	if a.at += int64(n); err != nil {
		return f, err
	}
	if at.entry {
		l := &line{values: make([][]byte, len(members))}
		if reason := l.parse(f.raw); reason != "" {
			return f, errors.New("it was changed while it was read")
		}
		f.line = l
	}
	return f, nil
}

func (a *again) seek(at span) (err error) {
	file := a.s.files[at.file]
	switch {
	case file.live:
		a.close()
		a.r, a.at = file.from(at.offset), at.offset
	case a.r == nil || a.file != at.file || a.at > at.offset:
		a.close()
		if a.r, err = file.open(); err != nil {
			return err
		}
		a.at = 0
	}
	a.file = at.file
	n, err := io.CopyN(io.Discard, a.r, at.offset-a.at)
	a.at += n
	return err
}

func (a *again) close() {
	if a.r != nil {
		_ = a.r.Close()
	}
	a.r = nil
}
