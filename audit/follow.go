package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// followEvery is how often a log that is followed is looked at.
const followEvery = 300 * time.Millisecond

// Follow calls each for what q asks for of entries after a place, those that are there and
// those that are appended, until ctx ends. It goes on through rotations, however many there
// are between two looks. Each entry is held to the one before it; what does not belong is
// given all the same, and marked. Of q, Limit and Newest mean nothing here.
func Follow(ctx context.Context, path string, after Place, q Query, each func(Stored) error) error {
	path, err := resolve(path)
	if err != nil {
		return err
	}
	f := &follower{path: path, last: after, give: q.of(func(f found) error { return each(f.stored()) })}
	if after == (Place{}) {
		f.last.Hash = string(noHash[:])
	}
	f.line.values = make([][]byte, len(members))
	if err := f.goOver(); err != nil {
		return fmt.Errorf("audit log %s: %w", path, err)
	}
	defer func() { _ = f.file.Close() }()
	for {
		if err := f.more(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}

type follower struct {
	path   string
	file   *os.File
	offset int64 // of what was read of the file, up to the last whole line
	last   Place // of the last entry that was read
	bare   bool  // which had no newline then
	line   line
	give   func(found) error
}

// more reads what was appended, and goes over to a new file at the end of an old one.
func (f *follower) more() error {
	for {
		present, err := os.Stat(f.path)
		open, openErr := f.file.Stat()
		if openErr == nil && open.Size() > 0 && open.Size() < f.offset { // emptied by a copy of it is another's to judge
			return fmt.Errorf("audit log %s was cut off while it was followed: it had %d bytes, and has %d", f.path, f.offset, open.Size())
		}
		if err := f.rest(); err != nil {
			return err
		}
		if err != nil || openErr != nil || os.SameFile(present, open) {
			return nil // a log that is missing is being rotated
		}
		was := f.file
		if err := f.goOver(); err != nil {
			return nil // likewise
		}
		_ = was.Close()
	}
}

// goOver reads what was rotated away since the last entry that was read, and opens the log
// itself where it goes on after that.
func (f *follower) goOver() error {
	for tries := 5; ; tries-- {
		next, offset, follows, err := f.next()
		switch {
		case tries > 0 && err == nil && !follows: // it was rotated once more meanwhile
			_ = next.Close()
		case tries > 0 && errors.Is(err, fs.ErrNotExist): // likewise, or a file was compressed
		case err != nil:
			return err
		default:
			f.file, f.offset = next, offset
			return nil
		}
	}
}

func (f *follower) next() (next *os.File, offset int64, follows bool, err error) {
	parts, err := archivesOf(f.path)
	if err != nil {
		return nil, 0, false, err
	}
	for _, p := range parts {
		if p.last > f.last.Seq {
			if err := f.rotated(p); err != nil {
				return nil, 0, false, err
			}
		}
	}
	if next, err = openToRead(f.path); err == nil {
		offset, follows = f.after(next)
	}
	return next, offset, follows, err
}

// rotated reads a rotated file from after the last entry that was read.
func (f *follower) rotated(p part) error {
	r, err := p.open()
	if err != nil {
		return err
	}
	offset, _ := f.after(r)
	if err = errors.Join(r.Close(), err); err != nil {
		return err
	}
	if r, err = p.open(); err != nil {
		return err
	}
	if _, err = io.CopyN(io.Discard, r, offset); err == nil {
		_, err = f.read(r, offset)
	}
	return errors.Join(err, r.Close())
}

// after finds where a file goes on after the last entry that was read: right after it, or
// at the file's beginning if that follows it. If neither is so, it is the beginning, too.
func (f *follower) after(r io.Reader) (offset int64, follows bool) {
	lines := bufio.NewReaderSize(r, readBuffer)
	end := []byte(hashMember + f.last.Hash + `"}`)
	for {
		b, err := lines.ReadSlice('\n')
		if f.bare = errors.Is(err, io.EOF) && bytes.HasSuffix(b, end); f.bare {
			return offset + int64(len(b)), true
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, false
		}
		content := bytes.TrimSuffix(b, []byte("\n"))
		if offset == 0 && f.line.parse(content) == "" && string(f.line.prev) == f.last.Hash {
			return 0, true
		}
		if offset += int64(len(b)); bytes.HasSuffix(content, end) {
			return offset, true
		}
	}
}

// rest reads the whole lines up to the end of the file.
func (f *follower) rest() (err error) {
	if _, err = f.file.Seek(f.offset, io.SeekStart); err == nil {
		f.offset, err = f.read(f.file, f.offset)
	}
	return err
}

// read reads whole lines, and returns how far it came. What has no end yet is read once it
// has.
func (f *follower) read(from io.Reader, offset int64) (int64, error) {
	r := bufio.NewReaderSize(from, readBuffer)
	for {
		b, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			return offset, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return offset, err
		}
		if err := f.one(b, offset); err != nil {
			return offset, err
		}
		offset += int64(len(b))
	}
}

func (f *follower) one(b []byte, offset int64) error {
	content := bytes.TrimSuffix(b, []byte("\n"))
	if f.bare {
		if f.bare = false; len(content) == 0 {
			return nil
		}
	}
	given := found{raw: content, offset: offset}
	switch reason := f.line.parse(content); {
	case reason != "":
		given.broken = reason
	case !f.line.intact():
		given.broken = "has been changed: its bytes do not hash to its entry_hash"
	case f.line.kind != KindRestart && string(f.line.prev) != f.last.Hash:
		given.broken = "does not follow the entry before it: its prev_hash is another"
	}
	if f.line.hash != nil && f.line.seq > 0 {
		given.line = &f.line
		f.last = Place{f.line.seq, string(f.line.hash)}
	}
	return f.give(given)
}
