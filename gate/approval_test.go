package gate_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

const asking = "approve: [create_comment]\n"

func TestApproval_YesIsNeeded(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, asking)
	if a := write(d, "acme/open", "x"); a.Code != gate.ApprovalUnavailable || !strings.Contains(a.All, "policy.yaml:3 approve") {
		t.Error(a.All)
	}
	d.Human = func(string) bool { return false }
	if a := write(d, "acme/open", "x"); a.Code != gate.ApprovalDeclined {
		t.Error(a.All)
	}
	if f.written.Load() != 0 {
		t.Fatal("written without a yes")
	}
	d.Human = func(string) bool { return true }
	if a := write(d, "acme/open", "x"); a.IsError || f.written.Load() != 1 {
		t.Error(a.All)
	}
	shown := map[any]int{}
	for _, e := range d.Entries() {
		if e["shown_sha256"] != nil {
			shown[fmt.Sprint(e["kind"], " ", e["decision"], " ", e["code"])]++
		}
	}
	for _, want := range []string{"decision ask <nil>", "decision allow <nil>", "decision deny approval_declined", "outcome <nil> <nil>"} {
		if shown[want] == 0 {
			t.Errorf("no entry %q with what was shown: %v", want, shown)
		}
	}
}

// Every reply that is not the human's own yes to this very call is a no.
func TestApproval_ForgedReplies(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]func(d *gatetest.Door, state string, call *gate.Call){
		"no state": func(_ *gatetest.Door, _ string, c *gate.Call) { c.Reply = &gate.Reply{Approved: true} },
		"garbage": func(_ *gatetest.Door, _ string, c *gate.Call) {
			c.Reply = &gate.Reply{State: "e30.e30", Approved: true}
		},
		"another mac": func(_ *gatetest.Door, s string, c *gate.Call) { c.Reply = &gate.Reply{State: s + "A", Approved: true} },
		"another text": func(_ *gatetest.Door, _ string, c *gate.Call) {
			c.Args = json.RawMessage(`{"repo":"acme/open","text":"y"}`)
		},
		"another place": func(_ *gatetest.Door, _ string, c *gate.Call) {
			c.Args = json.RawMessage(`{"repo":"acme/closed","text":"x"}`)
		},
		"another session": func(d *gatetest.Door, _ string, _ *gate.Call) {
			d.Anew()
		},
		"not approved": func(_ *gatetest.Door, _ string, c *gate.Call) { c.Reply.Approved = false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			tool := writer()
			d := f.open(t, asking, tool)
			call := gate.Call{Args: json.RawMessage(`{"repo":"acme/open","text":"x"}`), CanAsk: true}
			asked := d.Do(t.Context(), tool.Tool, call)
			if asked.Ask == nil || asked.IsError {
				t.Fatalf("%s", asked.Object)
			}
			call.Reply = &gate.Reply{State: asked.Ask.State, Approved: true}
			reply(d, asked.Ask.State, &call)
			if a := d.Do(t.Context(), tool.Tool, call); a.Code != gate.ApprovalDeclined || f.written.Load() != 0 {
				t.Errorf("%s", a.Object)
			}
		})
	}
}

func TestApproval_IsForOneCall(t *testing.T) {
	t.Parallel()
	f := newForum()
	tool := writer()
	d := f.open(t, asking, tool)
	call := gate.Call{Args: json.RawMessage(`{"repo":"acme/open","text":"x"}`), CanAsk: true}
	asked := d.Do(t.Context(), tool.Tool, call)
	call.Reply = &gate.Reply{State: asked.Ask.State, Approved: true}
	call.Args = json.RawMessage(` {"text":"x", "repo":"acme/open"}`) // encoded anew by the client
	if a := d.Do(t.Context(), tool.Tool, call); a.IsError {
		t.Fatalf("%s", a.Object)
	}
	if a := d.Do(t.Context(), tool.Tool, call); a.Code != gate.ApprovalDeclined || f.written.Load() != 1 {
		t.Errorf("a second time: %s", a.Object)
	}
}

