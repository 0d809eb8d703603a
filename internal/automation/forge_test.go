package automation_test

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

// forge is the sample forge, on whose issues comments can be written.
type forge struct {
	*giteatest.Proxy
	behind http.Handler

	mu       sync.Mutex
	comments map[string][]string // bodies, by "acme/website#1"
	// before is run before a comment is kept, after one before it is answered: what
	// they answer is sent instead, if it is a status.
	before, after func(on, body string) (status int)
	down          bool // nothing is answered
}

func newForge(t testing.TB) *forge {
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
	f := &forge{behind: httputil.NewSingleHostReverseProxy(target), comments: make(map[string][]string)}
	f.Proxy = giteatest.NewProxyTo(t, f)
	return f
}

// ServeHTTP answers writes of comments, and lists with them.
func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

func (f *forge) comment(w http.ResponseWriter, r *http.Request, on string) {
	raw, _ := io.ReadAll(r.Body)
	var said struct{ Body string }
	_ = json.Unmarshal(raw, &said)
	if f.before != nil {
		if status := f.before(on, said.Body); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	f.mu.Lock()
	f.comments[on] = append(f.comments[on], said.Body)
	n := len(f.comments[on])
	f.mu.Unlock()
	if f.after != nil {
		if status := f.after(on, said.Body); status != 0 {
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
func (f *forge) list(w http.ResponseWriter, r *http.Request, on string) {
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

// written are all comments that were written, as "acme/website#1: body".
func (f *forge) written() (all []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for on, bodies := range f.comments {
		for _, body := range bodies {
			all = append(all, on+": "+body)
		}
	}
	return all
}

func (f *forge) setDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}
