package hinttest

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// race is a call between two requests of which somebody else changes something. Each is
// run in a repository of its own, which args and do are given the name of.
type race struct {
	name   string
	set    func(g *ground, path string) // makes what the call is about; nil is nothing more
	tool   string
	args   string // begins with a comma
	before func(*http.Request) bool
	do     func(g *ground, d *gatetest.Door, path string)
	code   string
	hint   string
	then   []step // whose args begin with a comma, too; without a tool it is the call itself
}

// run runs races, one after the other, by a door that each finds as if nobody had come
// through it. What it does after the disturbance nobody disturbs any more.
func (g *ground) run(policy string, races ...race) {
	g.Helper()
	var names []string
	for _, r := range races {
		names = append(names, r.name)
	}
	proxy := g.s.Proxy(g)
	d := g.doorTo(proxy.URL, policy, names...)
	d.Human = func(string) bool { return true }
	for _, r := range races {
		if r.set == nil {
			r.set = (*ground).prepared
		}
		r.set(g, r.name)
		d.Anew()
		var mu sync.Mutex // held while what comes between happens
		done := new(atomic.Bool)
		proxy.Rewrite = func(req *http.Request) http.Handler {
			if done.Load() { // what comes between may ask by itself
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if !done.Load() && r.before(req) {
				done.Store(true)
				r.do(g, d, "/repos/acme/"+r.name)
			}
			return nil
		}
		g.walk(d, r.trail())
		if !done.Load() {
			g.Errorf("%s, %s: nothing came between", r.name, r.tool)
		}
	}
}

// trail is the race's, with whole arguments.
func (r race) trail() trail {
	t := trail{step{r.tool, in(r.name, r.args), r.code}, r.hint, nil}
	for _, next := range r.then {
		if next.tool == "" {
			next.tool, next.args = r.tool, r.args
		}
		t.then = append(t.then, step{next.tool, in(r.name, next.args), next.code})
	}
	return t
}

// prepared makes a repository with a branch topic that is ahead, and an issue.
func (g *ground) prepared(name string) {
	g.Helper()
	path := g.repo(name, nil)
	g.branch(path, "topic")
	g.commit(path, "topic", "new.txt", "new\n")
	g.keeper("POST", path+"/issues", object{"title": "an issue"}, nil)
}

// anew removes the repository, and makes another under its name.
func anew(g *ground, _ *gatetest.Door, path string) {
	g.keeper("DELETE", path, nil, nil)
	g.repo(path[len("/repos/acme/"):], nil)
}

// sends is what somebody else sends below the repository.
func sends(method, below string, body any) func(*ground, *gatetest.Door, string) {
	return func(g *ground, _ *gatetest.Door, path string) { g.keeper(method, path+below, body, nil) }
}

// commits is a commit of somebody else's.
func commits(branch, file string) func(*ground, *gatetest.Door, string) {
	return func(g *ground, _ *gatetest.Door, path string) { g.commit(path, branch, file, "by another\n") }
}

// racesOfReads are those of which the call that comes too late has found nothing.
func racesOfReads(g *ground) {
	g.run(open, []race{
		{name: "race-status", tool: "get_commit_status", args: `,"ref":"main"`, before: nth(1, "/status"), do: anew,
			code: "not_found", hint: "list_commits tells which there are", then: []step{{"list_commits", "", ""}}},
		{name: "race-compare", tool: "compare_refs", args: `,"base":"main","head":"topic"`, before: below("/compare/"), do: anew,
			code: "not_found", hint: "list_commits tells which there are", then: []step{{"list_commits", "", ""}}},
		{name: "race-archive", tool: "search_code", args: `,"query":"x","ref":"topic"`, before: below("/archive/"), do: sends("DELETE", "", nil),
			code: "not_found", hint: "get_repository tells whether", then: []step{{"get_repository", "", "not_found"}}},
		{name: "race-renamed", tool: "create_branch", args: `,"branch":"brought","from":"refs/tags/v1"`, before: nth(1, "/branches/main"), do: sends("PATCH", "/branches/main", object{"name": "trunk"}),
			set: func(g *ground, name string) { // a commit that only a tag leads to
				g.prepared(name)
				path := "/repos/acme/" + name
				g.keeper("POST", path+"/tags", object{"tag_name": "v1", "target": "topic"}, nil)
				g.keeper("DELETE", path+"/branches/topic", nil, nil)
			},
			code: "not_found", hint: "list_branches tells which there are", then: []step{{"list_branches", "", ""}, {}}},
	}...)
}

// below is for [race.before]: the first request whose path has a part.
func below(part string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.Contains(r.URL.Path, part) }
}

// racesOfFlow are those with what the caller itself reads, and with the policy.
func racesOfFlow(g *ground) {
	asks := open + "flow: {private_to_public: ask}\n"
	g.run(asks,
		race{name: "race-flow", set: func(g *ground, name string) { g.repo(name, object{"private": false}) },
			tool: "create_issue", args: `,"title":"t"`, before: nth(2, "/race-flow"),
			do: func(g *ground, d *gatetest.Door, _ string) {
				if a := d.Ask("get_file_contents", in("sandbox", `,"path":"README.md"`)); a.IsError {
					g.Errorf("%s", a.Object)
				}
			},
			code: "flow_denied", hint: "Make the call again: a human will be asked", then: []step{{}}},
		race{name: "race-policy", tool: "create_issue", args: `,"title":"t"`, before: nth(2, "/race-policy"),
			do: func(g *ground, d *gatetest.Door, _ string) {
				if err := os.WriteFile(d.Policy, []byte(asks+"paths: {deny: [\"private/**\"]}\n"), 0o600); err != nil {
					g.Error(err)
				}
			},
			code: "conflict", hint: "Make the call again: it will be decided by the new policy", then: []step{{}}})
}

// lost is a write of which nobody knows what became.
func lost(g *ground) {
	g.prepared("race-lost")
	proxy, done := g.s.Proxy(g), new(atomic.Bool)
	proxy.Rewrite = func(r *http.Request) http.Handler {
		if writing(r) && done.CompareAndSwap(false, true) {
			return giteatest.Drop
		}
		return nil
	}
	d := g.doorTo(proxy.URL, open, "race-lost")
	call := in("race-lost", `,"title":"one more"`)
	g.walk(d, trail{step{"create_issue", call, "outcome_unknown"}, "Read the newest issues of acme/race-lost", []step{
		{"list_issues", in("race-lost", ""), ""}, {"create_issue", call, ""}}})
	if rows := d.Ask("list_issues", in("race-lost", "")).Items(); len(rows) != 2 {
		g.Errorf("%d issues: %v", len(rows), rows)
	}
}
