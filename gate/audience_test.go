package gate_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// What Gitea answers somebody without a token tells whether a private repository shows
// anything to everybody. In doubt it does.
func TestAudience_IsAskedWithoutAToken(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		record, version int // statuses
		shown           bool
	}{
		"nothing is open":              {404, 200, false},
		"a unit is open":               {403, 200, true},
		"all of it is":                 {200, 200, true},
		"nobody is answered anything":  {403, 403, false},
		"nobody is let in":             {401, 401, false},
		"a page to sign in at":         {302, 302, false},
		"Gitea fails":                  {500, 200, true},
		"Gitea fails at the second":    {403, 500, true},
		"it says that it is elsewhere": {301, 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			asked := 0
			answer := func(path string, status int, body any) {
				known := f.records[path]
				f.records[path] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Authorization") != "" {
						(&fake{records: map[string]any{path: known}}).ServeHTTP(w, r)
						return
					}
					asked++
					switch status {
					case 301:
						w.Header().Set("Location", "/api/v1/repos/acme/elsewhere")
					case 302:
						w.Header().Set("Location", "/login")
					case 200:
						(&fake{records: map[string]any{path: body}}).ServeHTTP(w, r)
						return
					}
					http.Error(w, `{"message":"","url":""}`, status)
				})
			}
			answer("/repos/acme/closed", row.record, f.records["/repos/acme/closed"])
			answer("/version", row.version, record{"version": "1.26.0"})
			d := gatetest.Open(t, gatetest.Config{
				URL: f.proxy(t).URL, Token: "0123456789abcdef0123456789abcdef01234567", Write: true,
				Policy: "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n",
				Repos:  []canon.Repo{repo(t, "acme/closed")}, Tools: []tools.Tool{reader(), writer()},
			})
			if a := write(d, "acme/closed", "x"); a.IsError || asked > 0 {
				t.Errorf("nothing was read: asked %d times, %s", asked, a.All)
			}
			read(t, d, "acme/closed")
			a := write(d, "acme/closed", "x")
			if (a.Code == gate.FlowDenied) != row.shown || a.IsError != row.shown || asked == 0 {
				t.Errorf("asked %d times, %s", asked, a.All)
			}
		})
	}
}

// Who wrote what was read is remembered up to a bound; beyond it they are strangers.
func TestFlow_AuthorsAreBounded(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		authors int
		policy  string
		want    gate.Code
	}{
		"a few":          {10, "flow: {untrusted_to_write: deny}\n", ""},
		"too many":       {1001, "flow: {untrusted_to_write: deny}\n", gate.FlowDenied},
		"that none asks": {1001, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			var writers []record
			var list gate.List
			for i := range row.authors {
				login := fmt.Sprintf("writer-%d", i)
				writers = append(writers, record{"login": login})
				list.Rows = append(list.Rows, gate.Row{Value: letter{strings.ToUpper(login)}})
			}
			f.records["/repos/acme/open/assignees"] = writers
			shown := reader()
			shown.Prepare = listing(repo(t, "acme/open"), list)
			d := gatetest.Open(t, gatetest.Config{
				URL: f.proxy(t).URL, Policy: "version: 1\nrepositories: {\"acme/*\": {write: allow}}\n" + row.policy,
				Write: true, Repos: []canon.Repo{repo(t, "acme/open")}, Tools: []tools.Tool{shown, writer()},
			})
			if a := d.Ask("get_issue", "{}"); a.IsError {
				t.Fatal(a.All)
			}
			if a := write(d, "acme/open", "x"); a.Code != row.want {
				t.Errorf("want %q: %s", row.want, a.All)
			}
		})
	}
}
