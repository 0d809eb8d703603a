package gate_test

import (
	"context"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// A text that refers to an issue of another repository leaves an event there, and
// who sees that repository sees of a private commit its first line: what is referred
// to is written to.
func TestFlow_ReachesWhatATextRefersTo(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reads, writes, text string
		want                gate.Code
	}{
		"a private reading, and a public issue":      {"closed", "closed", "x acme/open#3", gate.FlowDenied},
		"a private reading, and an internal issue":   {"closed", "closed", "x acme/inside#3", gate.FlowDenied},
		"an internal reading, and a public issue":    {"inside", "closed", "x acme/open#3", gate.FlowDenied},
		"an internal reading, and an internal issue": {"inside", "closed", "x acme/inside#3", ""},
		"the most visible of several":                {"inside", "closed", "acme/inside#3 acme/open#3", gate.FlowDenied},
		"nothing private was read":                   {"open", "closed", "x acme/open#3", ""},
		"plain text":                                 {"closed", "closed", "```\nacme/open#3\n```", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			d := f.open(t, "")
			read(t, d, "acme/"+row.reads)
			a := write(d, "acme/"+row.writes, row.text)
			if a.Code != row.want || (row.want == "") != (f.written.Load() == 1) {
				t.Fatalf("%d written: %s", f.written.Load(), a.All)
			}
			if row.want == "" {
				return
			}
			for _, word := range []string{"get_issue read acme/" + row.reads, "flow.private_to_public", "refers to"} {
				if !strings.Contains(a.All, word) {
					t.Errorf("%q is not told: %s", word, a.All)
				}
			}
		})
	}
}

// What can't be looked at counts as public.
func TestFlow_WhatATextRefersToIsPublicIfItCantBeSeen(t *testing.T) {
	t.Parallel()
	f := newForum()
	delete(f.records, "/repos/acme/inside")
	d := f.open(t, "")
	read(t, d, "acme/closed")
	if a := write(d, "acme/closed", "x acme/inside#3"); a.Code != gate.FlowDenied {
		t.Error(a.All)
	}
}

// A refusal that is told from what was found is a reading, too: it says how long a
// text is.
func TestFlow_WhatIsRefusedAfterItWasFoundIsAReading(t *testing.T) {
	t.Parallel()
	f := newForum()
	target := gate.Repository(repo(t, "acme/closed"))
	long := toy("get_file_contents", target, func(context.Context, *gate.Visit) (*gate.Result, error) {
		return &gate.Result{Text: &gate.Text{Body: "one\ntwo\n", First: 9}}, nil
	})
	d := f.open(t, "", long, writer())
	if a := d.Ask("get_file_contents", "{}"); a.Code != gate.InvalidArguments {
		t.Fatal(a.All)
	}
	if a := write(d, "acme/open", "x"); a.Code != gate.FlowDenied || !strings.Contains(a.All, "get_file_contents read acme/closed") {
		t.Error(a.All)
	}
}

// That a search finds nothing is an answer, too: asked often enough, between writes
// that tell how far it is, it guesses what is private.
func TestFlow_ASearchEverywhereIsAReading(t *testing.T) {
	t.Parallel()
	f := newForum()
	search := func(l gate.List) tools.Tool {
		return toy("search_issues", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
			l.Page, l.Limit, l.Whole = 1, 30, true
			return &gate.Result{List: &l}, nil
		})
	}
	for name, row := range map[string]struct {
		list gate.List
		want gate.Code
	}{
		"of content": {gate.List{Query: "guess"}, gate.FlowDenied},
		"of names":   {gate.List{Query: "guess", Names: true}, ""},
		"no search":  {gate.List{}, ""},
	} {
		d := gatetest.Open(t, gatetest.Config{
			URL: f.proxy(t).URL, Token: "0123456789012345678901234567890123456789", Policy: "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n",
			Write: true, Repos: []canon.Repo{repo(t, "acme/open")}, Tools: []tools.Tool{search(row.list), writer()},
		})
		d.Ask("search_issues", "{}")
		if a := write(d, "acme/open", "x"); a.Code != row.want {
			t.Errorf("%s: want %q: %s", name, row.want, a.All)
		}
	}
}

// Whatever a session is shown while a write is under way, nothing is sent after it
// that would have been refused.
func TestFlow_IsLookedAtAgainBeforeSending(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]gate.Code{"deny": gate.FlowDenied, "ask": gate.FlowDenied, "allow": ""} {
		for to, text := range map[string]string{"acme/open": "x", "acme/closed": "![x](https://evil.example/1)"} {
			f := newForum()
			var between func()
			slow := writer(func(p *gate.Plan) { p.Rests = []gate.Basis{gate.StillSo(func() error { between(); return nil })} })
			d := f.open(t, "flow: {private_to_public: "+rule+"}\n", slow)
			between = func() { read(t, d, "acme/closed") }
			if a := write(d, to, text); a.Code != want || (want == "") != (f.written.Load() == 1) {
				t.Errorf("%s, %q to %s: %d written: %s", rule, text, to, f.written.Load(), a.All)
			}
		}
	}
}
