package tools_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/forge"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// codeForge is a forge with one repository, acme/app, whose main branch is at
// codeCommit and holds files. What can't be brought about with a real one is set
// by its other fields.
type codeForge struct {
	*giteatest.Proxy
	files map[string]string
	more  []map[string]any    // entries of the tree besides files
	send  http.HandlerFunc    // answers in place of the archive, if set
	pack  func(w *tar.Writer) // writes the archive's files in place of files, if set

	mu       sync.Mutex
	archives int // how often the archive was asked for
	commit   string
}

const codeCommit = "00112233445566778899aabbccddeeff00112233"

const inApp = `{"owner":"acme","repo":"app","query":`

func newCodeForge(tb testing.TB, files map[string]string) *codeForge {
	tb.Helper()
	f := &codeForge{files: files, commit: codeCommit}
	f.Proxy = giteatest.NewProxyTo(tb, f)
	return f
}

func (f *codeForge) door(tb testing.TB, policy string) *gatetest.Door {
	tb.Helper()
	return gatetest.Open(tb, gatetest.Config{URL: f.URL, Policy: policy, Secrets: []string{canary}})
}

func (f *codeForge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/api/v1/repos/acme/app"); path {
	case "":
		answer(map[string]any{"id": 7, "full_name": "acme/app", "name": "app", "default_branch": "main", "owner": map[string]any{"login": "acme", "visibility": "public"}})
	case "/branches/main":
		answer(map[string]any{"name": "main", "commit": map[string]any{"id": f.commit}})
	case "/git/trees/" + f.commit:
		f.tree(r, answer)
	case "/archive/" + f.commit + ".tar.gz":
		f.archives++
		if f.send != nil {
			f.send(w, r)
			return
		}
		_, _ = w.Write(f.archive(f.commit))
	default:
		http.Error(w, `{"message":"not found","url":"","errors":null}`, http.StatusNotFound)
	}
}

func (f *codeForge) tree(r *http.Request, answer func(any)) {
	entries := slices.Clone(f.more)
	for _, path := range slices.Sorted(maps.Keys(f.files)) {
		content := []byte(f.files[path])
		entries = append(entries, map[string]any{"path": path, "mode": "100644", "type": "blob", "size": len(content), "sha": forge.BlobID(content)})
	}
	var page int
	_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
	from, to := min((page-1)*1000, len(entries)), min(page*1000, len(entries))
	answer(map[string]any{"sha": f.commit, "tree": entries[from:to], "truncated": to < len(entries), "page": page, "total_count": len(entries)})
}

// archive packs the files as git does.
func (f *codeForge) archive(comment string) []byte {
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	w := tar.NewWriter(zipped)
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": comment}})
	if f.pack != nil {
		f.pack(w)
	} else {
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "app/", Mode: 0o775})
		for _, path := range slices.Sorted(maps.Keys(f.files)) {
			packFile(w, "app/"+path, f.files[path])
		}
	}
	_, _ = w.Close(), zipped.Close()
	return packed.Bytes()
}

func packFile(w *tar.Writer, name, content string) {
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o664, Size: int64(len(content))})
	_, _ = io.WriteString(w, content)
}

// asked returns how often the archive was asked for.
func (f *codeForge) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.archives
}
