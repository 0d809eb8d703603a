package audit

import (
	"bufio"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// Eight writers are killed at random moments, over and over, while the log is rotated every
// two hundred entries: it is one chain, and nothing that was acknowledged is missing.
func TestKilledWhileManyAppendAndRotate(t *testing.T) {
	t.Parallel()
	const writers = 8
	kills := 1000
	if testing.Short() {
		kills = 40
	}
	path := newPath(t)
	var mu sync.Mutex
	var acknowledged []string
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range kills / writers {
				said := appendUntilKilled(t, path)
				mu.Lock()
				acknowledged = append(acknowledged, said...)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	appendTo(t, small(t, path, Options{MaxSize: -1, Now: time.Now})) // it goes on by itself
	report := good(t, path)
	stored := map[string]bool{}
	for _, call := range callsOf(t, path) {
		if stored[call] && call != "c1" {
			t.Errorf("%s is there twice", call)
		}
		stored[call] = true
	}
	for _, call := range acknowledged {
		if !stored[call] {
			t.Errorf("%s was acknowledged and is not there", call)
		}
	}
	t.Logf("%d kills, %d entries acknowledged, %d in %d files; %d notes", kills, len(acknowledged), report.Entries, report.Files, len(report.Notes))
	for _, note := range report.Notes { // each says what a kill has left
		if !strings.Contains(note, `is a recovery: "a write was cut short`) && !strings.Contains(note, `is a recovery: "a rotation was cut short`) && !strings.Contains(note, "more recovery entries") {
			t.Errorf("%s", note)
		}
	}
	if report.Files < 2 {
		t.Errorf("the log was not rotated")
	}
}

// appendUntilKilled has a process append until it is killed, a moment after its first
// entry, and returns what it said had been appended.
func appendUntilKilled(t testing.TB, path string) (said []string) {
	child := process(t, "append, say so, and rotate", path, 1<<30)
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Error(err)
		return nil
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		if said = append(said, strings.TrimSuffix(line, "\n")); len(said) == 1 {
			time.AfterFunc(rand.N(40*time.Millisecond), func() { _ = child.Process.Kill() })
		}
	}
	_, _ = io.Copy(io.Discard, lines)
	_ = child.Wait() // killed
	if len(said) == 0 {
		t.Error("a process appended nothing")
	}
	return said
}
