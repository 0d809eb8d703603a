package audit

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// What is appended is given as it comes, through rotations.
func TestFollow(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := small(t, path, Options{MaxSize: 2000})
	appendTo(t, l)
	following, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	var got []string
	ended := make(chan error, 1)
	go func() {
		ended <- Follow(following, path, Query{Tool: "get_file_contents"}, func(s Stored) error {
			mu.Lock()
			defer mu.Unlock()
			if s.Broken != "" {
				t.Errorf("%d: %s", s.Seq, s.Broken)
			}
			got = append(got, s.Call)
			return nil
		})
	}()
	time.Sleep(50 * time.Millisecond) // it may begin late; what was before is not given
	for i := range 20 {
		if err := l.Append(ctx, called(i)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i%3) * 60 * time.Millisecond)
	}
	last := func() string {
		mu.Lock()
		defer mu.Unlock()
		if len(got) == 0 {
			return ""
		}
		return got[len(got)-1]
	}
	for patience := time.Now().Add(20 * time.Second); last() != "c0019" && time.Now().Before(patience); {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if last() != "c0019" || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("%q", got)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := small(t, path, Options{MaxSize: 1000})
	e := called(1)
	e.ArgsHMAC = l.ArgsHMAC([]byte(`{"a":1}`))
	for _, e := range []Entry{e, called(2), called(3), called(4)} {
		if err := l.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	for args, want := range map[string]bool{`{"a":1}`: true, `{"a":2}`: false, `{"a": 1}`: false} {
		if got, err := Match(ctx, path, "c0001", [][]byte{[]byte(args)}); err != nil || got != want {
			t.Errorf("%s: %v %v", args, got, err)
		}
	}
	for _, call := range []string{"c0002", "c9999"} {
		if _, err := Match(ctx, path, call, nil); err == nil {
			t.Errorf("%s has arguments", call)
		}
	}
}
