package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// writer is a tool for tests that writes a comment of the text given.
func writer(more ...func(*gate.Plan)) tools.Tool {
	return tools.Tool{Tool: gate.Tool{Name: "create_comment", Capability: policy.Write, Prepare: func(raw json.RawMessage) (gate.Prepared, error) {
		var args struct {
			Repo, Text string
			DryRun     bool `json:"dry_run"`
		}
		if err := json.Unmarshal(raw, &args); err != nil {
			return gate.Prepared{}, err
		}
		repo, err := canon.ParseFullName(args.Repo)
		if err != nil {
			return gate.Prepared{}, err
		}
		return gate.Prepared{
			Target:  gate.Repository(repo),
			DryRun:  args.DryRun,
			Written: []gate.Written{{Field: "text", Text: args.Text, Kind: gate.Markdown}},
			Plan: func(_ context.Context, v *gate.Visit) (*gate.Plan, error) {
				plan := &gate.Plan{
					Steps:  []gate.Step{{Write: forge.CreateComment(repo, 3, args.Text)}},
					Effect: map[string]any{"number": 3},
					Look:   "the comments on #3",
					Answer: func([]json.RawMessage) (any, error) { return map[string]any{"comment_id": 5}, nil },
				}
				for _, change := range more {
					change(plan)
				}
				return plan, nil
			},
		}, nil
	}}}
}

// reader is a tool for tests that reads something of a repository.
func reader() tools.Tool {
	return tools.Tool{Tool: gate.Tool{Name: "get_issue", Capability: policy.Read, Prepare: func(raw json.RawMessage) (gate.Prepared, error) {
		var args struct{ Repo string }
		if err := json.Unmarshal(raw, &args); err != nil {
			return gate.Prepared{}, err
		}
		repo, err := canon.ParseFullName(args.Repo)
		return gate.Prepared{Target: gate.Repository(repo), Run: says(map[string]any{"title": "x"})}, err
	}}}
}

// forum is a forge of a private, an internal and a public repository that counts
// what is written to it.
type forum struct {
	*fake
	written atomic.Int32
}

