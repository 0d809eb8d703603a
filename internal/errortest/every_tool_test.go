package errortest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// to opens a door that writes to acme's repository of a name.
func to(t *testing.T, name string, c gatetest.Config) *gatetest.Door {
	t.Helper()
	repo, err := canon.ParseRepo("acme", name)
	if err != nil {
		t.Fatal(err)
	}
	c.Write, c.Repos = true, []canon.Repo{repo}
	if c.Policy == "" {
		c.Policy = "version: 1\nlimits: {calls_per_minute: 1000}\nrepositories: {\"acme/*\": {write: allow, automation: allow}}\n"
	}
	if c.Token == "" {
		c.Token = someToken
	}
	return gatetest.Open(t, c)
}

// What every tool answers that gets to no Gitea, or to one that does not answer.
func everyToolAlone(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"login":"` + strings.Repeat("x", 64<<20)))
	}))
	t.Cleanup(endless.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()

	nobody := "http://" + closed.Addr().String()

	kill := filepath.Join(t.TempDir(), "STOP")
	if err := os.WriteFile(kill, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	each(t, to(t, "app", gatetest.Config{URL: nobody, Kill: kill}), nowhere, everyTool, situation{name: "the kill switch is on", code: "killed"})
	each(t, gatetest.Open(t, gatetest.Config{URL: nobody, Token: someToken}), nowhere, writes, situation{name: "a session that only reads", code: "write_mode_off"})
	each(t, to(t, "app", gatetest.Config{URL: nobody}), nowhere, everyTool, situation{name: "arguments that are no object", code: "invalid_arguments"}, "{", "[", "}", "]")
	each(t, to(t, "app", gatetest.Config{URL: nobody}), nowhere, everyTool, situation{name: "arguments that are no JSON", code: "invalid_arguments"}, "}", "")
	each(t, to(t, "other", gatetest.Config{URL: nobody}), nowhere, writes, situation{name: "a repository that is not on the whitelist", code: "not_whitelisted"})
	limited := to(t, "app", gatetest.Config{URL: nobody, Policy: "version: 1\nlimits: {calls_per_minute: 1}\n"})
	holds(t, limited, []situation{{tool: "get_me", args: `{}`, code: "gitea_unreachable"}})
	each(t, limited, nowhere, everyTool, situation{name: "more calls than are allowed", code: "rate_limited"})
	hides := to(t, "app", gatetest.Config{URL: nobody, Policy: "version: 1\nrepositories: {\"acme/*\": {read: deny, reason: people data}}\n"})
	each(t, hides, nowhere, readsOne, situation{name: "a denied repository", code: "policy_denied", says: []string{"people data"}})
	each(t, hides, nowhere, writes, situation{name: "a repository that policy does not open to writing", code: "policy_denied"})
	broken := to(t, "app", gatetest.Config{URL: nobody, Damaged: true})
	if err := broken.Gate.Begin(t.Context(), broken.Caller, broken.Connection); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(broken.Log, 10); err != nil {
		t.Fatal(err)
	}
	each(t, broken, nowhere, everyTool, situation{name: "an audit log that can't be written", code: "audit_unavailable"})
	each(t, to(t, "app", gatetest.Config{URL: nobody}), nowhere, everyTool, situation{name: "nobody answers at Gitea's address", code: "gitea_unreachable"})
	each(t, to(t, "app", gatetest.Config{URL: silent.URL, Timeout: 50 * time.Millisecond}), nowhere, everyTool, situation{name: "Gitea does not answer in time", code: "timeout"})
	each(t, to(t, "app", gatetest.Config{URL: endless.URL}), nowhere, everyTool, situation{name: "Gitea's answer does not end", code: "too_large"})
}

// faulty are all tools, each of which breaks down.
func faulty() (all []tools.Tool) {
	for _, tool := range tools.All() {
		sound := tool.Prepare
		tool.Prepare = func(args json.RawMessage) (gate.Prepared, error) {
			prepared, err := sound(args)
			if prepared.Ahead = nil; prepared.Run != nil {
				prepared.Run = func(context.Context, *gate.Visit) (*gate.Result, error) { panic("a fault") }
			} else {
				prepared.Plan = func(context.Context, *gate.Visit) (*gate.Plan, error) { panic("a fault") }
			}
			return prepared, err
		}
		all = append(all, tool)
	}
	return all
}

// What every tool answers of a real Gitea that would carry out its call.
func everyToolOnGitea(t *testing.T) {
	c := onGitea(t)
	k := c.stocked("stocked", object{"private": false})
	c.repo("kept-in", true, nil)
	w := c.s.World
	door := func(c gatetest.Config) *gatetest.Door { return to(t, "stocked", c) }
	url := c.s.URL

	missing := k
	missing.repo = "no-such"
	each(t, to(t, "no-such", gatetest.Config{URL: url, Token: w.Writer.Token}), missing, ofRepository, situation{name: "a repository that is not there", code: "not_found"})
	each(t, door(gatetest.Config{URL: url}), k, everyTool, situation{name: "a token that Gitea does not know", code: "gitea_unauthorized"})

	const asks = "version: 1\nlimits: {calls_per_minute: 1000}\nrepositories: {\"acme/*\": {write: allow, automation: allow}}\napprove: [%s]\n"
	var names []string
	for _, tool := range tools.All() {
		if writes(tool) {
			names = append(names, tool.Name)
		}
	}
	asked := gatetest.Config{URL: url, Token: w.Writer.Token, Policy: fmt.Sprintf(asks, strings.Join(names, ", "))}
	each(t, door(asked), k, writes, situation{name: "a client that can't ask a human", code: "approval_unavailable"})
	declining := door(asked)
	declining.Human = func(string) bool { return false }
	each(t, declining, k, writes, situation{name: "a human says no", code: "approval_declined"})

	writer := door(gatetest.Config{URL: url, Token: w.Writer.Token})
	each(t, writer, k, writesText, situation{name: "a secret in what is written", code: "secret_in_arguments"}, freely, w.Plant.AWS)
	each(t, writer, k, writesText, situation{name: "a redaction's marker in what is written", code: "redaction_marker"}, freely, "[redacted:aws-access-token]")

	proxy := c.s.Proxy(t)
	proxy.Rewrite = func(r *http.Request) http.Handler {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			return giteatest.Drop
		}
		return nil
	}
	each(t, door(gatetest.Config{URL: proxy.URL, Token: w.Writer.Token}), k, writes, situation{name: "the answer to a write is lost", code: "outcome_unknown"})

	shown := door(gatetest.Config{URL: url, Token: w.Writer.Token})
	holds(t, shown, []situation{{tool: "get_file_contents", args: in("kept-in", `,"path":"README.md"`)}})
	each(t, shown, k, writes, situation{name: "private text was shown, and others see what is written", code: "flow_denied"})

	for _, tool := range tools.All() { // none of them failed for a reason of its own
		if reads(tool) {
			holds(t, writer, []situation{{"", tool.Name, k.args(tool.Name), "", nil, nil}})
		}
	}
	free := fmt.Sprintf(asks, "") + "flow: {private_to_public: allow}\n"
	each(t, door(gatetest.Config{URL: url, Token: w.Writer.Token, Policy: free, Tools: faulty()}), k, everyTool, situation{name: "a fault of Aegis itself", code: "internal"})
	c.keeper(http.MethodPatch, "/repos/acme/stocked", object{"name": "restocked"}, nil)
	each(t, door(gatetest.Config{URL: url, Token: w.Writer.Token}), k, ofRepository, situation{name: "a repository that was renamed", code: "moved", says: []string{"acme/restocked"}})
}
