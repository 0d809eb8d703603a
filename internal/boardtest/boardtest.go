// Package boardtest is a forge on whose issues comments can be written: the sample forge, and as
// much of Gitea's as that takes. It is for tests of what writes again and again, where a real
// Gitea would be slow.
package boardtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
)

// Board is the forge. Hooks are set before anything is asked of it.
type Board struct {
	*giteatest.Proxy
	behind http.Handler

	mu       sync.Mutex
	comments map[string][]string // bodies, by "acme/website#1"
	down     bool

	// Before is run before a comment is kept, and After before it is answered. What they return
	// is answered instead, unless it is 0.
	Before, After func(on, body string) (status int)
}

// New starts a board, for the duration of the test.
func New(t testing.TB) *Board {
	t.Helper()
	sample, err := sampleforge.Start(os.DirFS(filepath.Join("..", "..", "testdata", "demo", "forge")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sample.Close() })
	target, err := url.Parse(sample.URL())
	if err != nil {
		t.Fatal(err)
	}
	f := &Board{behind: httputil.NewSingleHostReverseProxy(target), comments: make(map[string][]string)}
	f.Proxy = giteatest.NewProxyTo(t, f)
	return f
}

// ServeHTTP answers writes of comments, and lists with them.
func (f *Board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	down := f.down
	f.mu.Unlock()
	on, isComments := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/api/v1/repos/"), "/comments")
	on = strings.Replace(on, "/issues/", "#", 1)
	switch {
	case down:
		w.WriteHeader(http.StatusBadGateway)
	case !isComments:
		f.behind.ServeHTTP(w, r)
	case r.Method == http.MethodPost:
		f.comment(w, r, on)
	default:
		f.list(w, r, on)
	}
}

// Say writes comments, in the place of those that were written before.
func (f *Board) Say(on string, bodies ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.comments[on] = bodies
}

func (f *Board) comment(w http.ResponseWriter, r *http.Request, on string) {
	raw, _ := io.ReadAll(r.Body)
	var said struct{ Body string }
	_ = json.Unmarshal(raw, &said)
	if f.Before != nil {
		if status := f.Before(on, said.Body); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	f.mu.Lock()
	f.comments[on] = append(f.comments[on], said.Body)
	n := len(f.comments[on])
	f.mu.Unlock()
	if f.After != nil {
		if status := f.After(on, said.Body); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(commentOf(1000+n, on, said.Body))
}

func commentOf(id int, on, body string) map[string]any {
	repo, number, _ := strings.Cut(on, "#")
	return map[string]any{
		"id": id, "body": body, "html_url": fmt.Sprintf("http://forge.invalid/%s/issues/%s#issuecomment-%d", repo, number, id),
		"issue_url": fmt.Sprintf("http://forge.invalid/%s/issues/%s", repo, number), "user": map[string]any{"id": 1, "login": "agent", "username": "agent"},
		"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "pull_request_url": "", "assets": []any{}, "original_author": "", "original_author_id": 0,
	}
}

// list adds the comments that were written to those of the sample.
func (f *Board) list(w http.ResponseWriter, r *http.Request, on string) {
	sample := httptest.NewRecorder()
	f.behind.ServeHTTP(sample, r)
	var all []any
	if json.Unmarshal(sample.Body.Bytes(), &all) != nil {
		w.WriteHeader(sample.Code)
		return
	}
	f.mu.Lock()
	for i, body := range f.comments[on] {
		all = append(all, commentOf(1001+i, on, body))
	}
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Total-Count", fmt.Sprint(len(all)))
	_ = json.NewEncoder(w).Encode(all)
}

// Written are all comments that were written, as "acme/website#1: body".
func (f *Board) Written() (all []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for on, bodies := range f.comments {
		for _, body := range bodies {
			all = append(all, on+": "+body)
		}
	}
	return all
}

// SetDown says whether nothing is answered, as by a proxy that finds no Gitea.
func (f *Board) SetDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}
