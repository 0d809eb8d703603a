package cli

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// logQueue is a writer of log lines that never waits. A client may ignore what
// is logged; once it has left a pipe's worth of it unread, a write to stderr
// does not return any more, and every call would wait with it. Lines that find
// the queue full are lost, and the next one that gets through says how many.
type logQueue struct {
	lines   chan []byte // nil asks for a signal on flushed
	flushed chan struct{}
	lost    atomic.Int64
}

const (
	queuedLines  = 1024
	flushesQuick = time.Second
)

func newLogQueue(to io.Writer) *logQueue {
	q := &logQueue{lines: make(chan []byte, queuedLines), flushed: make(chan struct{}, 1)}
	go q.run(to)
	return q
}

// Write queues one line. It keeps no part of it, and never fails.
func (q *logQueue) Write(line []byte) (int, error) {
	select {
	case q.lines <- bytes.Clone(line):
	default:
		q.lost.Add(1)
	}
	return len(line), nil
}

func (q *logQueue) run(to io.Writer) {
	for line := range q.lines {
		if line == nil {
			q.flushed <- struct{}{}
			continue
		}
		_, _ = to.Write(line) // there is nobody else to tell
		if lost := q.lost.Swap(0); lost > 0 {
			fmt.Fprintf(to, "{\"level\":\"warn\",\"time\":%q,\"lost\":%d,\"message\":\"log lines were lost: stderr was not read\"}\n",
				time.Now().UTC().Format(time.RFC3339), lost)
		}
	}
}

// flush waits until what is queued is written, but not for long. It is called
// once, at the end.
func (q *logQueue) flush() {
	late := time.After(flushesQuick)
	select {
	case q.lines <- nil:
	case <-late:
		return
	}
	select {
	case <-q.flushed:
	case <-late:
	}
}
