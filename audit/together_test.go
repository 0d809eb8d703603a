package audit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// numbered is an entry of a call that is known again by its name.
func numbered(name string) Entry {
	e := sample()
	e.Call = name
	return e
}

// calls returns the calls of a log's entries, in their order.
func calls(t *testing.T, path string) (all []string) {
	t.Helper()
	_, err := Show(ctx, path, Query{}, func(s Stored) error {
		if s.Call != "" {
			all = append(all, s.Call)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Many append at once, and some of it goes wrong: syncs fail, callers give up. Who is
// told that an entry is on disk finds it there once, and behind its own earlier ones.
func TestEachLearnsWhatBecameOfItsOwn(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	l.now = time.Now
	var syncs, failed int // guarded by the turn
	l.sync = func(*os.File) error {
		if syncs++; syncs%7 == 0 {
			failed++
			return errors.New("I/O error")
		}
		time.Sleep(time.Millisecond)
		return nil
	}
	const goroutines, each = 32, 20
	var mu sync.Mutex
	kept := make(map[string]bool)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 1))
			for i := range each {
				name, asking := fmt.Sprintf("c-%02d-%02d", g, i), ctx
				if random.IntN(5) == 0 {
					var cancel context.CancelFunc
					asking, cancel = context.WithTimeout(ctx, time.Duration(random.IntN(3000))*time.Microsecond)
					defer cancel()
				}
				err := l.Append(asking, numbered(name))
				if err != nil && !errors.Is(err, ErrUnavailable) {
					t.Errorf("%s: %v", name, err)
				}
				if err != nil && asking == ctx && !strings.Contains(err.Error(), "I/O error") {
					t.Errorf("%s is told of what is not its own: %v", name, err)
				}
				mu.Lock()
				kept[name] = err == nil
				mu.Unlock()
			}
		})
	}
	all.Wait()
	l.sync = (*os.File).Sync
	appendTo(t, l)
	if p := verify(t, path).Problem; p != nil {
		t.Fatal(p)
	}
	found, last := make(map[string]int), make(map[string]string)
	for _, name := range calls(t, path) {
		found[name]++
		if of := name[:min(len(name), 4)]; last[of] > name {
			t.Errorf("%s is behind %s", name, last[of])
		} else {
			last[of] = name
		}
	}
	n := 0
	for name, is := range kept {
		if found[name] > 1 || is && found[name] == 0 {
			t.Errorf("%s: %v, and %d in the log", name, is, found[name])
		}
		if is {
			n++
		}
	}
	if len(kept) != goroutines*each || n < len(kept)/3 || failed == 0 || syncs >= len(kept) {
		t.Errorf("%d entries, %d on disk, %d syncs of which %d failed", len(kept), n, syncs, failed)
	}
}

// held returns a log whose next sync waits for release, and n entries that wait behind
// it. Each one's error is sent when it is known.
func held(t *testing.T, n int, entry func(i int) Entry) (l *Log, path string, release func(), told []chan error) {
	t.Helper()
	path = newPath(t)
	l = openAt(t, path)
	l.lockTimeout = time.Minute // all of them are to be there, however busy the machine is
	appendTo(t, l)
	at, goOn := make(chan struct{}), make(chan struct{})
	l.sync = func(*os.File) error {
		l.sync = func(*os.File) error { return nil }
		close(at)
		<-goOn
		return nil
	}
	go func() { _ = l.Append(ctx, numbered("c-first")) }()
	<-at
	for i := range n {
		said := make(chan error, 1)
		told = append(told, said)
		go func() { said <- l.Append(ctx, entry(i)) }()
		for waits := 0; waits <= i; time.Sleep(time.Millisecond) {
			l.queue.mu.Lock()
			waits = len(l.queue.all)
			l.queue.mu.Unlock()
		}
	}
	return l, path, func() { close(goOn) }, told
}

// An entry that can't be written keeps nobody else's from being written.
func TestOneThatCantBeWrittenIsToldAlone(t *testing.T) {
	t.Parallel()
	_, path, release, told := held(t, 9, func(i int) Entry {
		e := numbered(fmt.Sprintf("c-%d", i))
		if i%3 == 1 {
			e.Reason = strings.Repeat("x", MaxLine)
		}
		return e
	})
	release()
	for i, said := range told {
		if err := <-said; (err != nil) != (i%3 == 1) || err != nil && !strings.Contains(err.Error(), "make it shorter") {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := strings.Join(calls(t, path), " "); got != "c1 c-first c-0 c-2 c-3 c-5 c-6 c-8" {
		t.Errorf("%s", got)
	}
	good(t, path)
}

// More than are taken at once come all to be written, in their order.
func TestMoreThanAreTakenAtOnce(t *testing.T) {
	t.Parallel()
	const n = 2*maxTogether + 5
	_, path, release, told := held(t, n, func(i int) Entry { return numbered(fmt.Sprintf("c-%03d", i)) })
	release()
	for i, said := range told {
		if err := <-said; err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	for i, call := range calls(t, path)[2:] {
		if call != fmt.Sprintf("c-%03d", i) {
			t.Fatalf("entry %d is %s", i, call)
		}
	}
	good(t, path)
}

// A defect in who appends is a failure of those whose entries it had, and of nobody else.
func TestAPanicLeavesNobodyWaiting(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	appendTo(t, l)
	at, goOn := make(chan struct{}), make(chan struct{})
	l.sync = func(*os.File) error {
		l.sync = func(*os.File) error {
			l.sync = func(*os.File) error { return nil }
			panic("a defect")
		}
		close(at)
		<-goOn
		return nil
	}
	go func() { _ = l.Append(ctx, numbered("c-first")) }()
	<-at
	said := make(chan error, 8)
	for i := range 8 {
		go func() {
			defer func() {
				if p := recover(); p != nil {
					said <- errors.New("panicked")
				}
			}()
			said <- l.Append(ctx, numbered(fmt.Sprintf("c-%d", i)))
		}()
	}
	for waits := 0; waits < 8; time.Sleep(time.Millisecond) {
		l.queue.mu.Lock()
		waits = len(l.queue.all)
		l.queue.mu.Unlock()
	}
	close(goOn)
	panicked := 0
	for range 8 {
		select {
		case err := <-said:
			if err == nil {
				t.Error("an entry is said to be on disk")
			} else if err.Error() == "panicked" {
				panicked++
			} else if !errors.Is(err, ErrUnavailable) {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("somebody waits for good")
		}
	}
	if panicked != 1 {
		t.Errorf("%d panicked", panicked)
	}
	appendTo(t, l)
	good(t, path)
}
