package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// gatedWriter lets nothing through until it is opened.
type gatedWriter struct {
	open chan struct{}
	bytes.Buffer
}

func (w *gatedWriter) Write(b []byte) (int, error) {
	<-w.open
	return w.Buffer.Write(b)
}

func TestLogLinesNeverWaitAndLostOnesAreCounted(t *testing.T) {
	t.Parallel()
	to := &gatedWriter{open: make(chan struct{})}
	q := newLogQueue(to)
	line := make([]byte, 0, 16)
	const lines = queuedLines + 100
	for n := range lines {
		line = fmt.Appendf(line[:0], "line %d\n", n) // the caller's buffer is reused
		if _, err := q.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	close(to.open)
	q.lines <- nil
	<-q.flushed
	written, lost, last := 0, 0, -1
	for text := range strings.Lines(to.String()) {
		if _, after, ok := strings.Cut(text, `"lost":`); ok {
			var n int
			if _, err := fmt.Sscanf(after, "%d", &n); err != nil {
				t.Error(err)
			}
			lost += n
			continue
		}
		var n int // a place may come free after lines were lost: there are gaps, but the order stays
		if _, err := fmt.Sscanf(text, "line %d\n", &n); err != nil || n <= last {
			t.Fatalf("after line %d comes %q", last, text)
		}
		last = n
		written++
	}
	if lost == 0 || written+lost != lines {
		t.Errorf("%d lines written, %d told to be lost, of %d", written, lost, lines)
	}
}

func TestFlushingToNobodyEnds(t *testing.T) {
	t.Parallel()
	for _, lines := range []int{1, 2 * queuedLines} {
		to := &gatedWriter{open: make(chan struct{})}
		q := newLogQueue(to)
		for range lines {
			_, _ = q.Write([]byte("line\n"))
		}
		began := time.Now()
		q.flush()
		if took := time.Since(began); took > 20*flushesQuick {
			t.Errorf("it took %s", took)
		}
		close(to.open)
	}
}
