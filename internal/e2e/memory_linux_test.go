package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

const megabyte = 1e6

// largeCommit is the commit that the files of largeForge are read from.
const largeCommit = "0123456789abcdef0123456789abcdef01234567"

// texts are what large answers hold: what people have, and what was made to take much.
var texts = map[string]func(n int) string{
	"ordinary": repeat("\tif err := orders.Take(ctx, order); err != nil { // token := next(key)\n\t\treturn fmt.Errorf(\"taking an order: %w\", err)\n\t}\n"),
	"secrets":  repeat("api_key='kQ7vZ2mW4xL9pR3tB8nY'\n"),
	"entities": repeat("&#107;&#101;&#121;=&#97;1"),
	"controls": repeat("a\x01\u200b"),
	"lines":    repeat("\n"),
	"keywords": repeat("key=token:secret,"),
	"encoded": func(n int) string {
		return base64.StdEncoding.EncodeToString([]byte(repeat("SECRET_1=kQ7vZ2mW4xL9pR3tB8nY\n")(n * 3 / 4)))
	},
	"percent": repeat("%41%42 x\n"),
}

func repeat(s string) func(int) string {
	return func(n int) string { return strings.Repeat(s, n/len(s)+1)[:n] }
}

// largeForge answers with what its paths name: a kind of text in as much as Gitea may
// send.
func largeForge(t *testing.T) *httptest.Server {
	t.Helper()
	const below = "/api/v1/repos/acme/large"
	user := map[string]any{"id": 7, "login": "acme", "visibility": "public"}
	kinds := []string{"ordinary", "secrets", "entities", "controls", "lines", "keywords", "encoded", "percent"}
	number := func(path, before, after string) string {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(path, before), after))
		return kinds[n%len(kinds)]
	}
	object := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(v)
	}
	// fitted shortens a text until it takes n bytes in JSON.
	fitted := func(text string, n int) string {
		raw, _ := json.Marshal(text)
		return text[:min(len(text), len(text)*n/len(raw))]
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		switch {
		case path == below:
			object(w, map[string]any{"id": 11, "owner": user, "name": "large", "full_name": "acme/large", "default_branch": "main"})
		case strings.HasPrefix(path, below+"/branches/"):
			object(w, map[string]any{"name": "main", "commit": map[string]any{"id": largeCommit}})
		case path == below+"/issues":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, "["+repeat("{},")(18*megabyte)+"{}]")
		case strings.HasPrefix(path, below+"/issues/"):
			n, _ := strconv.Atoi(strings.TrimPrefix(path, below+"/issues/"))
			text := fitted(texts[number(path, below+"/issues/", "")](19*megabyte), 19*megabyte)
			object(w, map[string]any{"id": 1000 + n, "number": n, "state": "open", "title": "Large", "body": text, "user": user})
		case strings.HasPrefix(path, below+"/contents/"):
			name := strings.TrimPrefix(path, below+"/contents/")
			text := texts[number(path, below+"/contents/", "")](5 << 20)
			object(w, map[string]any{
				"name": name, "path": name, "sha": strings.Repeat("ab", 20), "type": "file", "size": len(text), "encoding": "base64",
				"content":  base64.StdEncoding.EncodeToString([]byte(text)),
				"html_url": "http://" + r.Host + "/acme/large/src/commit/" + largeCommit + "/" + name,
			})
		case strings.HasSuffix(path, ".diff"):
			w.Header().Set("Content-Type", "text/plain")
			text := texts[number(path, below+"/pulls/", ".diff")](60 << 20)
			fmt.Fprint(w, "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n"+text)
		case strings.HasPrefix(path, below+"/pulls/"):
			n, _ := strconv.Atoi(strings.TrimPrefix(path, below+"/pulls/"))
			side := map[string]any{"ref": "main", "sha": largeCommit, "repo": map[string]any{"id": 11, "full_name": "acme/large", "owner": user}}
			object(w, map[string]any{"id": n, "number": n, "state": "open", "title": "Large", "user": user, "base": side, "head": side})
		case strings.HasSuffix(path, "/logs"):
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, texts[number(path, below+"/actions/jobs/", "/logs")](60<<20))
		default:
			http.NotFound(w, r)
		}
	}))
}

// resident returns a figure of the kernel's about a session's process, in MB.
func (s *session) resident(figure string) float64 {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte(figure+":"))
	var kilobytes float64
	if _, err := fmt.Sscan(string(rest), &kilobytes); err != nil {
		s.t.Fatalf("%s: %v", figure, err)
	}
	return kilobytes * 1024 / megabyte
}

// The process takes at most 160 MB, whatever sixteen calls read at once.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("reads more than a gigabyte")
	}
	forge := largeForge(t)
	defer forge.Close()
	const most = 160
	ask := func(tool string, kind int) string {
		switch tool {
		case "get_issue":
			return fmt.Sprintf(`{"owner":"acme","repo":"large","number":%d}`, 8+kind)
		case "get_file_contents":
			return fmt.Sprintf(`{"owner":"acme","repo":"large","path":"%d"}`, 8+kind)
		case "get_pull_request_diff":
			return fmt.Sprintf(`{"owner":"acme","repo":"large","number":%d}`, 8+kind)
		case "get_job_log":
			return fmt.Sprintf(`{"owner":"acme","repo":"large","job_id":%d}`, 8+kind)
		}
		return `{"owner":"acme","repo":"large"}`
	}
	run := func(name string, each ...string) {
		t.Run(name, func(t *testing.T) {
			s := start(t, t.TempDir(), forge.URL, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "GITEA_TIMEOUT=10m") })
			s.greet()
			var frames []string
			for i := range 16 {
				tool := each[i%len(each)]
				frames = append(frames, call(i+1, tool, ask(tool, i/len(each)+i%len(each))))
			}
			s.send(frames...)
			for range frames {
				if f := s.answer(); f.Error != nil || f.code() != "" && f.code() != "too_large" {
					t.Errorf("%.400s", f.Line)
				}
			}
			if peak := s.resident("VmHWM"); peak > most {
				t.Errorf("took up to %.0f MB, more than %d", peak, most)
			} else {
				t.Logf("took up to %.0f MB", peak)
			}
			s.end()
		})
	}
	run("issues", "get_issue")
	run("files", "get_file_contents")
	run("lists", "list_issues")
	run("diffs", "get_pull_request_diff")
	run("logs", "get_job_log")
	run("all", "get_issue", "get_file_contents", "get_pull_request_diff", "get_job_log", "list_issues")
}
