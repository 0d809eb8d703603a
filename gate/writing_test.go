package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
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

// A session that has made its writes makes no more, however many come at once; what it
// only rehearses does not count.
func TestWritesOfASessionAreCounted(t *testing.T) {
	t.Parallel()
	f := newForum()
	d := f.open(t, "limits: {writes_per_session: 3, calls_per_minute: 1000}\n")
	for range 5 {
		if a := d.Ask("create_comment", map[string]any{"repo": "acme/open", "text": "x", "dry_run": true}); a.IsError {
			t.Fatal(a.All)
		}
	}
	var all sync.WaitGroup
	var made atomic.Int32
	for range 12 {
		all.Go(func() {
			if a := write(d, "acme/open", "x"); !a.IsError {
				made.Add(1)
			} else if a.Refusal()["rule"] != "limits.writes_per_session" || a.Code != gate.RateLimited {
				t.Error(a.All)
			}
		})
	}
	all.Wait()
	if made.Load() != 3 || f.written.Load() != 3 {
		t.Errorf("%d writes were answered, %d made", made.Load(), f.written.Load())
	}
	read(t, d, "acme/open")
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
