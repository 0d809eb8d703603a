package stdio

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"
)

// retryPause is waited when a stream that should block does not: clients that
// share a pipe's file description with us can make it non-blocking.
const retryPause = 5 * time.Millisecond

// lineReader cuts a stream into lines while holding no more than one line of
// max bytes.
type lineReader struct {
	r   *bufio.Reader
	max int // bytes of a line, without its end
}

func newLineReader(r io.Reader, max int) *lineReader {
	return &lineReader{bufio.NewReaderSize(r, 64<<10), max}
}

// next returns the next line without "\n" or "\r\n". A line longer than max is
// read to its end and reported as long. At the end of input it returns what
// lies behind the last line end, if anything, and io.EOF from then on. Any
// other error loses an unfinished line.
func (l *lineReader) next() (line, error) {
	var got line
	for {
		chunk, err := l.r.ReadSlice('\n')
		if !got.long {
			if len(got.text)+len(chunk) > l.max+len("\r\n") {
				got = line{long: true}
			} else {
				got.text = append(got.text, chunk...)
			}
		}
		switch {
		case err == nil, err == io.EOF && (got.long || len(got.text) > 0):
			got.text = bytes.TrimSuffix(got.text, []byte("\n"))
			got.text = bytes.TrimSuffix(got.text, []byte("\r"))
			if len(got.text) > l.max {
				got = line{long: true}
			}
			return got, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, syscall.EAGAIN):
			time.Sleep(retryPause)
		default:
			return line{}, err
		}
	}
}

// readLines feeds Read until input or session end. A read that never returns
// keeps only this goroutine.
func (c *conn) readLines(r *lineReader) {
	defer close(c.lines)
	for {
		l, err := r.next()
		if err != nil {
			if err != io.EOF {
				c.log.ignored("input that failed in the middle")
			}
			return
		}
		select {
		case c.lines <- l:
		case <-c.gone:
			return
		}
	}
}

// outgoing is a frame on its way to the goroutine that writes.
type outgoing struct {
	frame   []byte
	after   func()       // run before the next frame is begun, or nil
	written chan<- error // holds one
}

// writeFrames writes frames one after the other, so that none is interleaved
// with another. A write that never returns keeps only this goroutine.
func (c *conn) writeFrames(w io.Writer) {
	for {
		select {
		case <-c.gone:
			return
		case f := <-c.frames:
			err := writeAll(w, append(f.frame, '\n'))
			if err != nil {
				err = fmt.Errorf("writing to the client: %w", err)
				c.end(err)
			}
			if f.after != nil {
				f.after()
			}
			f.written <- err
			if err != nil {
				return
			}
		}
	}
}

func writeAll(w io.Writer, b []byte) error {
	for {
		n, err := w.Write(b)
		b = b[min(max(n, 0), len(b)):]
		switch {
		case err == nil && len(b) == 0:
			return nil
		case errors.Is(err, syscall.EAGAIN):
			time.Sleep(retryPause)
		case err == nil:
			return io.ErrShortWrite
		default:
			return err
		}
	}
}

// send hands a frame to the writer and waits until it is written. Once begun a
// frame is written whole, whatever becomes of ctx.
func (c *conn) send(ctx context.Context, frame []byte) error {
	return c.sendThen(ctx, frame, nil)
}

// sendThen is send, with something to do as soon as the frame is written.
func (c *conn) sendThen(ctx context.Context, frame []byte, after func()) error {
	written := make(chan error, 1)
	select {
	case <-c.gone:
		return c.why
	case <-ctx.Done():
		return ctx.Err()
	case c.frames <- outgoing{frame, after, written}:
	}
	select {
	case err := <-written:
		return err
	case <-c.gone:
	}
	select {
	case err := <-written:
		return err
	default:
		return c.why
	}
}
