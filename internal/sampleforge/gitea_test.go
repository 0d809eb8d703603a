package sampleforge

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

// realGitea is the Gitea that is recorded from, spoken to as its administrator
// in other people's names.
type realGitea struct {
	server  *giteatest.Server
	begun   time.Time
	commits int
}

type object = map[string]any

// keeper is the administrator.
const keeper = ""

// newRealGitea starts a Gitea, empties it and seeds the story.
func newRealGitea(t *testing.T) *realGitea {
	g := &realGitea{server: giteatest.StartNew(t), begun: time.Now().Add(-time.Minute)}
	var all struct {
		Data []struct {
			FullName string `json:"full_name"`
		} `json:"data"`
	}
	g.get(t, keeper, "/repos/search?limit=50", &all)
	for _, repo := range all.Data {
		g.do(t, keeper, http.MethodDelete, "/repos/"+repo.FullName, nil)
	}
	g.do(t, keeper, http.MethodDelete, "/orgs/acme", nil)
	story(t, g)
	g.settle(t)
	return g
}

func (g *realGitea) settle(t *testing.T) {
	t.Helper()
	if err := g.server.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// post returns the id of what was made.
func (g *realGitea) post(t *testing.T, as, path string, body object) int64 {
	t.Helper()
	var made struct {
		ID int64 `json:"id"`
	}
	_ = json.Unmarshal(g.do(t, as, http.MethodPost, path, body), &made)
	return made.ID
}

func (g *realGitea) patch(t *testing.T, as, path string, body object) {
	t.Helper()
	g.do(t, as, http.MethodPatch, path, body)
}

func (g *realGitea) get(t *testing.T, as, path string, into any) {
	t.Helper()
	if err := json.Unmarshal(g.do(t, as, http.MethodGet, path, nil), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// do fails the test unless Gitea answers a 2xx.
func (g *realGitea) do(t *testing.T, as, method, path string, body any) []byte {
	t.Helper()
	status, _, content := ask(t, method, g.server.URL+"/api/v1"+path, g.server.World.Keeper.Token, as, body)
	if status/100 != 2 {
		t.Fatalf("%s %s as %q: %d %s", method, path, as, status, content)
	}
	return content
}

// ask sends one request and follows no redirect.
func ask(t *testing.T, method, url, token, as string, body any) (status int, header http.Header, content []byte) {
	t.Helper()
	var payload io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, payload)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "token "+token)
	}
	if as != "" {
		req.Header.Set("Sudo", as)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if content, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, content
}

var client = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}
