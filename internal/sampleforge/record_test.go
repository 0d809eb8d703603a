package sampleforge

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// recorded is where the data are that are shipped.
const recorded = "../../testdata/demo/forge"

var write = flag.Bool("record", false, "replace the sample forge's data by what Gitea answers now")

// TestRecording seeds the story into a real Gitea, records it, and holds it
// against the data that are shipped and against what is served from them.
func TestRecording(t *testing.T) {
	g := newRealGitea(t)
	r := &recorder{t: t, gitea: g, names: newNames(g), files: fstest.MapFS{}}
	r.record()
	if *write {
		if err := os.RemoveAll(recorded); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(recorded, r.files); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("data are current", func(t *testing.T) { sameFiles(t, os.DirFS(recorded), r.files) })
	t.Run("answers are Gitea's", func(t *testing.T) { sameAnswers(t, r) })
}

// recorder asks Gitea as the demo's user and keeps the answers.
type recorder struct {
	t     *testing.T
	gitea *realGitea
	names *names
	files fstest.MapFS
	asked []string // what can be asked of both
}

func (r *recorder) record() {
	r.keep("me.json", r.get("/user"))
	users := []any{}
	for _, login := range []string{"acme", developer, reader, stranger} {
		users = append(users, r.get("/users/"+login))
	}
	r.keep("users.json", users)
	r.keep("organizations.json", []any{r.get("/orgs/acme")})
	r.keep("moved.json", object{"acme/old-name": "acme/website"})
	repositories := []any{}
	for _, name := range []string{"acme/website", "acme/service", "acme/hr-people", "acme/playground"} {
		repositories = append(repositories, r.get("/repos/"+name))
		r.below(name)
	}
	r.keep("repositories.json", repositories)
}

func (r *recorder) below(name string) {
	keep := func(file string, v any) { r.keep(path.Join("repositories", name, file+".json"), v) }
	root := "/repos/" + name
	for _, list := range []string{"branches", "tags", "labels", "milestones?state=all", "assignees", "releases"} {
		file, _, _ := strings.Cut(list, "?")
		keep(file, r.get(root+"/"+list))
	}
	issues, comments := []any{}, object{}
	for _, row := range r.list(root + "/issues?type=issues&state=all") {
		number := row["number"].(json.Number).String()
		issues = append(issues, r.get(root+"/issues/"+number))
		comments[number] = r.get(root + "/issues/" + number + "/comments")
	}
	keep("issues", issues)
	keep("comments", comments)

	commits, trees, contents, statuses, diffs := []any{}, object{}, object{}, object{}, object{}
	if len(r.list(root+"/branches")) > 0 {
		for _, row := range r.list(root + "/commits?sha=main") {
			sha := row["sha"].(string)
			commits = append(commits, r.get(root+"/git/commits/"+sha))
			statuses[sha] = r.get(root + "/commits/" + sha + "/status")
			diffs[sha] = strings.ReplaceAll(string(r.gitea.do(r.t, reader, http.MethodGet, root+"/git/commits/"+sha+".diff", nil)), key, keyPlace)
			paths := object{"": r.get(root + "/contents?ref=" + sha)}
			for _, entry := range r.tree(root, sha, trees) {
				name := entry["path"].(string)
				paths[name] = r.get(root + "/contents/" + name + "?ref=" + sha)
				if entry["type"] == "tree" {
					r.tree(root, entry["sha"].(string), trees)
				}
			}
			contents[sha] = paths
		}
	}
	keep("statuses", statuses)
	keep("diffs", diffs)
	keep("commits", commits)
	keep("trees", trees)
	keep("contents", contents)
}

func (r *recorder) tree(root, id string, trees object) (entries []object) {
	tree := r.get(root + "/git/trees/" + id + "?recursive=true").(object)
	for _, entry := range tree["tree"].([]any) {
		entries = append(entries, entry.(object))
	}
	for _, paging := range []string{"page", "total_count", "truncated"} {
		delete(tree, paging)
	}
	trees[id] = tree
	return entries
}

func (r *recorder) list(path string) (rows []object) {
	all, _ := r.get(path).([]any) // null for the branches of an empty repository
	for _, row := range all {
		rows = append(rows, row.(object))
	}
	return rows
}

// get returns Gitea's answer with everything that differs from run to run
// given a fixed name.
func (r *recorder) get(path string) any {
	r.t.Helper()
	if !slices.Contains(r.asked, path) {
		r.asked = append(r.asked, path)
	}
	return r.names.fix(decode(r.t, r.gitea.do(r.t, reader, http.MethodGet, path, nil)))
}

// keep makes a file of v, without the planted key.
func (r *recorder) keep(name string, v any) {
	if strings.HasSuffix(name, "contents.json") {
		for _, paths := range v.(object) {
			for path, file := range paths.(object) {
				raw, err := replaceContent(encode(r.t, file), key, keyPlace)
				if err != nil {
					r.t.Fatal(err)
				}
				paths.(object)[path] = json.RawMessage(raw)
			}
		}
	}
	r.files[name] = &fstest.MapFile{Data: append(encode(r.t, v), '\n'), Mode: 0o644}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(out.Bytes())
}

func decode(t *testing.T, raw []byte) (v any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%v: %.200s", err, raw)
	}
	return v
}

