package clienttest

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"aegis/internal/sampleforge"
)

// shownForm is a form as a client's library hands it to the program that shows
// it.
type shownForm struct {
	Mode            string `json:"mode"`
	Message         string `json:"message"`
	RequestedSchema struct {
		Properties map[string]struct {
			Type    string `json:"type"`
			Default *bool  `json:"default"`
		} `json:"properties"`
		Required []string `json:"required"`
	} `json:"requestedSchema"`
}

// approving is a policy that wants a human's approval.
const approving = `version: 1
repositories:
  "acme/website": {write: allow, approve: [create_comment]}
`

// The user of a client is shown what is about to happen; it happens, once, if
// they say yes in so many words.
func TestUsersAreAsked(t *testing.T) {
	t.Parallel()
	program := setup(t)
	comment := func(body string) call {
		return call{"create_comment", arguments{"owner": "acme", "repo": "website", "number": 1, "body": body}}
	}
	for _, library := range libraries {
		t.Run(library.name, func(t *testing.T) {
			t.Parallel()
			forge, posts := writableForge(t)
			folder := t.TempDir()
			policy, log := filepath.Join(folder, "policy.yaml"), filepath.Join(folder, "audit.jsonl")
			if err := os.WriteFile(policy, []byte(approving), 0o600); err != nil {
				t.Fatal(err)
			}
			p := plan{
				Command: program.aegis,
				Args:    []string{"--stdio"},
				Env: map[string]string{
					"AUDIT_LOG_PATH": log, "POLICY_FILE_PATH": policy, "HOME": folder, "GITEA_URL": forge, "GITEA_TOKEN": sampleforge.DemoToken(),
					"WRITE_MODE": "true", "WRITE_REPOSITORY_WHITELIST": "acme/website",
				},
				Calls: []call{comment("the first"), comment("the second"), comment("the third"), comment("the fourth"), comment("the fifth")},
			}
			for _, answer := range []string{
				`{"action":"accept","content":{"approve":true}}`,
				`{"action":"decline"}`,
				`{"action":"cancel"}`,
				`{"action":"accept","content":{"approve":false}}`,
				`{"action":"accept","content":{"approve":true}}`,
			} {
				p.Human = append(p.Human, json.RawMessage(answer))
			}
			seen := play(t, program, library.script, library.negotiate, p)
			if seen.Era != library.era || len(seen.Forms) != 5 || len(seen.Calls) != 5 {
				t.Fatalf("era %s, %d forms, %d calls", seen.Era, len(seen.Forms), len(seen.Calls))
			}
			for i, o := range seen.Calls {
				checkForm(t, seen.Forms[i], p.Calls[i].Arguments["body"].(string))
				if i == 0 || i == 4 {
					if o.Result == nil || o.Result.IsError {
						t.Errorf("call %d: %+v; want an answer", i+1, o)
					}
					continue
				}
				checkRefused(t, o.Result, "approval_declined")
			}
			if n := posts.Load(); n != 2 {
				t.Errorf("%d comments were written; want 2", n)
			}
			checkDecisions(t, log, 5, 3)

			p.Human, p.Calls = nil, p.Calls[:1]
			seen = play(t, program, library.script, library.negotiate, p)
			if len(seen.Calls) != 1 {
				t.Fatalf("%d calls", len(seen.Calls))
			}
			checkRefused(t, seen.Calls[0].Result, "approval_unavailable")
			if n := posts.Load(); n != 2 {
				t.Errorf("%d comments were written; want 2", n)
			}
		})
	}
}

// checkForm: it says what would be written and where, and has one empty box.
func checkForm(t *testing.T, form shownForm, body string) {
	t.Helper()
	for _, part := range []string{"create_comment", "acme/website", body} {
		if !strings.Contains(form.Message, part) {
			t.Errorf("the form does not say %q: %q", part, form.Message)
		}
	}
	box, ok := form.RequestedSchema.Properties["approve"]
	if form.Mode != "form" || !ok || box.Type != "boolean" || box.Default == nil || *box.Default ||
		len(form.RequestedSchema.Properties) != 1 || len(form.RequestedSchema.Required) != 1 {
		t.Errorf("form %+v", form)
	}
}

// checkDecisions: each question is in the log, and each no.
func checkDecisions(t *testing.T, log string, asked, declined int) {
	t.Helper()
	for _, e := range readLog(t, log) {
		if e.Decision == "ask" {
			asked--
		}
		if e.Code == "approval_declined" {
			declined--
		}
	}
	if asked != 0 || declined != 0 {
		t.Errorf("the log lacks %d questions and %d refusals", asked, declined)
	}
}

// writableForge is the sample forge, on which issue 1 of acme/website takes
// comments. They are counted and kept nowhere.
func writableForge(t *testing.T) (address string, posts *atomic.Int64) {
	t.Helper()
	forge, err := sampleforge.Start(os.DirFS("../../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	proxy, posts := proxyTo(t, forge.URL()), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/api/v1/repos/acme/website/issues/1/comments" {
			proxy.ServeHTTP(w, r)
			return
		}
		posts.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":77,"html_url":"http://127.0.0.1/acme/website/issues/1#issuecomment-77"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, posts
}

// proxyTo passes requests on to a forge. That they are given up is no news.
func proxyTo(t *testing.T, forge string) http.Handler {
	t.Helper()
	target, err := url.Parse(forge)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	return proxy
}
