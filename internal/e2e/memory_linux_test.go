package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aegis/forge"
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

// largeFiles is how many files of up to a megabyte large has.
const largeFiles = 80

func largeFile(i int) []byte {
	return []byte(fmt.Sprintf("// %d\n", i) + texts["ordinary"](1000<<10))
}

var kindsOfText = slices.Sorted(maps.Keys(texts))

func repeat(s string) func(int) string {
	return func(n int) string { return strings.Repeat(s, n/len(s)+1)[:n] }
}

// largeForge answers with what its paths name: a kind of text in as much as Gitea may
// send.
func largeForge(t *testing.T) *httptest.Server {
	t.Helper()
	const below = "/api/v1/repos/acme/large"
	user := map[string]any{"id": 7, "login": "acme", "visibility": "public"}
	number := func(path, before, after string) string {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(path, before), after))
		return kindsOfText[n%len(kindsOfText)]
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
		case path == below+"/git/trees/"+largeCommit:
			var tree []map[string]any
			for i := range largeFiles {
				text := largeFile(i)
				tree = append(tree, map[string]any{"path": fmt.Sprintf("%d.go", i), "mode": "100644", "type": "blob", "size": len(text), "sha": forge.BlobID(text)})
			}
			object(w, map[string]any{"sha": largeCommit, "tree": tree})
		case path == below+"/archive/"+largeCommit+".tar.gz":
			w.Header().Set("Content-Type", "application/octet-stream")
			zipped := gzip.NewWriter(w)
			files := tar.NewWriter(zipped)
			_ = files.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": largeCommit}})
			for i := range largeFiles {
				text := largeFile(i)
				_ = files.WriteHeader(&tar.Header{Name: fmt.Sprintf("large/%d.go", i), Mode: 0o644, Size: int64(len(text))})
				_, _ = files.Write(text)
			}
			_ = files.Close()
			_ = zipped.Close()
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

// large is a call that reads a text of a kind in as much as Gitea may send.
func large(id int, tool, kind string) string {
	n := len(kindsOfText) + slices.Index(kindsOfText, kind)
	arguments := map[string]string{
		"get_issue":             `,"number":%d`,
		"get_pull_request_diff": `,"number":%d`,
		"get_file_contents":     `,"path":"%d"`,
		"get_job_log":           `,"job_id":%d`,
		"search_code":           `,"query":"orders.Take(nobody"`,
	}[tool]
	if strings.Contains(arguments, "%d") {
		arguments = fmt.Sprintf(arguments, n)
	}
	return call(id, tool, `{"owner":"acme","repo":"large"`+arguments+`}`)
}

// What the process takes is bounded, whatever sixteen calls read at once. After the
// handshake it is what the machine's load lets the runtime leave uncollected, so a few MB
// more than `make bench` shows are let through.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("reads half a gigabyte")
	}
	server := largeForge(t)
	defer server.Close()
	s := start(t, t.TempDir(), server.URL, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "GITEA_TIMEOUT=30m") })
	atMost := func(most float64, when string) {
		t.Helper()
		peak := s.resident("VmHWM")
		t.Logf("%s: %.0f MB", when, peak)
		if peak > most {
			t.Errorf("%s: took up to %.0f MB, more than %.0f", when, peak, most)
		}
	}
	answered := func(n int) {
		t.Helper()
		for range n {
			select {
			case f := <-s.answers:
				if f.Error != nil || f.code() != "" && f.code() != "too_large" {
					t.Errorf("%.400s", f.Line)
				}
			case <-time.After(20 * time.Minute):
				t.Fatal("no answer")
			}
		}
	}
	s.greet()
	atMost(24, "after the handshake")
	s.send(large(0, "get_file_contents", "ordinary"))
	answered(1)
	atMost(80, "after a file of 5 MB")
	var frames []string
	for tool, kinds := range map[string][]string{
		"get_issue":             {"ordinary", "secrets", "entities", "controls"},
		"get_file_contents":     {"ordinary", "secrets", "entities", "encoded", "percent"},
		"get_pull_request_diff": {"ordinary", "secrets", "lines"},
		"get_job_log":           {"controls", "ordinary"},
		"list_issues":           {""},
		"search_code":           {""},
	} {
		for _, kind := range kinds {
			frames = append(frames, large(len(frames)+1, tool, kind))
		}
	}
	s.send(frames...)
	answered(len(frames))
	atMost(160, fmt.Sprintf("after %d calls at once", len(frames)))
	s.end()
}
