package readtest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/tools"
)

// Gitea's own record has the call's id and the client's trace, as docs/audit.md sets it up.
func TestGiteasRecordHasTheIDs(t *testing.T) {
	t.Parallel()
	const trace = "00-7c1d2b3a4f5e69788796a5b4c3d2e1f0-00f067aa0ba902b7-01"
	s, _ := reading(t)
	d := door(t, s, "version: 1\n")
	at := slices.IndexFunc(tools.All(), func(tool tools.Tool) bool { return tool.Name == "get_file_contents" })
	call := gate.Call{Args: json.RawMessage(`{"owner":"acme","repo":"reading","path":"README.md"}`), Trace: canon.ParseTrace(trace)}
	a := d.Do(t.Context(), tools.All()[at].Tool, call)
	if a.IsError {
		t.Fatalf("%s", a.Object)
	}
	var byCall, byTrace []string
	for range 500 { // it is written a moment later
		if byCall, byTrace = s.Asked(" "+a.Call+" "), s.Asked(" "+trace+" "); len(byCall) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(byCall) == 0 || !slices.Equal(byCall, byTrace) || !strings.Contains(byCall[0], "/api/v1/repos/acme/reading") {
		t.Errorf("%q\n%q", byCall, byTrace)
	}
}
