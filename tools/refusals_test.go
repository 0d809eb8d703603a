package tools_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// The other class than a tool's own.
var otherClass = map[policy.Capability]string{policy.Write: "automation", policy.Automation: "write"}

const other = "acme/playground" // public, too

func repoOf(t *testing.T, fullName string) canon.Repo {
	t.Helper()
	repo, err := canon.ParseFullName(fullName)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// every runs a test for each tool that changes something, over a forge that they
// share.
func every(t *testing.T, test func(t *testing.T, base http.Handler, tool tools.Tool)) {
	t.Helper()
	base := unplanted(t)
	for _, tool := range changing() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			test(t, base, tool)
		})
	}
}

// What is decided before Gitea is asked is decided for every tool that changes
// something, is recorded once, and lets no request out.
func TestI8_WithoutAKeyNothingIsAsked(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	section := func(more string) string {
		return "version: 1\nrepositories:\n  \"" + writable + "\": {" + more + "}\n"
	}
	for _, tool := range changing() {
		own, foreign := tool.Capability.String(), otherClass[tool.Capability]
		into := func(owner, repo string) string {
			var args map[string]json.RawMessage
			if err := json.Unmarshal([]byte(samples[tool.Name]), &args); err != nil {
				t.Fatal(err)
			}
			args["owner"], args["repo"] = quoted(owner), quoted(repo)
			raw, _ := json.Marshal(args)
			return string(raw)
		}
		another := "create_label"
		if tool.Name == another {
			another = "create_issue"
		}
		anywhere := "version: 1\nrepositories: {\"*/*\": {write: allow, automation: allow, branches: {allow: [\"**\"]}}}\n"
		for name, c := range map[string]struct {
			code   gate.Code
			policy string
			change func(*gatetest.Config)
			before func(*testRig)
			args   string
		}{
			"no write mode":                {code: gate.WriteModeOff, change: func(c *gatetest.Config) { c.Write = false }},
			"killed":                       {code: gate.Killed, before: func(tr *testRig) { tr.pull() }},
			"killed, and no write mode":    {code: gate.Killed, before: func(tr *testRig) { tr.pull() }, change: func(c *gatetest.Config) { c.Write = false }},
			"calls a minute":               {code: gate.RateLimited, policy: opening + "limits: {calls_per_minute: 1}\n", before: func(tr *testRig) { tr.Ask("get_me", "{}") }},
			"calls a minute of the tool":   {code: gate.RateLimited, policy: opening + "limits: {calls_per_minute_per_tool: 1}\n", before: func(tr *testRig) { tr.call(tr.rehearsal()) }},
			"bytes a session":              {code: gate.RateLimited, policy: opening + "limits: {bytes_per_session: 1}\n", before: func(tr *testRig) { tr.Ask("get_me", "{}") }},
			"policy is silent":             {code: gate.PolicyDenied, policy: "version: 1\n"},
			"policy opens the other class": {code: gate.PolicyDenied, policy: section(foreign + ": allow")},
			"policy opens another":         {code: gate.PolicyDenied, policy: strings.Replace(opening, writable, other, 1)},
			"policy denies the class":      {code: gate.PolicyDenied, policy: strings.Replace(opening, writable, "*/website", 1) + "  \"acme/*\": {" + own + ": deny}\n"},
			"policy denies the tool":       {code: gate.PolicyDenied, policy: opening + "tools: {deny: [" + tool.Name + "]}\n"},
			"a section denies the tool":    {code: gate.PolicyDenied, policy: opening + "  \"*/website\": {tools: {deny: [" + tool.Name + "]}}\n"},
			"policy allows others only":    {code: gate.PolicyDenied, policy: opening + "tools: {allow: [get_me, " + another + "]}\n"},
			"a section allows others only": {code: gate.PolicyDenied, policy: section(own + ": allow, tools: {allow: [get_issue, " + another + "]}")},
			"empty whitelist":              {code: gate.NotWhitelisted, change: func(c *gatetest.Config) { c.Repos = nil }},
			"another on the whitelist":     {code: gate.NotWhitelisted, change: func(c *gatetest.Config) { c.Repos = []canon.Repo{repoOf(t, other)} }},
			"another repository":           {code: gate.NotWhitelisted, policy: anywhere, args: into("acme", "playground")},
			"another, in capitals":         {code: gate.NotWhitelisted, policy: anywhere, args: into("ACME", "Playground")},
			"a longer name":                {code: gate.NotWhitelisted, policy: anywhere, args: into("acme", "website2")},
			"a shorter name":               {code: gate.NotWhitelisted, policy: anywhere, args: into("acme", "websit")},
			"a former name":                {code: gate.NotWhitelisted, policy: anywhere, args: into("acme", "old-name")},
			"another owner":                {code: gate.NotWhitelisted, policy: anywhere, args: into("agent", "website")},
			"the name as a pattern":        {code: gate.InvalidArguments, policy: anywhere, args: into("acme", "*")},
			"nothing":                      {code: gate.InvalidArguments, args: "{}"},
		} {
			t.Run(tool.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				tr := try(t, base, tool, func(config *gatetest.Config) {
					if c.policy != "" {
						config.Policy = c.policy
					}
					if c.change != nil {
						c.change(config)
					}
				})
				if c.before != nil {
					c.before(tr)
				}
				args := c.args
				if args == "" {
					args = samples[tool.Name]
				}
				answer := tr.call(args)
				tr.denied(name, answer, c.code)
				if rule, _ := answer.Refusal()["rule"].(string); rule == "" && c.code != gate.InvalidArguments {
					t.Errorf("no rule is named: %s", answer.Object)
				}
				if c.code == gate.WriteModeOff && tr.Gate.Offers(tr.Caller)(tool.Name, tool.Capability) {
					t.Error("it is offered without write mode")
				}
				dry := strings.TrimSuffix(args, "}") + `,"dry_run":true}`
				if args == "{}" {
					dry = `{"dry_run":true}`
				}
				tr.denied(name+", a dry run", tr.call(dry), c.code)
			})
		}
	}
}

