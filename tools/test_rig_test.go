package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/internal/race"
	"aegis/tools"
)

// testRig is a door that one tool is called through, before a forge in which a test
// can intervene.
type testRig struct {
	*gatetest.Door
	t     *testing.T
	tool  tools.Tool
	forge *giteatest.Proxy
	base  http.Handler // the forge without interventions
	kill  string       // the kill switch's file

	mu   sync.Mutex
	hook func(*http.Request) http.Handler
}

// intervene answers each request from now on in the forge's place, unless hook
// returns nil; it is called for one after the other. A nil hook leaves all to the
// forge.
func (tr *testRig) intervene(hook func(*http.Request) http.Handler) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.hook = hook
}

func (tr *testRig) intervention(r *http.Request) http.Handler {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.hook == nil {
		return nil
	}
	return tr.hook(r)
}

// unplanted is the sample forge as it is.
func unplanted(t *testing.T) http.Handler {
	t.Helper()
	return planted(t, nil, func(body []byte) []byte { return body }, canary)
}

// try opens a door for a tool. change may change what it is opened with.
func try(t *testing.T, base http.Handler, tool tools.Tool, change func(*gatetest.Config)) *testRig {
	t.Helper()
	forge := giteatest.NewProxyTo(t, base)
	config := opened(t, tool, gatetest.Config{URL: forge.URL, Kill: filepath.Join(t.TempDir(), "STOP")})
	if change != nil {
		change(&config)
	}
	tr := &testRig{Door: gatetest.Open(t, config), t: t, tool: tool, forge: forge, base: base, kill: config.Kill}
	forge.Rewrite = tr.intervention
	return tr
}

// call makes the sample call, or one of the arguments given, and forgets what was
// sent before.
func (tr *testRig) call(args ...string) gatetest.Answer {
	tr.t.Helper()
	tr.forge.Reset()
	if args == nil {
		args = []string{samples[tr.tool.Name]}
	}
	return tr.Ask(tr.tool.Name, args[0])
}

// rehearsal returns the sample with dry_run.
func (tr *testRig) rehearsal() string {
	return strings.TrimSuffix(samples[tr.tool.Name], "}") + `,"dry_run":true}`
}

// refused holds an answer to a refusal by code, of which the forge saw so many
// requests that change something, and the log just one entry.
func (tr *testRig) refused(what string, answer gatetest.Answer, code gate.Code, sent int) {
	tr.t.Helper()
	if answer.Code != code || !answer.IsError {
		tr.t.Errorf("%s: want %s: %s", what, code, answer.Object)
		return
	}
	if writes := writesOf(tr.forge.Requests()); len(writes) != sent {
		tr.t.Errorf("%s: %d requests that change something were sent, want %d: %v", what, len(writes), sent, writes)
	}
	tr.logged(what, answer, code, sent)
}

// denied is refused for what is decided before Gitea is asked at all.
func (tr *testRig) denied(what string, answer gatetest.Answer, code gate.Code) {
	tr.t.Helper()
	tr.refused(what, answer, code, 0)
	if requests := tr.forge.Requests(); len(requests) > 0 {
		tr.t.Errorf("%s: Gitea was asked: %s %s", what, requests[0].Method, requests[0].Path)
	}
}

// logged holds the log to it that the call ended once, with a code, and that each
// request was announced.
func (tr *testRig) logged(what string, answer gatetest.Answer, code gate.Code, sent int) {
	tr.t.Helper()
	coded, announced, ended := 0, 0, false
	for _, entry := range tr.Entries() {
		if entry["call"] != answer.Call {
			continue
		}
		if ended {
			tr.t.Errorf("%s: an entry after the last: %v", what, entry)
		}
		if entry["code"] != nil {
			coded++
			if entry["code"] != string(code) {
				tr.t.Errorf("%s: want %s: %v", what, code, entry)
			}
		}
		if entry["stage"] == "resolved" && entry["decision"] == "allow" {
			announced++
		}
		if entry["capability"] != tr.tool.Capability.String() && entry["tool"] == tr.tool.Name {
			tr.t.Errorf("%s: another capability: %v", what, entry)
		}
		ended = entry["kind"] == "outcome" || entry["decision"] == "deny"
	}
	if want := min(len(string(code)), 1); coded != want || !ended || announced != sent {
		tr.t.Errorf("%s: %d entries with a code, want %d; ended: %v; %d requests were announced, want %d", what, coded, want, ended, announced, sent)
	}
}

