package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// followEvery is how often a log that is followed is looked at.
const followEvery = 300 * time.Millisecond

// Follow calls each for what q asks for of entries that are appended from now on, until ctx
// ends, through rotations as well. Each entry is held to the one before it; what does not
// belong is given all the same, and marked. Of q, Limit means nothing here.
func Follow(ctx context.Context, path string, q Query, each func(Stored) error) error {
	path, err := resolve(path)
	if err != nil {
		return err
	}
	f := &follower{path: path, give: func(found found) error {
		if !q.matches(found) {
			return nil
		}
		return each(found.stored())
	}}
	f.line.values = make([][]byte, len(members))
	if f.file, err = openToRead(path); err != nil {
		return fmt.Errorf("audit log %s: %w", path, err)
	}
	defer func() { _ = f.file.Close() }()
	if f.offset, err = f.file.Seek(0, io.SeekEnd); err != nil {
		return err
	}
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
	offset int64  // of what was read, up to the last whole line
	prev   []byte // hash of the last entry; nil at first
	line   line
	give   func(found) error
}

// more reads what was appended, and goes over to a new file at the end of an old one.
func (f *follower) more() error {
	for {
		was := f.file
		present, err := os.Stat(f.path)
		if err := f.rest(); err != nil {
			return err
		}
		open, openErr := was.Stat()
		if err != nil || openErr != nil || os.SameFile(present, open) {
			return nil // a log that is missing is being rotated
		}
		next, err := openToRead(f.path)
		if err != nil {
			return nil // likewise
		}
		_ = f.file.Close()
		f.file, f.offset = next, 0
	}
}

// rest reads the whole lines up to the end of the file.
func (f *follower) rest() error {
	if _, err := f.file.Seek(f.offset, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(f.file, readBuffer)
	for {
		b, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return nil // what has no end yet is read once it has
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if err := f.one(b); err != nil {
			return err
		}
		f.offset += int64(len(b))
	}
}

func (f *follower) one(b []byte) error {
	content := bytes.TrimSuffix(b, []byte("\n"))
	given := found{raw: content, offset: f.offset}
	switch reason := f.line.parse(content); {
	case reason != "":
		given.broken = reason
	case !f.line.intact():
		given.broken = "has been changed: its bytes do not hash to its entry_hash"
	case f.prev != nil && !bytes.Equal(f.prev, f.line.prev):
		given.broken = "does not follow the entry before it: its prev_hash is another"
	}
	if f.line.hash != nil && f.line.seq > 0 {
		given.line = &f.line
		f.prev = append(f.prev[:0], f.line.hash...)
	}
	return f.give(given)
}