// pull pulls the kill switch.
func (tr *testRig) pull() {
	if err := os.WriteFile(tr.kill, nil, 0o600); err != nil {
		tr.t.Error(err)
	}
}

// The name on the whitelist is one repository's, in whatever case it is asked for.
func TestI8_TheWhitelistIsOfRepositoriesNotOfSpellings(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	for _, tool := range changing() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			tr := try(t, base, tool, nil)
			answer := tr.call(strings.Replace(samples[tool.Name], `"owner":"acme","repo":"website"`, `"owner":"ACME","repo":"WebSite"`, 1))
			if answer.IsError {
				t.Fatalf("%s", answer.Object)
			}
			for _, r := range tr.forge.Requests() {
				if !strings.HasPrefix(r.Path, "/api/v1/repos/"+writable) && r.Path != "/api/v1/user" && r.Path != "/api/v1/orgs/acme/labels" {
					t.Errorf("asks for %s", r.Path)
				}
			}
		})
	}
}

// Whatever goes wrong while Gitea is asked ends the call before anything is sent:
// at each request that only asks.
func TestWrites_AnythingWrongBeforeIsNoWrite(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	wrong := []struct {
		name    string
		code    gate.Code
		handler http.Handler
	}{
		{"401", gate.GiteaUnauthorized, answering(401, "application/json", `{"message":"no"}`)},
		{"403", gate.GiteaForbidden, answering(403, "application/json", `{"message":"no"}`)},
		{"500", gate.GiteaError, answering(500, "application/json", `{"message":"no"}`)},
		{"429", gate.GiteaError, answering(429, "text/plain", `slow down`)},
		{"a page", gate.GiteaError, answering(200, "text/html", `<html>log in</html>`)},
		{"half an answer", gate.GiteaError, answering(200, "application/json", `{"id":`)},
		{"no answer", gate.GiteaUnreachable, giteatest.Drop},
		{"301", gate.Moved, http.RedirectHandler("/api/v1/repos/"+other, http.StatusMovedPermanently)},
		{"307", gate.Moved, http.RedirectHandler("/api/v1/repos/"+other, http.StatusTemporaryRedirect)},
		{"too much", gate.TooLarge, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "21000000")
			_, _ = w.Write([]byte("["))
		})},
	}
	for _, tool := range changing() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			tr := try(t, base, tool, nil)
			course := tr.course()
			for _, n := range some(course.before) {
				for _, w := range wrong {
					tr.at(n, w.name == "no answer", always(w.handler)) // a request that only asks may be tried again
					answer := tr.call()
					asked := tr.forge.Requests()
					path := asked[min(n, len(asked))-1].Path
					what := w.name + " at " + path
					if strings.HasPrefix(path, "/api/v1/orgs/") && (w.code == gate.GiteaUnauthorized || w.code == gate.GiteaForbidden) {
						if answer.IsError { // a token may read no labels of organizations: the repository's own have to do
							t.Errorf("%s: %s", what, answer.Object)
						}
						continue
					}
					code := w.code
					if code == gate.Moved && !strings.Contains(what, "/repos/") { // only repositories move
						code = gate.GiteaError
					}
					tr.refused(what, answer, code, 0)
				}
			}
			tr.at(1, true, always(answering(404, "application/json", `{"message":"no","url":""}`)))
			tr.refused("nothing is there", tr.call(), gate.NotFound, 0)
		})
	}
}

