package clienttest

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"aegis/audit"
)

// entry holds the members of a log line that are looked at here.
type entry struct {
	Kind, Call, Client, Decision, Code string
}

// checkLog: one chain for all sessions, each begun and ended. Each call was
// decided once; a permitted one has one outcome, a denied one none. The client
// is named as it named itself.
func checkLog(t *testing.T, log, client string, sessions, calls int) {
	t.Helper()
	report, err := audit.Verify(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	if report.Problem != nil {
		t.Errorf("the log does not verify: %s", report.Problem)
	}
	kinds, decided, outcomes := map[string]int{}, map[string]string{}, map[string]int{}
	for _, e := range readLog(t, log) {
		kinds[e.Kind]++
		if e.Call != "" && e.Client != client {
			t.Errorf("call %s is by client %q; want %q", e.Call, e.Client, client)
		}
		switch e.Kind {
		case "decision":
			if decided[e.Call] != "" {
				t.Errorf("call %s was decided twice", e.Call)
			}
			decided[e.Call] = e.Decision
		case "outcome":
			outcomes[e.Call]++
		}
	}
	if kinds["session_start"] != sessions || kinds["session_end"] != sessions {
		t.Errorf("%d sessions begun and %d ended; want %d", kinds["session_start"], kinds["session_end"], sessions)
	}
	if len(decided) != calls {
		t.Errorf("%d calls decided; want %d", len(decided), calls)
	}
	for id, decision := range decided {
		want := 0
		if decision == "allow" {
			want = 1
		}
		if outcomes[id] != want {
			t.Errorf("call %s: decision %s, %d outcomes", id, decision, outcomes[id])
		}
		delete(outcomes, id)
	}
	for id := range outcomes {
		t.Errorf("call %s has an outcome and no decision", id)
	}
}

func readLog(t *testing.T, log string) (entries []entry) {
	t.Helper()
	file, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 2*audit.MaxLine)
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v in %q", err, lines.Bytes())
		}
		entries = append(entries, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return entries
}
