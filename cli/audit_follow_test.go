package cli

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/audit"
)

// shared is a buffer that is written to and read at the same time.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Following begins with the last calls and goes on with each that comes, once, through
// rotations; a call that began before has its outcome.
func TestFollowGoesOnFromTheLastCalls(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state", "audit.jsonl")
	log, err := audit.Open(file, audit.Options{MaxSize: 3000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	add := func(entries ...audit.Entry) {
		t.Helper()
		for _, e := range entries {
			if err := log.Append(context.Background(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := range 20 {
		add(aCall(n, "c")...)
	}
	begun := aCall(20, "c")
	add(begun[0])
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out, errs shared
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, environment{
			args:   []string{"audit", "show", "--follow", "--limit", "3", "--tool", "get_file_contents", file},
			lookup: func(string) (string, bool) { return "", false },
			stdout: &out, stderr: &errs,
		})
	}()
	wait := func(what string) {
		t.Helper()
		for patience := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), what); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(patience) {
				t.Fatalf("%s did not come: %s %s", what, out.String(), errs.String())
			}
		}
	}
	wait("docs/19.md")
	add(begun[1])
	for n := 21; n < 50; n++ {
		add(aCall(n, "c")...)
	}
	wait("docs/49.md")
	stop()
	if status := <-ended; status != 0 || errs.String() != "" {
		t.Errorf("status %d: %s", status, errs.String())
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for i, line := range lines {
		if !strings.Contains(line, fmt.Sprintf(" docs/%d.md: 512 bytes", 17+i)) {
			t.Errorf("line %d is %q", i, line)
		}
	}
	if len(lines) != 33 {
		t.Errorf("%d lines", len(lines))
	}
}
