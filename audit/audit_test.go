package audit

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var ctx = context.Background()

// tick is a clock that begins at the same moment in every test and moves on by
// a second with every reading.
func tick() func() time.Time {
	now := time.Date(2031, 2, 3, 4, 5, 6, 7, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

// newPath returns where a test may keep its log.
func newPath(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "state", "audit.jsonl")
}

func openAt(t testing.TB, path string) *Log {
	t.Helper()
	l, err := Open(path, Options{Now: tick()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// filled returns a log with n entries, closed.
func filled(t testing.TB, n int) (path string) {
	t.Helper()
	path = newPath(t)
	l := openAt(t, path)
	for range n {
		appendTo(t, l)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func sample() Entry {
	return Entry{
		Kind: KindDecision, Session: "s1", Principal: "alice", Call: "c1", Request: []byte("7"), Client: "test/1",
		Tool: "get_file_contents", Capability: "read", Repo: "acme/service-a", RepoID: 4, Paths: []string{"src/main.go"},
		Ref: "main", Stage: StageStatic, Decision: Allow, Rule: "policy.yaml:3 defaults.read",
	}
}

func appendTo(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Append(ctx, sample()); err != nil {
		t.Fatal(err)
	}
}

func verify(t testing.TB, path string) Report {
	t.Helper()
	r, err := Verify(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// good verifies a log that must have no problem.
func good(t testing.TB, path string) Report {
	t.Helper()
	r := verify(t, path)
	if r.Problem != nil {
		t.Fatalf("problem in a good log: %s", r.Problem)
	}
	return r
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func contextFor(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}