// A human says yes to what was shown: if that is another thing by now, it is none.
func TestApproval_EverythingIsDecidedOnceMore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(f *forum){
		"visibility": func(f *forum) {
			f.records["/repos/acme/closed"] = repository("acme/closed", record{"id": 2})
		},
		"another one": func(f *forum) {
			f.records["/repos/acme/closed"] = repository("acme/other", record{"id": 9})
		},
		"archived": func(f *forum) {
			f.records["/repos/acme/closed"] = repository("acme/closed", record{"id": 2, "private": true, "archived": true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			d := f.open(t, asking)
			d.Human = func(string) bool {
				f.mu.Lock()
				defer f.mu.Unlock()
				change(f)
				return true
			}
			if a := write(d, "acme/closed", "x"); !a.IsError || f.written.Load() != 0 {
				t.Errorf("%s", a.All)
			}
		})
	}
}

func TestApproval_QuestionsAreBounded(t *testing.T) {
	t.Parallel()
	f := newForum()
	tool := writer()
	d := f.open(t, asking, tool)
	call := gate.Call{Args: json.RawMessage(`{"repo":"acme/open","text":"x"}`), CanAsk: true}
	for range 8 {
		if a := d.Do(t.Context(), tool.Tool, call); a.Ask == nil {
			t.Fatalf("%s", a.Object)
		}
	}
	if a := d.Do(t.Context(), tool.Tool, call); a.Code != gate.ApprovalUnavailable {
		t.Errorf("%s", a.Object)
	}
}

// No line of a text that would be written can be taken for one of the gate's.
func TestApproval_TextsAreShownAsTexts(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, asking)
	var shown string
	d.Human = func(message string) bool { shown = message; return false }
	for _, newline := range []string{"\n", "\r", "\r\n", "\u2028", "\u2029", "\v", "\f", "\u0085"} {
		write(d, "acme/open", "harmless"+newline+"branch: agent/x"+newline+"You are asked because of nothing\u202e\u200b")
		for line := range strings.Lines(shown) {
			if strings.HasPrefix(line, "branch:") || strings.HasPrefix(line, "You are asked because of nothing") {
				t.Errorf("%q: %q", newline, shown)
			}
		}
		if strings.ContainsAny(shown, "\u202e\u200b\v\f\u2028\u2029\u0085\r") {
			t.Errorf("%q: %q", newline, shown)
		}
	}
	shown = ""
	if a := write(d, "acme/open", strings.Repeat("0123456789\n", 10_000)); a.Code != gate.ApprovalUnavailable || !strings.Contains(a.All, "Split the call") || shown != "" {
		t.Errorf("%s: %d bytes are shown", a.All, len(shown))
	}
}

// With that setting the text that got a yes is kept, before anything is written; if it can't
// be, nothing is.
func TestApproval_TheTextIsKept(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		f := newForum()
		d := gatetest.Open(t, gatetest.Config{
			URL: f.proxy(t).URL, Policy: "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n" + asking, Write: true, Keep: keep,
			Repos: []canon.Repo{repo(t, "acme/open")}, Tools: []tools.Tool{reader(), writer()},
		})
		folder, shown := d.Log+".approvals", ""
		answer := true
		d.Human = func(message string) bool {
			shown = message
			return answer
		}
		answer = false
		write(d, "acme/open", "a no")
		if _, err := os.Stat(folder); err == nil {
			t.Error("what got a no is kept")
		}
		answer = true
		a := write(d, "acme/open", "a yes")
		if a.IsError {
			t.Fatal(a.All)
		}
		raw, err := os.ReadFile(filepath.Join(folder, a.Call+".txt"))
		if keep != (err == nil) || keep && string(raw) != shown {
			t.Errorf("kept: %v, %v %q", keep, err, raw)
		}
		sum := sha256.Sum256([]byte(shown))
		found := 0
		for _, e := range d.Entries() {
			if e["call"] != a.Call || e["shown_sha256"] == nil {
				continue
			}
			found++
			if e["shown_sha256"] != hex.EncodeToString(sum[:]) || e["shown_bytes"] != float64(len(shown)) {
				t.Errorf("%v", e)
			}
		}
		if found < 2 { // before it is sent, and after it
			t.Errorf("%d entries of the call have the text's hash", found)
		}
		_ = os.RemoveAll(folder)
		if err := os.WriteFile(folder, nil, 0o600); err != nil { // a disk that will not
			t.Fatal(err)
		}
		written := f.written.Load()
		a = write(d, "acme/open", "another yes")
		if keep && (a.Code != gate.AuditUnavailable || f.written.Load() != written) || !keep && a.IsError {
			t.Errorf("kept: %v, and it can't be: %s, written %d", keep, a.All, f.written.Load()-written)
		}
	}
}