func newForum() *forum {
	f := &forum{}
	named := func(name string, id int, more record) record {
		return repository(name, record{"id": id}, more)
	}
	f.fake = newFake(record{
		"/repos/acme/open":   named("acme/open", 1, nil),
		"/repos/acme/closed": named("acme/closed", 2, record{"private": true}),
		"/repos/acme/inside": named("acme/inside", 3, record{"owner": record{"login": "acme", "visibility": "limited"}}),
		"/repos/acme/circle": named("acme/circle", 4, record{"internal": true, "owner": record{"login": "acme", "visibility": "private"}}),
	})
	for _, name := range []string{"open", "closed", "inside", "circle"} {
		f.records["/repos/acme/"+name+"/issues/3/comments"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				f.written.Add(1)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"id":5}`)
		})
	}
	return f
}

func (f *forum) open(t *testing.T, policy string, more ...tools.Tool) *gatetest.Door {
	t.Helper()
	c := gatetest.Config{
		URL: f.proxy(t).URL, Policy: "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n" + policy, Write: true,
		Repos: []canon.Repo{repo(t, "acme/open"), repo(t, "acme/closed"), repo(t, "acme/inside"), repo(t, "acme/circle")},
		Tools: append([]tools.Tool{reader()}, more...),
	}
	if more == nil {
		c.Tools = append(c.Tools, writer())
	}
	return gatetest.Open(t, c)
}

func write(d *gatetest.Door, name, text string) gatetest.Answer {
	return d.Ask("create_comment", map[string]any{"repo": name, "text": text})
}

func read(t *testing.T, d *gatetest.Door, name string) {
	t.Helper()
	if a := d.Ask("get_issue", map[string]any{"repo": name}); a.IsError {
		t.Fatal(a.All)
	}
}

// What was read bounds where is written, by the table of visibilities.
func TestFlow_NothingFlowsToWhereMorePeopleSeeIt(t *testing.T) {
	t.Parallel()
	rank := map[string]int{"open": 2, "inside": 1, "closed": 0, "circle": 0} // what only the members see is private
	for from := range rank {
		for to := range rank {
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				f := newForum()
				d := f.open(t, "")
				read(t, d, "acme/"+from)
				a := write(d, "acme/"+to, "hello")
				if rank[from] >= rank[to] {
					if a.IsError || f.written.Load() != 1 {
						t.Fatal(a.All)
					}
					return
				}
				if a.Code != gate.FlowDenied || f.written.Load() != 0 {
					t.Fatal(a.All, f.written.Load())
				}
				for _, word := range []string{"get_issue read acme/" + from, "(call " + d.Caller.Session() + "-1)", "policy.yaml flow.private_to_public", "new session"} {
					if !strings.Contains(a.All, word) {
						t.Errorf("%q is not told: %s", word, a.All)
					}
				}
				if a := d.Ask("create_comment", map[string]any{"repo": "acme/" + to, "text": "x", "dry_run": true}); a.Code != gate.FlowDenied {
					t.Errorf("a dry run: %s", a.All)
				}
				read(t, d, "acme/"+from) // reading goes on
			})
		}
	}
}

func TestFlow_IsForgottenAndIsPerSession(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "flow: {forget_after: 1s}\n")
	read(t, d, "acme/closed")
	if a := write(d, "acme/open", "x"); a.Code != gate.FlowDenied {
		t.Fatal(a.All)
	}
	d.Anew()
	if a := write(d, "acme/open", "x"); a.IsError {
		t.Errorf("another session: %s", a.All)
	}
}

func TestFlow_AskAndAllow(t *testing.T) {
	t.Parallel()
	f := newForum()
	allowed := f.open(t, "flow: {private_to_public: allow}\n")
	read(t, allowed, "acme/closed")
	if a := write(allowed, "acme/open", "x"); a.IsError {
		t.Error(a.All)
	}
	d := f.open(t, "flow: {private_to_public: ask}\n")
	read(t, d, "acme/closed")
	if a := write(d, "acme/open", "x"); a.Code != gate.ApprovalUnavailable {
		t.Error(a.All)
	}
	var shown string
	d.Human = func(message string) bool { shown = message; return true }
	if a := write(d, "acme/open", "the numbers are 4711"); a.IsError {
		t.Error(a.All)
	}
	for _, word := range []string{"create_comment", "acme/open (public)", "get_issue read acme/closed", "policy.yaml:3 flow.private_to_public", "the numbers are 4711"} {
		if !strings.Contains(shown, word) {
			t.Errorf("the human is not shown %q:\n%s", word, shown)
		}
	}
}

// What a write itself answers is no reading, and neither is what a failed
// call says.
func TestFlow_WritesAndFailuresAreNoReadings(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "")
	if a := write(d, "acme/closed", "x"); a.IsError {
		t.Fatal(a.All)
	}
	d.Ask("get_issue", map[string]any{"repo": "acme/nothing"})
	if a := write(d, "acme/open", "x"); a.IsError {
		t.Error(a.All)
	}
}

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

// What is seen to have changed while the request was on its way is told and
// recorded; the write is not denied to have been made.
func TestWriting_TheGapIsReported(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]record{
		"made anew":  repository("acme/open", record{"id": 99}),
		"visibility": repository("acme/open", record{"id": 1, "private": true}),
		"renamed":    repository("acme/else", record{"id": 1}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			d := f.open(t, "")
			f.before = func(r *http.Request) {
				if r.Method == http.MethodPost {
					f.mu.Lock()
					f.records["/repos/acme/open"] = after
					f.mu.Unlock()
				}
			}
			a := write(d, "acme/open", "x")
			if a.Code != gate.Moved || !strings.Contains(a.All, `"written":{"comment_id":5}`) || !strings.Contains(a.All, "This was written") {
				t.Error(a.All)
			}
			entries := d.Entries()
			if last := entries[len(entries)-1]; last["code"] != "moved" || last["written"] != 1.0 {
				t.Error(last)
			}
		})
	}
}

// letter is what somebody wrote.
type letter struct {
	By string `json:"author"`
}

func (l letter) Author() string { return l.By }
func (letter) Hide()            {}

// Text of somebody who may not write to its repository keeps the session from
// writing, if the policy says so: whether Gitea tells who may or not.
func TestFlow_TextOfStrangers(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rule, author string
		silent       bool
		want         gate.Code
	}{
		"a stranger":             {"deny", "mallory", false, gate.FlowDenied},
		"somebody with standing": {"deny", "Reader", false, ""},
		"nobody knows":           {"deny", "reader", true, gate.FlowDenied},
		"a stranger, to ask":     {"ask", "mallory", false, gate.ApprovalUnavailable},
		"a stranger, allowed":    {"allow", "mallory", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			if !row.silent {
				f.records["/repos/acme/open/assignees"] = []record{{"login": "reader"}}
			}
			shown := reader()
			shown.Prepare = func(json.RawMessage) (gate.Prepared, error) {
				return gate.Prepared{Target: gate.Repository(repo(t, "acme/open")), Run: says(letter{row.author})}, nil
			}
			d := gatetest.Open(t, gatetest.Config{
				URL: f.proxy(t).URL, Policy: "version: 1\nrepositories: {\"acme/*\": {write: allow}}\nflow: {untrusted_to_write: " + row.rule + "}\n",
				Write: true, Repos: []canon.Repo{repo(t, "acme/open")}, Tools: []tools.Tool{shown, writer()},
			})
			d.Ask("get_issue", "{}")
			if a := write(d, "acme/open", "x"); a.Code != row.want {
				t.Errorf("want %q: %s", row.want, a.All)
			}
		})
	}
}

// A dry run, and a refusal that a plan ends with, tell whether a guess at what is
// stored is right: that is a reading.
func TestFlow_WhatAPlanTellsIsAReading(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(d *gatetest.Door) gatetest.Answer{
		"a dry run": func(d *gatetest.Door) gatetest.Answer {
			return d.Ask("create_comment", map[string]any{"repo": "acme/closed", "text": "x", "dry_run": true})
		},
		"a refusal": func(d *gatetest.Door) gatetest.Answer { return write(d, "acme/closed", "conflict") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			tool := writer()
			prepare := tool.Prepare
			tool.Prepare = func(raw json.RawMessage) (gate.Prepared, error) {
				p, err := prepare(raw)
				if plan := p.Plan; err == nil && p.Written[0].Text == "conflict" {
					p.Plan = func(ctx context.Context, v *gate.Visit) (*gate.Plan, error) {
						_, _ = plan(ctx, v)
						return nil, gate.Refuse(gate.Conflict, "It is not what you think it is.")
					}
				}
				return p, err
			}
			d := f.open(t, "", tool)
			ask(d)
			if a := write(d, "acme/open", "x"); a.Code != gate.FlowDenied || !strings.Contains(a.All, "create_comment read acme/closed") {
				t.Error(a.All)
			}
		})
	}
}
