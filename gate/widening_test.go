package gate_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"

	gitea "aegis/forge/gitea"
)

// family is a forge of forks, of which one was forked from what policy hides, and all
// of which hold the canary.
func family() *fake {
	hidden := repository("acme/hr-people")
	issue := func(name string) record {
		return record{"number": 1, "title": "canary", "repository": record{"id": idOf(name), "full_name": name}}
	}
	return newFake(record{
		"/repos/acme/app":               repository("acme/app", forkOf(repository("base/app", forkOf(hidden)))),
		"/repos/acme/own":               repository("acme/own"),
		"/repos/base/app":               repository("base/app", forkOf(hidden)),
		"/repos/elsewhere/own":          repository("elsewhere/own", forkOf(hidden)),
		"/repos/stranger/own":           repository("stranger/own"),
		"/repos/base/app/issues/1":      issue("base/app"),
		"/repos/elsewhere/own/issues/1": issue("elsewhere/own"),
		"/repos/stranger/own/issues/1":  issue("stranger/own"),
		"/repos/issues/search":          []record{issue("acme/hr-people")},
	})
}

// What the gate asks for its own judgement widens nothing for the handler that made it
// ask, and a call of one repository asks for no list of others.
func TestI13_WhatTheGateLooksUpIsNotTheHandlersToRead(t *testing.T) {
	t.Parallel()
	for name, attempt := range map[string]func(v *gate.Visit) error{
		"a fork's owner": func(v *gate.Visit) error {
			owner, _ := canon.ParseOwner("elsewhere")
			_, _ = v.OtherRef(owner, canon.Ref{})
			_, err := v.Gitea().Issue(repo(t, "elsewhere/own"), 1)
			return err
		},
		"an owner of something else": func(v *gate.Visit) error {
			owner, _ := canon.ParseOwner("stranger")
			_, _ = v.OtherRef(owner, canon.Ref{})
			_, err := v.Gitea().Issue(repo(t, "stranger/own"), 1)
			return err
		},
		"a record that it made up": func(v *gate.Visit) error {
			parent := &gitea.Repository{ID: 3, FullName: "elsewhere/own", Fork: true}
			v.JoinHead(v.Repo(), &gitea.PullRequest{Head: &gitea.PRBranchInfo{
				Repository: &gitea.Repository{ID: 4, FullName: "acme/made-up", Fork: true, Parent: parent},
			}})
			_, err := v.Gitea().Issue(repo(t, "elsewhere/own"), 1)
			return err
		},
		"the parent's name": func(v *gate.Visit) error {
			v.Repo().Record.Parent = &gitea.Repository{ID: 3, FullName: "elsewhere/own"}
			v.ParentName()
			_, err := v.Gitea().Issue(repo(t, "elsewhere/own"), 1)
			return err
		},
		"somebody's standing": func(v *gate.Visit) error {
			v.Repo().Name = repo(t, "elsewhere/own")
			v.HidesTextOf("somebody")
			_, err := v.Gitea().Issue(repo(t, "elsewhere/own"), 1)
			return err
		},
		"a search": func(v *gate.Visit) error {
			_, _, err := v.Gitea().SearchIssues(forge.Page{Page: 1, Limit: 30}, forge.Everywhere{State: "open"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got error
			tool := toy("get_issue", gate.Repository(repo(t, "acme/own")), func(_ context.Context, v *gate.Visit) (*gate.Result, error) {
				got = attempt(v)
				return &gate.Result{Fields: record{"x": 1}}, nil
			})
			door := gatetest.Open(t, gatetest.Config{URL: family().proxy(t).URL, Policy: denyHR + "untrusted: hide\n", Tools: []tools.Tool{tool}})
			if answer := door.Ask("get_issue", `{}`); answer.IsError {
				t.Fatalf("%s", answer.Object)
			}
			if got == nil || forge.From(got).Kind != forge.Refused {
				t.Errorf("it was read: %v", got)
			}
		})
	}
}

// What a handler does to the values that it is given changes nothing of what the gate
// decides by.
func TestI13_WhatAHandlerIsGivenIsACopy(t *testing.T) {
	t.Parallel()
	f := newForum()
	var plan func(v *gate.Visit, p *gate.Plan)
	tool := tools.Tool{Tool: gate.Tool{Name: "create_comment", Capability: policy.Write, Prepare: func(json.RawMessage) (gate.Prepared, error) {
		return gate.Prepared{Target: gate.Repository(repo(t, "acme/inside")), Plan: func(_ context.Context, v *gate.Visit) (*gate.Plan, error) {
			p := &gate.Plan{
				Steps: []gate.Step{{Write: forge.CreateComment(repo(t, "acme/open"), 3, "x")}}, Effect: record{},
				Answer: func([]json.RawMessage) (any, error) { return record{}, nil },
			}
			plan(v, p)
			return p, nil
		}}, nil
	}}}
	door := gatetest.Open(t, gatetest.Config{
		URL: f.proxy(t).URL, Write: true, Repos: []canon.Repo{repo(t, "acme/inside"), repo(t, "acme/open")}, Tools: []tools.Tool{tool},
		Policy: "version: 1\nrepositories:\n  \"acme/inside\": {write: allow}\n",
	})
	for name, widen := range map[string]func(v *gate.Visit, p *gate.Plan){
		"another name": func(v *gate.Visit, _ *gate.Plan) {
			v.Repo().Name, v.Repo().ID = repo(t, "acme/open"), 1
			v.Repo().Record.ID, v.Repo().Record.FullName = 1, "acme/open"
		},
		"another source": func(_ *gate.Visit, p *gate.Plan) {
			p.From = []*gate.Resolved{{Name: repo(t, "acme/open"), Visibility: gate.Public}}
			p.Steps[0].Write = forge.CreateComment(repo(t, "acme/inside"), 3, "x")
		},
	} {
		plan = widen
		if answer := door.Ask("create_comment", `{}`); !answer.IsError || answer.Code != gate.Internal {
			t.Errorf("%s: %s", name, answer.Object)
		}
	}
	if n := f.written.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A reader that is kept is of no use: no request of it leaves once the result is
// complete, one that is under way ends, and it takes no memory from others.
func TestI13_AReaderThatIsKeptIsOfNoUse(t *testing.T) {
	t.Parallel()
	began, gone := make(chan struct{}), make(chan error, 1)
	f := newFake(nil)
	f.before = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/issues/1") {
			close(began)
			<-r.Context().Done()
		}
	}
	var kept *forge.Reader
	tool := toy("get_issue", gate.Repository(repo(t, "acme/app")), func(_ context.Context, v *gate.Visit) (*gate.Result, error) {
		kept = v.Gitea()
		go func() {
			_, err := kept.Issue(repo(t, "acme/app"), 1)
			gone <- err
		}()
		<-began
		return &gate.Result{Fields: record{"x": 1}}, nil
	})
	door := gatetest.Open(t, gatetest.Config{URL: f.proxy(t).URL, Tools: []tools.Tool{tool}, Timeout: time.Hour})
	if answer := door.Ask("get_issue", `{}`); answer.IsError {
		t.Fatalf("%s", answer.Object)
	}
	if err := <-gone; err == nil {
		t.Error("it was answered")
	}
	if _, err := kept.Issue(repo(t, "acme/app"), 1); forge.From(err).Kind != forge.Refused {
		t.Errorf("asked afterwards: %v", err)
	}
}
