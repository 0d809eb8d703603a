package audit

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// Where checkpoints go may hang, deaf to its context: calls, the end of a session, and
// memory don't depend on it.
func TestAWitnessThatHangs(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var mu sync.Mutex
	var told []string
	hangs := make(chan struct{})
	defer close(hangs)
	begun := 0
	l := small(t, path, Options{
		MaxSize: -1,
		Logger: func(err error) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, err.Error())
		},
		Checkpoints: CheckpointOptions{Every: 2, Publish: func(context.Context, Checkpoint) error {
			mu.Lock()
			begun++
			mu.Unlock()
			<-hangs
			return nil
		}},
	})
	l.checkpoints.publisher.patience = 50 * time.Millisecond
	appendTo(t, l)
	if _, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false); err != nil {
		t.Fatal(err)
	}
	for i := range 3 * maxUnpublished {
		if err := l.Append(ctx, called(i)); err != nil {
			t.Fatal(err)
		}
	}
	l.checkpoints.publisher.mu.Lock()
	if n := len(l.checkpoints.publisher.waiting); n > maxUnpublished {
		t.Errorf("%d wait", n)
	}
	l.checkpoints.publisher.mu.Unlock()
	begin := time.Now()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a session's end took %s", took)
	}
	mu.Lock()
	defer mu.Unlock()
	if begun != 1 || !strings.Contains(fmt.Sprint(told), "it took too long") {
		t.Errorf("%d are under way; told %.300q", begun, told)
	}
	good(t, path)
}