// What is decided on is looked at again right before it is sent: what changes
// between any two requests is seen.
func TestWrites_WhatChangesUnderWayIsSeen(t *testing.T) {
	t.Parallel()
	base := unplanted(t)
	for _, tool := range changing() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			tr := try(t, base, tool, nil)
			course := tr.course()
			records := map[string]func(object){
				"another id":          func(r object) { r["id"] = 99 },
				"another name":        func(r object) { r["full_name"], r["name"] = other, "playground" },
				"another owner":       func(r object) { r["full_name"] = "agent/website" },
				"now private":         func(r object) { r["private"] = true },
				"now internal":        func(r object) { r["internal"] = true },
				"an owner less open":  func(r object) { r["owner"].(object)["visibility"] = "limited" },
				"another main branch": func(r object) { r["default_branch"] = "trunk" },
			}
			for _, look := range course.looks {
				for name, change := range records {
					tr.at(look.n, true, tr.altered(change))
					answer := tr.call()
					tr.refused(name, answer, gate.Moved, look.sent)
					if told := answer.Refusal()["written"] != nil; told != (look.sent > 0) {
						t.Errorf("%s: what was written is told: %v: %s", name, told, answer.Object)
					}
					if look.sent == 0 {
						tr.at(look.n, true, tr.altered(change))
						tr.refused(name+", in a dry run", tr.call(tr.rehearsal()), gate.Moved, 0)
					}
				}
			}
			for _, n := range some(course.before) {
				tr.at(n, false, func(*http.Request) http.Handler { tr.pull(); return nil })
				tr.refused("the kill switch", tr.call(), gate.Killed, 0)
				if err := os.Remove(tr.kill); err != nil {
					t.Fatal(err)
				}
				for name, now := range map[string]string{"denies": "version: 1\n", "says the same in other words": opening + "# again\n"} {
					tr.at(n, false, func(*http.Request) http.Handler { tr.rule(now); return nil })
					tr.refused("the policy "+name, tr.call(), gate.Conflict, 0)
					tr.rule(opening)
				}
			}
		})
	}
}

// rule puts another policy in force.
func (tr *testRig) rule(text string) {
	next := tr.Policy + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		tr.t.Error(err)
	}
	if err := os.Rename(next, tr.Policy); err != nil {
		tr.t.Error(err)
	}
}

// What takes no changes is told before anything is sent: Gitea itself forgets it
// for some of them.
func TestWrites_FrozenRepositories(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		tr := try(t, base, tool, nil)
		for what, change := range map[string]func(object){
			"archived": func(r object) { r["archived"] = true },
			"a mirror": func(r object) { r["mirror"] = true },
		} {
			tr.at(1, true, tr.altered(change))
			tr.refused(what, tr.call(), gate.Conflict, 0)
			tr.at(1, true, tr.altered(change))
			tr.refused(what+", in a dry run", tr.call(tr.rehearsal()), gate.Conflict, 0)
		}
	})
}

