package audit

import (
	"context"
	"os"
	"testing"
	"time"
)

// What is appended is given once and in its order, from the place that is asked for on,
// through rotations, also several between two looks, and through what logrotate does.
func TestFollow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		between time.Duration // two entries
		meddle  func(t *testing.T, path string, i int)
	}{
		{name: "now and then", between: 60 * time.Millisecond},
		{name: "many files at once"},
		{"renamed", 20 * time.Millisecond, func(t *testing.T, path string, i int) {
			if i%9 == 5 {
				_ = os.Rename(path, path+".1")
			}
		}},
		{"copied and emptied", 20 * time.Millisecond, func(t *testing.T, path string, i int) {
			if i%9 == 5 {
				content, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path+".1", content, 0o600)
				}
				if err == nil {
					err = os.Truncate(path, 0)
				}
				if err != nil {
					t.Error(err)
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			l := small(t, path, Options{MaxSize: 3000})
			for i := range 20 {
				if err := l.Append(ctx, called(i)); err != nil {
					t.Fatal(err)
				}
			}
			after := Place{}
			if _, err := Show(ctx, path, Query{Call: "c0012"}, func(s Stored) error {
				after = Place{s.Seq, string(s.Raw[len(s.Raw)-66 : len(s.Raw)-2])}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			following, stop := context.WithCancel(ctx)
			defer stop()
			got, ended := make(chan string, 100), make(chan error, 1)
			go func() {
				ended <- Follow(following, path, after, Query{Tool: "get_file_contents"}, func(s Stored) error {
					got <- s.Call + s.Broken
					return nil
				})
			}()
			for i := 20; i < 60; i++ {
				if c.meddle != nil {
					c.meddle(t, path, i)
				}
				if err := l.Append(ctx, called(i)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.between)
			}
			for i := 13; i < 60; i++ {
				select {
				case call := <-got:
					if call != called(i).Call {
						t.Fatalf("%s instead of %s", call, called(i).Call)
					}
				case <-time.After(20 * time.Second):
					t.Fatalf("%s did not come", called(i).Call)
				}
			}
			stop()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
		})
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

// A log whose last entry lacks its newline is gone on with after that entry.
func TestFollowAfterAnUnfinishedEntry(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := small(t, path, Options{MaxSize: 1 << 20})
	var head []byte
	for i := range 2 {
		if i == 1 {
			head = read(t, path+".head")
		}
		if err := l.Append(ctx, called(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	content := read(t, path)
	write(t, path+".head", head)
	write(t, path, content[:len(content)-1])
	reading, err := Show(ctx, path, Query{}, func(Stored) error { return nil })
	if err != nil || len(reading.Problems) > 0 {
		t.Fatalf("%v %v", err, reading.Problems)
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	got, ended := make(chan string, 100), make(chan error, 1)
	go func() {
		ended <- Follow(following, path, reading.Last, Query{}, func(s Stored) error {
			got <- string(s.Kind) + s.Broken
			return nil
		})
	}()
	if err := small(t, path, Options{MaxSize: 1 << 20}).Append(ctx, called(9)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"recovery", string(called(9).Kind)} {
		select {
		case kind := <-got:
			if kind != want {
				t.Errorf("%q instead of %q", kind, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s did not come", want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
