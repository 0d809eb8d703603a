package gate_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

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

// letter is what somebody wrote.
type letter struct {
	By string `json:"author"`
}

func (l letter) Author() string { return l.By }

func (letter) Hide() {}

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
