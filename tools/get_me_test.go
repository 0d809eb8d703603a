package tools_test

import (
	"net/http"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
)

// A session is told what it may do, and nothing of what it may not see.
func TestGetMeTellsWhatASessionMayDo(t *testing.T) {
	t.Parallel()
	repos := make([]canon.Repo, 2)
	for i, name := range []string{"sandbox", "hidden-sandbox"} {
		var err error
		if repos[i], err = canon.ParseRepo("acme", name); err != nil {
			t.Fatal(err)
		}
	}
	const strict = `version: 1
tools: {deny: [get_job_log]}
paths: {deny: ["hidden/**"]}
repositories:
  "acme/hidden-*": {read: deny, reason: hidden}
  "acme/sandbox": {write: allow, tools: {deny: [create_label]}}
limits: {calls_per_minute: 50}
`
	for name, c := range map[string]struct {
		config gatetest.Config
		has    []string
		hasNot []string
	}{
		"built-in policy": {gatetest.Config{}, []string{`"login":"agent"`, `"gitea_version":"1.26.0"`, `"write_mode":false`, `"source":"built-in"`, `"read_default":"allow"`, `"bytes_per_answer":65536`},
			[]string{"anonymous", "write_repositories", "tools_denied", ".env", "hint"}},
		"a policy": {gatetest.Config{Policy: strict}, []string{`"source":"policy.yaml"`, `"repository_sections":2`, `"sections_denying_read":1`, `"path_rules":7`, `"tools_denied":["get_job_log"]`, `"calls_per_minute":50`},
			[]string{"hidden", "create_issue", "sandbox", "acme/"}},
		"write mode": {gatetest.Config{Policy: strict, Write: true, Repos: repos}, []string{`"write_mode":true`, `"write_repositories":["acme/sandbox"]`, `"tools_denied":["create_label","dispatch_workflow",`,
			`"writing":[{"repository":"acme/sandbox","write":true,"automation":false,"tools":["commit_files",`, `"branches":"any but the default one","write_paths":"any but those that CI runs"}]`},
			[]string{"hidden", `hint`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.config.URL, c.config.Token = sample(t, canary, nil).URL, sampleforge.DemoToken()
			answer := gatetest.Open(t, c.config).Ask("get_me", `{}`)
			if answer.IsError {
				t.Fatalf("%s", answer.Object)
			}
			for _, want := range c.has {
				if !strings.Contains(answer.All, want) {
					t.Errorf("no %s in %s", want, answer.Object)
				}
			}
			for _, no := range c.hasNot {
				if strings.Contains(strings.TrimSuffix(answer.All, "\n"), no) {
					t.Errorf("%s in %s", no, answer.Object)
				}
			}
		})
	}
}

// Nobody is somebody, too; but a token that is not accepted is an error.
func TestGetMeWithoutAToken(t *testing.T) {
	t.Parallel()
	status := func(status int) *giteatest.Proxy {
		return giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	}
	for _, code := range []int{http.StatusForbidden, http.StatusUnauthorized} {
		forge := status(code)
		answer := gatetest.Open(t, gatetest.Config{URL: forge.URL}).Ask("get_me", `{}`)
		if answer.IsError || answer.Fields["anonymous"] != true || answer.Fields["login"] != nil || answer.Fields["hint"] == nil {
			t.Errorf("%d: %s", code, answer.Object)
		}
		if requests := forge.Requests(); len(requests) != 1 || requests[0].Path != "/api/v1/version" {
			t.Errorf("%d: %v", code, requests)
		}
	}
	if answer := gatetest.Open(t, gatetest.Config{URL: status(http.StatusNotFound).URL}).Ask("get_me", `{}`); !answer.IsError {
		t.Errorf("no Gitea: %s", answer.Object)
	}
	if answer := gatetest.Open(t, gatetest.Config{URL: status(http.StatusBadGateway).URL}).Ask("get_me", `{}`); !answer.IsError {
		t.Errorf("a Gitea that is down: %s", answer.Object)
	}
	if answer := gatetest.Open(t, gatetest.Config{URL: status(http.StatusUnauthorized).URL, Token: sampleforge.DemoToken()}).Ask("get_me", `{}`); answer.Code != "gitea_unauthorized" {
		t.Errorf("a token that is not accepted: %s", answer.Object)
	}
}
