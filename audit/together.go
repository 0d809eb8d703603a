package audit

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Whoever appends takes along what others in this process wait to have appended: it costs
// one sync, however many they are. Each learns what has become of its own entry.

// queue is what waits, in the order in which it came.
type queue struct {
	mu  sync.Mutex
	all []*waiting
}

// waiting is an entry that somebody waits for.
type waiting struct {
	entry *Entry
	told  chan struct{} // closed when err says what has become of it
	err   error
}

// maxTogether bounds how many entries are appended at once.
const maxTogether = 128

func (q *queue) join(e *Entry) *waiting {
	w := &waiting{entry: e, told: make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = append(q.all, w)
	return w
}

// leave takes w off, and reports whether it was still there: nobody appends it then.
func (q *queue) leave(w *waiting) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := slices.Index(q.all, w)
	if at >= 0 {
		q.all = slices.Delete(q.all, at, at+1)
	}
	return at >= 0
}

// take takes off what is to be appended next.
func (q *queue) take() []*waiting {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.all), maxTogether)
	taken := slices.Clone(q.all[:n])
	q.all = slices.Delete(q.all, 0, n)
	return taken
}

// together has e appended, with what else waits, or by somebody else.
func (l *Log) together(ctx context.Context, e *Entry) error {
	w := l.queue.join(e)
	ours, err := l.takeTurn(ctx, w)
	if err != nil {
		err = l.notAcquired(ctx, err)
	}
	var release func()
	if ours {
		if release, err = l.acquire(ctx); err == nil {
			defer release()
			l.appendAll(ctx, w)
		}
	}
	if err != nil && l.queue.leave(w) {
		return err
	}
	<-w.told // by ourselves, or by somebody who is at it
	return w.err
}

// appendAll appends what waits until w is done, and tells each who waits. The lock is
// held.
func (l *Log) appendAll(ctx context.Context, w *waiting) {
	for {
		select {
		case <-w.told: // it may be behind more than are taken at once, or done by now
			return
		default:
		}
		all := l.queue.take()
		if len(all) > 1 {
			ctx = context.WithoutCancel(ctx) // one's end is not the others'
		}
		l.appendAndTell(ctx, all)
	}
}

// appendAndTell appends entries and tells each who waits, also if that panics: nobody
// else would.
func (l *Log) appendAndTell(ctx context.Context, all []*waiting) {
	var err error = &unavailable{what: "appending failed inside", fix: "this is a defect of Aegis", err: errPanicked}
	defer func() {
		for _, each := range all {
			if each.err == nil {
				each.err = err
			}
			close(each.told)
		}
	}()
	err = l.appendThese(ctx, all)
}

var errPanicked = errors.New("panicked")

// appendThese appends entries by one write. Its error is that of each that has none of
// its own.
func (l *Log) appendThese(ctx context.Context, all []*waiting) error {
	end, err := l.readEnd(ctx)
	if err != nil {
		return err
	}
	if l.due(end) {
		switch end, err = l.rotate(end, all[0].entry); {
		case errors.Is(err, errNotRotated):
			l.retryAt = l.now().Add(retryRotation)
			l.tell(err)
		case err != nil:
			return err
		}
	}
	before, after, composed, err := l.compose(end, all)
	if err != nil || len(composed) == 0 {
		return err
	}
	if err := l.store(before, after); err != nil {
		l.checkpoints.ready = nil // they are not known to be in the log
		return err
	}
	l.appended.Add(int64(len(composed)))
	l.pack()
	l.checkpoints.publish(l.tell)
	return nil
}
