package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// What a human approved through a client is in a file of its own, if that is wanted, before
// anything is written; without a place for it nothing is.
func TestWhatAHumanApprovedIsKept(t *testing.T) {
	t.Parallel()
	folder, forge := t.TempDir(), newWrittenForge(t)
	env := writable(t, folder, "approve: [create_comment]\n")
	env["AEGIS_AUDIT_KEEP_APPROVALS"] = "true"
	s := serveIn(t, folder, forge.URL, env, "--no-auth")
	approve := func() (shown, answer string) {
		t.Helper()
		raw, err := s.post("", "create_comment", writePublic, "")
		var asked struct {
			Result struct {
				RequestState  string
				InputRequests map[string]struct{ Params struct{ Message string } }
			}
		}
		if err != nil || json.Unmarshal([]byte(raw), &asked) != nil || asked.Result.RequestState == "" {
			t.Fatalf("nobody is asked: %v %s", err, raw)
		}
		yes := `,"requestState":"` + asked.Result.RequestState + `","inputResponses":{"approve":{"action":"accept","content":{"approve":true}}}`
		if answer, err = s.post("", "create_comment", writePublic, yes); err != nil {
			t.Fatal(err)
		}
		return asked.Result.InputRequests["approve"].Params.Message, answer
	}
	shown, answer := approve()
	files, _ := filepath.Glob(filepath.Join(logIn(folder)+".approvals", "*"))
	if len(files) != 1 || strings.Contains(answer, "isError") || !strings.Contains(answer, strings.TrimSuffix(filepath.Base(files[0]), ".txt")) {
		t.Fatalf("%v after %s", files, answer)
	}
	if raw, err := os.ReadFile(files[0]); err != nil || shown == "" || string(raw) != shown {
		t.Errorf("%v: %q was shown, %q is kept", err, shown, raw)
	}
	if err := os.RemoveAll(filepath.Dir(files[0])); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(files[0]), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := writes(forge)
	if _, answer := approve(); !strings.Contains(answer, "audit_unavailable") || writes(forge) != before {
		t.Errorf("written without what was approved: %s", answer)
	}
	s.end()
	verified(t, logIn(folder))
}

// writes counts what a forge was asked to change.
func writes(forge *giteatest.Proxy) (n int) {
	for _, r := range forge.Requests() {
		if r.Method != http.MethodGet {
			n++
		}
	}
	return n
}
