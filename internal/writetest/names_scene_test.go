package writetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// upper is a name in capitals, as far as they fold back to the same.
func upper(name string) string {
	if folded := strings.ToUpper(name); strings.EqualFold(folded, name) {
		return folded
	}
	return name
}

func contains(a gatetest.Answer, text string) bool { return strings.Contains(a.All, text) }

// anyPull opens a pull request of a branch of its own and returns its number.
func (c *scene) anyPull(repo string) int64 {
	c.t.Helper()
	branch := fmt.Sprintf("agent/pull-%d", committed.Add(1))
	c.branch(repo, branch, "main")
	var made issue
	c.keeper("POST", "/repos/"+repo+"/pulls", map[string]any{"title": branch, "head": branch, "base": "main"}, &made)
	return made.Number
}

// token makes a token of somebody's with these scopes.
func (c *scene) token(u giteatest.User, scopes ...string) string {
	c.t.Helper()
	body, err := json.Marshal(map[string]any{"name": fmt.Sprint("t", committed.Add(1)), "scopes": scopes})
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.s.URL+"/api/v1/users/"+u.Name+"/tokens", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(u.Name, u.Password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	var made struct{ SHA1 string }
	if err != nil || json.Unmarshal(raw, &made) != nil || made.SHA1 == "" {
		c.t.Fatalf("%s %v", raw, err)
	}
	return made.SHA1
}

// doorOf is a door for whoever has a token.
func doorOf(t *testing.T, s *giteatest.Server, token, policy string, repos ...giteatest.Repo) *gatetest.Door {
	t.Helper()
	var names []canon.Repo
	for _, repo := range repos {
		name, err := canon.ParseFullName(repo.FullName)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return gatetest.Open(t, gatetest.Config{URL: s.URL, Token: token, Policy: policy, Write: true, Repos: names})
}
