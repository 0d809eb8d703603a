package attack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/giteatest"
)

func TestTokensThatDoNotSuffice(t *testing.T) {
	t.Parallel()
	hinted := func(t *testing.T, refusal map[string]any, word string) {
		t.Helper()
		if hint, _ := refusal["hint"].(string); !strings.Contains(hint, word) {
			t.Errorf("hint %q", hint)
		}
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		s := open(t, as(nobody))
		me := s.shown("get_me", args{})
		if hint, _ := me.Fields["hint"].(string); me.Fields["anonymous"] != true || me.Fields["login"] != nil || !strings.Contains(hint, "GITEA_TOKEN") {
			t.Errorf("%s", me.Object)
		}
		s.refused(gate.NotFound, "get_repository", in(serviceA))
		s.refused(gate.NotFound, "get_repository", in("guild/handbook"))
		if answer := s.shown("get_repository", in("acme/public-site")); answer.Fields["visibility"] != "public" {
			t.Errorf("%s", answer.Object)
		}
		for _, r := range s.proxy.Requests() {
			if r.Header.Get("Authorization") != "" {
				t.Errorf("anonymous, with %q", r.Header.Get("Authorization"))
			}
		}
	})
	t.Run("a wrong one", func(t *testing.T) {
		t.Parallel()
		wrong := strings.Repeat("0123456789", 4)
		s := open(t, as(func(*giteatest.World) string { return wrong }))
		s.hides(wrong)
		for tool, a := range everyTool("acme/public-site") {
			hinted(t, s.refused(gate.GiteaUnauthorized, tool, a), "GITEA_TOKEN")
		}
	})
	t.Run("without the scope", func(t *testing.T) {
		t.Parallel()
		s := open(t, as(func(w *giteatest.World) string { return scoped(t, w.Reader, "read:user") }))
		s.hides(s.token)
		s.shown("get_me", args{})
		for tool, a := range everyTool(serviceA) {
			if message, _ := s.refused(gate.GiteaForbidden, tool, a)["message"].(string); !strings.Contains(message, "The token lacks a scope: this takes read:") {
				t.Errorf("%s: %s", tool, message)
			}
		}
	})
	t.Run("of public things only", func(t *testing.T) {
		t.Parallel()
		s := open(t, as(func(w *giteatest.World) string { return w.ReaderPublicOnly }))
		s.refused(gate.GiteaForbidden, "get_file_contents", in(serviceA, "path", "README.md"))
	})
}

// scoped makes a token of user with one scope, which takes the password.
func scoped(t *testing.T, user giteatest.User, scope string) string {
	t.Helper()
	payload, _ := json.Marshal(args{"name": t.Name(), "scopes": []string{scope}})
	url := giteatest.Start(t).URL + "/api/v1/users/" + user.Name + "/tokens"
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user.Name, user.Password)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var made struct {
		SHA1 string `json:"sha1"`
	}
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || made.SHA1 == "" {
		t.Fatal(res.Status, err)
	}
	return made.SHA1
}

func TestRepositoriesOfAllKinds(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, fields := range map[string]args{
		serviceA:           {"visibility": "private", "full_name": serviceA},
		"acme/empty":       {"empty": true},
		"acme/archived":    {"archived": true},
		"acme/public-site": {"visibility": "public"},
		"guild/handbook":   {"visibility": "internal"},
		"ACME/Service-A":   {"full_name": serviceA},
	} {
		answer := s.shown("get_repository", in(name))
		for field, want := range fields {
			if got := answer.Fields[field]; got != want {
				t.Errorf("%s: %s is %v", name, field, got)
			}
		}
	}
	s.refused(gate.NotFound, "get_repository", in("cellar/plans"))
	s.refused(gate.NotFound, "get_file_contents", in("acme/empty", "path", "README.md"))
	for _, list := range []string{"get_file_tree", "list_commits", "list_issues"} {
		if rows := s.shown(list, in("acme/empty")).Items(); len(rows) != 0 {
			t.Errorf("%s: %v", list, rows)
		}
	}
	s.shown("get_file_contents", in("acme/archived", "path", "README.md"))

	s = open(t, as(keeper))
	if got := s.shown("get_repository", in("cellar/plans")).Fields["visibility"]; got != "private" {
		t.Errorf("a repository of a private organisation, seen by its members, is %v", got)
	}
}

// Lists count what they can't show; nothing of the count may be seen.
func TestCountsOfWhatTheTokenCantSee(t *testing.T) {
	t.Parallel()
	s := open(t, as(func(w *giteatest.World) string { return w.Outsider.Token }), under("version: 1\n"))
	if count := s.raw("/orgs/cellar/repos").Header.Get("X-Total-Count"); count != "1" {
		t.Fatalf("the attack proves nothing: Gitea counts %q", count)
	}
	for _, owner := range []string{"cellar", "no-such-owner"} {
		for _, limit := range []int{1, 50} {
			answer := s.ask("list_repositories", args{"owner": owner, "limit": limit})
			if len(answer.Items()) != 0 || answer.Fields["withheld"] != nil || answer.Fields["has_more"] == true {
				t.Errorf("%s: %s", owner, answer.Object)
			}
		}
	}
}

// Only GET leaves, with the call's id and nothing of the caller's.
func TestI5_WhatLeavesIsKnown(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls := map[string]bool{}
	for tool, a := range everyTool(serviceA) {
		calls[s.shown(tool, a).Call] = true
	}
	for _, r := range s.proxy.Requests() {
		if r.Method != http.MethodGet || !calls[r.RequestID] || strings.Contains(r.Query, "token") {
			t.Errorf("%s %s?%s under %q", r.Method, r.Path, r.Query, r.RequestID)
		}
		if r.Header.Get("Authorization") != "token "+s.token || r.Header.Get("Cookie") != "" {
			t.Errorf("%s carries %v", r.Path, r.Header)
		}
	}
}