func sameFiles(t *testing.T, have, want fs.FS) {
	names := func(files fs.FS) (all []string) {
		_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				all = append(all, filepath.ToSlash(name))
			}
			return err
		})
		return all
	}
	if h, w := names(have), names(want); !slices.Equal(h, w) {
		t.Fatalf("shipped are %v, recorded %v; run this test with -record", h, w)
	}
	for _, name := range names(want) {
		h, _ := fs.ReadFile(have, name)
		w, _ := fs.ReadFile(want, name)
		if !bytes.Equal(h, w) {
			t.Errorf("%s is not what Gitea answers; run this test with -record", name)
		}
	}
}

// sameAnswers asks Gitea and a sample forge of the fresh recording the same.
func sameAnswers(t *testing.T, r *recorder) {
	forge, err := Start(r.files)
	if err != nil {
		t.Fatal(err)
	}
	defer forge.Close()
	head := r.list("/repos/acme/website/commits?sha=main")[0]["sha"].(string)
	folder := r.list("/repos/acme/website/contents?ref=" + head)
	docs := folder[slices.IndexFunc(folder, func(e object) bool { return e["path"] == "docs" })]["sha"].(string)
	paths := append(slices.Clone(r.asked),
		"/repos/search?q=servi&sort=updated&order=desc&page=1&limit=50",
		"/repos/search?q=talks&includeDesc=true",
		"/repos/search?q=talks", "/repos/search?page=2&limit=2", "/repos/search?is_private=false",
		"/users/acme/repos?page=1&limit=30", "/users/acme/repos?page=2&limit=2", "/users/dana/repos", "/users/nobody", "/users/nobody/repos",
		"/repos/ACME/Website", "/repos/acme/nothing", "/repos/acme/old-name", "/repos/acme/old-name/issues?type=issues&q=x%20y",
		"/repos/acme/website/branches/main", "/repos/acme/website/branches/none", "/repos/acme/website/tags/v1.0", "/repos/acme/website/tags/none",
		"/repos/acme/website/git/commits/"+head+"?stat=false&files=false&verification=false",
		"/repos/acme/website/git/commits/"+strings.Repeat("1", 40),
		"/repos/acme/website/git/trees/"+head, "/repos/acme/website/git/trees/"+docs+"?recursive=false",
		"/repos/acme/website/git/trees/"+head+"?recursive=true&page=2&per_page=3", "/repos/acme/website/git/trees/"+head+"?page=9",
		"/repos/acme/website/contents/none?ref="+head, "/repos/acme/website/contents/README.md/x?ref="+head,
		"/repos/acme/website/contents/README.md?ref="+strings.Repeat("1", 40),
		"/repos/acme/website/commits?sha="+head+"&page=2&limit=1&stat=false&verification=false&files=false",
		"/repos/acme/website/commits?sha="+head+"&not=refs/heads/main&page=1&limit=1", "/repos/acme/website/commits?sha="+head+"&not=refs/tags/v1.0", "/repos/acme/website/git/refs",
		"/repos/acme/website/commits?sha="+head+"&path=docs", "/repos/acme/website/commits?sha="+head+"&path=pages/index.html",
		"/repos/acme/website/commits?sha="+head+"&path=:(literal)docs", "/repos/acme/website/commits?sha="+head+"&path=:(literal)docs/contributing.md",
		"/repos/acme/website/commits?sha="+head+"&path=pages&page=1&limit=1", "/repos/acme/website/commits?sha="+head+"&path=none", "/repos/acme/website/commits?sha="+head+"&since=2025-03-05T00:00:00Z",
		"/repos/acme/website/issues?type=issues&state=open&page=1&limit=2", "/repos/acme/website/issues?type=issues&state=open&page=2&limit=2",
		"/repos/acme/website/issues?type=issues&state=closed", "/repos/acme/website/issues?type=issues&state=all&page=7",
		"/repos/acme/website/issues?type=issues&state=all&labels=bug", "/repos/acme/website/issues?type=issues&state=all&labels=unknown",
		"/repos/acme/website/issues?type=issues&state=all&milestones=v1.1", "/repos/acme/website/issues?type=issues&state=all&assigned_by=dana",
		"/repos/acme/website/issues?type=issues&state=all&created_by=visitor", "/repos/acme/website/issues?type=issues&state=all&q=Phone",
		"/repos/acme/website/issues/99", "/repos/acme/website/releases", "/repos/acme/website/pulls",
		"/repos/acme/website/releases/latest", "/repos/acme/website/releases/tags/v1.0", "/repos/acme/website/releases/tags/none",
		"/repos/acme/service/releases/latest", "/users/search?q=dana", "/users/search?q=VISITOR&limit=1",
		"/repos/issues/search?q=phone&state=all", "/repos/issues/search?q=phone&state=closed", "/repos/issues/search?q=A%20raise&owner=acme&type=issues",
		"/repos/acme/website/commits/"+head+"/status", "/repos/acme/website/commits/main/status?page=1&limit=50",
		"/repos/acme/website/commits/"+strings.Repeat("1", 40)+"/status",
		"/repos/acme/website/compare/v1.0...main", "/repos/acme/website/compare/"+head+"..."+head+"?files=false&verification=false",
		"/repos/acme/website/compare/main...none", "/packages/acme", "/notifications?limit=1",
		"/repos/acme/playground/commits?sha=main", "/repos/acme/playground/branches/main",
		"/repos/acme/playground/contents", "/repos/acme/playground/git/trees/main", "/repos/acme/playground/git/commits/"+head,
		"/repos/acme/playground/tags/x", "/repos/acme/website/git/trees/"+strings.Repeat("1", 40), "/no/such/thing",
	)
	for _, path := range paths {
		wantStatus, wantHeader, want := ask(t, http.MethodGet, r.gitea.server.URL+"/api/v1"+path, r.gitea.server.World.Keeper.Token, reader, nil)
		status, header, got := ask(t, http.MethodGet, forge.URL()+"/api/v1"+path, forge.Token(), "", nil)
		if status != wantStatus {
			t.Errorf("%s: status %d, Gitea answers %d %s", path, status, wantStatus, want)
			continue
		}
		for _, name := range []string{"Content-Type", "Location", "Link", "X-Total-Count", "X-HasMore"} {
			mine, theirs := strings.ReplaceAll(header.Get(name), forge.URL(), host), strings.ReplaceAll(wantHeader.Get(name), r.gitea.server.URL, host)
			if mine != theirs {
				t.Errorf("%s: %s is %q, Gitea's %q", path, name, mine, theirs)
			}
		}
		if status/100 != 2 {
			continue // the text of an error reaches nobody
		}
		mine := encode(t, decode(t, bytes.ReplaceAll(got, []byte(forge.URL()), []byte(host))))
		if theirs := encode(t, r.names.fix(decode(t, want))); !bytes.Equal(mine, theirs) {
			t.Errorf("%s: %s", path, difference(mine, theirs))
		}
	}
}

// difference shows where two texts part.
func difference(mine, theirs []byte) string {
	m, g := strings.Split(string(mine), "\n"), strings.Split(string(theirs), "\n")
	at := 0
	for at < min(len(m), len(g)) && m[at] == g[at] {
		at++
	}
	show := func(lines []string) string { return strings.Join(lines[max(at-2, 0):min(at+3, len(lines))], "\n") }
	return fmt.Sprintf("line %d\n%s\nGitea's\n%s", at+1, show(m), show(g))
}
