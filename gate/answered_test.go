package gate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
)

// A no ends a question for good, also where something else refuses the call before it
// is heard: a yes to the same question that comes later is one to nothing.
func TestANoEndsTheQuestionWhateverElseRefusesTheCall(t *testing.T) {
	t.Parallel()
	stop := filepath.Join(t.TempDir(), "STOP")
	f := newForum()
	d := gatetest.Open(t, gatetest.Config{
		URL: f.proxy(t).URL, Policy: "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n" + asking,
		Write: true, Repos: []canon.Repo{repo(t, "acme/open")}, Kill: stop,
	})
	say := func(state string, approved bool) gate.Answer {
		call := gate.Call{Args: json.RawMessage(`{"repo":"acme/open","text":"x"}`), CanAsk: true}
		if state != "" {
			call.Reply = &gate.Reply{State: state, Approved: approved}
		}
		return d.Do(t.Context(), writer().Tool, call)
	}
	state := say("", false).Ask.State
	if err := os.WriteFile(stop, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if answer := say(state, false); answer.Code != gate.Killed {
		t.Fatalf("%s", answer.Object)
	}
	if err := os.Remove(stop); err != nil {
		t.Fatal(err)
	}
	if answer := say(state, true); answer.Code != gate.ApprovalDeclined {
		t.Errorf("%s", answer.Object)
	}
	if n := f.written.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
