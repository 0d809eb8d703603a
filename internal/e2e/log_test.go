package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"aegis/internal/sampleforge"
)

// entry holds the members of a log line that are looked at here.
type entry struct {
	Kind, Session, Call, Tool, Decision, Code string
}

// verified returns the entries of a log that aegis audit verify accepts.
func verified(t *testing.T, log string) (entries []entry) {
	t.Helper()
	if out, err := exec.Command(aegis(t), "audit", "verify", log).CombinedOutput(); err != nil {
		t.Fatalf("the log does not verify: %v\n%s", err, out)
	}
	return readLog(t, log)
}

func readLog(t *testing.T, log string) (entries []entry) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(sampleforge.DemoToken())) {
		t.Error("the token is in the log")
	}
	for line := range bytes.Lines(text) {
		var e entry
		if json.Unmarshal(line, &e) == nil { // a fragment is none; verify judges it
			entries = append(entries, e)
		}
	}
	return entries
}

// count counts entries by kind, a refused outcome by its code as well.
func count(entries []entry) map[string]int {
	counts := make(map[string]int)
	for _, e := range entries {
		counts[e.Kind]++
		if e.Code != "" {
			counts[e.Kind+" "+e.Code]++
		}
	}
	return counts
}

// allowed returns the calls that have a decision to allow them in the log.
func allowed(entries []entry) map[string]bool {
	calls := make(map[string]bool)
	for _, e := range entries {
		if e.Kind == "decision" && e.Decision == "allow" {
			calls[e.Call] = true
		}
	}
	return calls
}