// succeeded holds an answer to success, with so many requests.
func (tr *testRig) succeeded(what string, answer gatetest.Answer, sent int) {
	tr.t.Helper()
	if answer.IsError || answer.Ask != nil {
		tr.t.Errorf("%s: %s", what, answer.Object)
		return
	}
	if writes := writesOf(tr.forge.Requests()); len(writes) != sent {
		tr.t.Errorf("%s: %d requests that change something, want %d: %v", what, len(writes), sent, writes)
	}
	tr.logged(what, answer, "", sent)
}

// course is what a sample call sends.
type course struct {
	before int    // how many requests only ask, until the first that changes something
	looks  []look // at the repository, until the last that does, but for the very first
	steps  []string
}

// look is a request for the repository's record: the how manieth of those that
// only ask, from 1, and how many that change something came before.
type look struct{ n, sent int }

func (tr *testRig) course() (c course) {
	tr.t.Helper()
	if answer := tr.call(); answer.IsError {
		tr.t.Fatalf("%s", answer.Object)
	}
	asked := 0
	var looks []look
	for _, r := range tr.forge.Requests() {
		if !reads(r.Method) {
			c.steps, c.looks = append(c.steps, r.Method), looks
			continue
		}
		asked++
		if len(c.steps) == 0 {
			c.before++
		}
		if r.Path == "/api/v1/repos/"+writable {
			looks = append(looks, look{asked, len(c.steps)})
		}
	}
	if len(c.looks) <= len(c.steps) {
		tr.t.Fatalf("the repository is to be looked at once at first, and before each request that changes something: %+v", c)
	}
	c.looks = c.looks[1:]
	return c
}

// at intervenes when the nth request that only asks comes, from 1, and if still
// at all that follow as well. nil takes the intervention back.
func (tr *testRig) at(n int, still bool, instead func(*http.Request) http.Handler) {
	seen := 0
	tr.intervene(nil)
	if instead == nil {
		return
	}
	tr.intervene(func(r *http.Request) http.Handler {
		if reads(r.Method) {
			seen++
			if seen == n || still && seen > n {
				return instead(r)
			}
		}
		return nil
	})
}

// atStep intervenes in the nth request that changes something, from 1.
func (tr *testRig) atStep(n int, instead http.Handler) {
	seen := 0
	tr.intervene(func(r *http.Request) http.Handler {
		if !reads(r.Method) {
			if seen++; seen == n {
				return instead
			}
		}
		return nil
	})
}

// always is an intervention that is the same for all requests.
func always(handler http.Handler) func(*http.Request) http.Handler {
	return func(*http.Request) http.Handler { return handler }
}

// answering is a handler of one answer.
func answering(status int, kind, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// received is a handler that reads a request whole before another answers: what
// Gitea got, and perhaps did.
func received(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		next.ServeHTTP(w, r)
	})
}

// hanging is a handler that never answers.
var hanging = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })

// givenUp makes a call that is given up as soon as a handler, which is handed to
// the intervention, is asked: it does not answer.
func (tr *testRig) givenUp(intervene func(hanging http.Handler)) gatetest.Answer {
	tr.t.Helper()
	ctx, cancel := context.WithCancel(tr.t.Context())
	defer cancel()
	intervene(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		hanging(w, r)
	}))
	tr.forge.Reset()
	return tr.AskContext(ctx, tr.tool.Name, samples[tr.tool.Name])
}

// some are the numbers from 1 to n, or the first and the last of them where there
// is little time. The race detector sees nothing more in the others.
func some(n int) (all []int) {
	for i := 1; i <= n; i++ {
		if !testing.Short() && !race.On || i == 1 || i == n {
			all = append(all, i)
		}
	}
	return all
}

// altered is an intervention in the repository's record; other requests pass.
func (tr *testRig) altered(change func(record object)) func(*http.Request) http.Handler {
	return func(r *http.Request) http.Handler {
		if r.URL.Path != "/api/v1/repos/"+writable {
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorder := httptest.NewRecorder()
			tr.base.ServeHTTP(recorder, r)
			var record object
			decoder := json.NewDecoder(recorder.Body)
			decoder.UseNumber()
			if err := decoder.Decode(&record); err != nil {
				tr.t.Error(err)
			}
			change(record)
			maps.Copy(w.Header(), recorder.Header())
			w.Header().Del("Content-Length")
			_ = json.NewEncoder(w).Encode(record)
		})
	}
}

// holds reports whether anything that left, but for the forge, holds a text.
func (tr *testRig) holds(answer gatetest.Answer, text string) bool {
	tr.t.Helper()
	log, err := os.ReadFile(tr.Log)
	if err != nil {
		tr.t.Fatal(err)
	}
	return strings.Contains(answer.All, text) || bytes.Contains(log, []byte(text)) || strings.Contains(tr.Stderr.String(), text)
}
