package bench

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	gobuild "go/build"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The repository that the loopback forge has.
const (
	repository = "acme/service"
	branch     = "main"
	commit     = "0123456789abcdef0123456789abcdef01234567"
	token      = "f0e1d2c3b4a5968778695a4b3c2d1e0f01234567"
	issues     = 20 // open ones
)

// newForge serves a repository with issues and the given files, each at its
// path. Answers are made beforehand.
func newForge(tb testing.TB, files map[string]string) *httptest.Server {
	tb.Helper()
	owner, name, _ := strings.Cut(repository, "/")
	answers := map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = []byte(`{"message":"not found"}`)
		}
		_, _ = w.Write(answer)
	}))
	tb.Cleanup(server.Close)
	user := map[string]any{
		"id": 7, "login": owner, "full_name": "Acme", "email": "acme@noreply.invalid", "visibility": "public",
		"avatar_url": server.URL + "/avatars/7", "html_url": server.URL + "/" + owner, "created": "2024-01-02T03:04:05Z",
	}
	below := "/api/v1/repos/" + repository
	add := func(path string, answer any) {
		raw, err := json.Marshal(answer)
		if err != nil {
			tb.Fatal(err)
		}
		answers[path] = raw
	}
	add(below, map[string]any{
		"id": 11, "owner": user, "name": name, "full_name": repository, "description": "Takes orders and keeps them.",
		"default_branch": branch, "url": server.URL + below, "html_url": server.URL + "/" + repository, "clone_url": server.URL + "/" + repository + ".git",
		"size": 4711, "has_issues": true, "has_wiki": true, "has_pull_requests": true, "object_format_name": "sha1",
		"permissions": map[string]bool{"admin": false, "push": true, "pull": true},
		"created_at":  "2024-01-02T03:04:05Z", "updated_at": "2025-01-02T03:04:05Z",
	})
	add(below+"/branches/"+branch, map[string]any{
		"name": branch, "protected": true, "user_can_push": true,
		"commit": map[string]any{
			"id": commit, "message": "Take the first order\n", "url": server.URL + "/" + repository + "/commit/" + commit,
			"author":    map[string]any{"name": "Acme", "email": "acme@noreply.invalid", "username": owner},
			"timestamp": "2025-01-02T03:04:05Z",
		},
	})
	var rows []map[string]any
	for n := issues; n > 0; n-- {
		rows = append(rows, map[string]any{
			"id": 1000 + n, "number": n, "state": "open", "user": user, "comments": n % 4,
			"title":  fmt.Sprintf("Orders above %d00 are taken twice when the queue restarts", n),
			"body":   "It happens after a restart, now and then.\n\n1. Place an order\n2. Restart\n\nThe order is there twice.",
			"labels": []map[string]any{{"id": 5, "name": "bug", "color": "ee0701"}},
			"url":    fmt.Sprintf("%s%s/issues/%d", server.URL, below, n), "html_url": fmt.Sprintf("%s/%s/issues/%d", server.URL, repository, n),
			"created_at": "2024-11-02T03:04:05Z", "updated_at": "2025-01-02T03:04:05Z",
		})
	}
	add(below+"/issues", rows)
	for path, text := range files {
		add(below+"/contents/"+path, map[string]any{
			"name": filepath.Base(path), "path": path, "sha": strings.Repeat("ab", 20), "last_commit_sha": commit,
			"type": "file", "size": len(text), "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(text)),
			"url":      server.URL + below + "/contents/" + path + "?ref=" + commit,
			"html_url": server.URL + "/" + repository + "/src/commit/" + commit + "/" + path,
		})
	}
	return server
}

// goSource returns size bytes of the standard library's source, from its begin
// again where that is all.
func goSource(tb testing.TB, size int) string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(gobuild.Default.GOROOT, "src", "net", "http", "*.go"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no source of the standard library: %v", err)
	}
	var all strings.Builder
	for all.Len() < size {
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()[:size]
}
