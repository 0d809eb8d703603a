package automation_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"aegis/audit"
)

// becomes waits until the comments that were written are those, and no others.
func (s *stage) becomes(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	var got []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if got = s.forge.Written(); len(got) >= len(want) {
			break
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		s.t.Fatalf("written: %q, want %q\n%s", got, want, s.logs)
	}
}

// says waits until the log has a line with all of these.
func (s *stage) says(words ...string) string {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(s.logs.String()) {
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
				return line
			}
		}
	}
	s.t.Fatalf("the log has no line with %q:\n%s", words, s.logs)
	return ""
}

// replaced is a file's text with another word in it.
func replaced(text, word, with string) string { return strings.ReplaceAll(text, word, with) }

// forces waits until the jobs in force have a schedule, or none if it is "".
func (p *process) forces(schedule string) {
	p.s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if all := p.InForce(); schedule == "" && all == nil || schedule != "" && slices.Contains(all, schedule+" UTC") {
			return
		}
	}
	p.s.t.Fatalf("%q is not in force\n%s", schedule, p.s.logs)
}

// idle waits until nothing waits or runs.
func (p *process) idle() {
	p.s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if tasks, err := p.Tasks(); err == nil && len(tasks) == 0 {
			return
		}
	}
	p.s.t.Fatalf("something still waits\n%s", p.s.logs)
}

// verified is the audit log, which is good.
func (s *stage) verified() string {
	s.t.Helper()
	report, err := audit.Verify(context.Background(), s.path("audit.jsonl"))
	if err != nil || report.Problem != nil {
		s.t.Errorf("the audit log: %v %v", err, report.Problem)
	}
	raw, err := os.ReadFile(s.path("audit.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(raw)
}