// A request is sent once. What its answer does not tell is said to be unknown.
func TestWrites_ALostAnswerIsSaidToBe(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		tr := try(t, base, tool, nil)
		course := tr.course()
		for step, method := range course.steps {
			step++ // from 1
			for what, handler := range map[string]http.Handler{
				"cut off":           giteatest.Drop,
				"500":               answering(500, "application/json", `{"message":""}`),
				"502":               answering(502, "text/html", `<html>`),
				"a page":            answering(201, "text/html", `<html>log in</html>`),
				"half an answer":    answering(201, "application/json", `{"id":`),
				"another status":    answering(202, "application/json", `{}`),
				"no length is kept": answering(206, "application/json", `{}`),
			} {
				tr.atStep(step, received(handler))
				answer := tr.call()
				if what == "500" && tool.Name == "create_branch" { // which looks whether it is there
					tr.refused(what, answer, gate.Conflict, step)
					continue
				}
				tr.refused(what, answer, gate.OutcomeUnknown, step)
				if hint, _ := answer.Refusal()["hint"].(string); !strings.Contains(hint, writable) {
					t.Errorf("%s: the hint does not say where to look: %s", what, answer.Object)
				}
			}
			answer := tr.givenUp(func(hanging http.Handler) { tr.atStep(step, received(hanging)) })
			tr.refused("given up", answer, gate.OutcomeUnknown, step)
			halfway := gate.Conflict // Gitea makes the changes of a PATCH one after the other
			if method == http.MethodPatch {
				halfway = gate.OutcomeUnknown
			}
			gone := gate.NotFound
			if tool.Name == "write_wiki_page" { // which Gitea reads anew after it was written
				gone = gate.OutcomeUnknown
			}
			for what, c := range map[string]struct {
				code    gate.Code
				handler http.Handler
			}{
				"400": {halfway, answering(400, "application/json", `{"message":"no"}`)},
				"412": {halfway, answering(412, "application/json", `{"message":"no"}`)},
				"422": {halfway, answering(422, "application/json", `{"message":"no"}`)},
				"401": {gate.GiteaUnauthorized, answering(401, "application/json", `{"message":"no"}`)},
				"403": {gate.GiteaForbidden, answering(403, "application/json", `{"message":"no"}`)},
				"404": {gone, answering(404, "application/json", `{"message":"no"}`)},
				"409": {gate.Conflict, answering(409, "application/json", `{"message":"no"}`)},
				"423": {gate.Conflict, answering(423, "application/json", `{"message":"no"}`)},
				"429": {gate.GiteaError, answering(429, "text/plain", `slow down`)},
				"301": {gate.Moved, http.RedirectHandler("/api/v1/repos/"+other, http.StatusMovedPermanently)},
				"307": {gate.Moved, http.RedirectHandler("/api/v1/repos/"+other, http.StatusTemporaryRedirect)},
			} {
				tr.atStep(step, received(c.handler))
				tr.refused(what, tr.call(), c.code, step)
			}
		}
	})
}

// What is seen after the write is told, and the write is not denied.
func TestWrites_TheGapIsTold(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, base http.Handler, tool tools.Tool) {
		tr := try(t, base, tool, nil)
		course := tr.course()
		after := func(intervene func(*http.Request) http.Handler) {
			sent := 0
			tr.intervene(func(r *http.Request) http.Handler {
				if !reads(r.Method) {
					sent++
				} else if sent == len(course.steps) {
					return intervene(r)
				}
				return nil
			})
		}
		for what, intervene := range map[string]func(*http.Request) http.Handler{
			"another id": tr.altered(func(r object) { r["id"] = 99 }),
			"public now": tr.altered(func(r object) { r["private"] = true }),
			"redirected": func(r *http.Request) http.Handler {
				if r.URL.Path == "/api/v1/repos/"+writable {
					return http.RedirectHandler("/api/v1/repos/"+other, http.StatusMovedPermanently)
				}
				return nil
			},
		} {
			after(intervene)
			answer := tr.call()
			tr.refused(what, answer, gate.Moved, len(course.steps))
			if answer.Refusal()["written"] == nil || !strings.Contains(answer.All, "This was written") {
				t.Errorf("%s: that it was written is not told: %s", what, answer.Object)
			}
			if last := tr.Entries()[len(tr.Entries())-1]; last["written"] != float64(len(course.steps)) {
				t.Errorf("%s: %v", what, last)
			}
		}
		after(always(answering(500, "text/plain", "down")))
		if answer := tr.call(); answer.IsError || answer.Fields["note"] == nil {
			t.Errorf("down after the write: %s", answer.Object)
		}
	})
}
