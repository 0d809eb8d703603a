package readtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

type object = map[string]any

// hidesPeople is a policy that hides a repository and a folder.
const hidesPeople = `
version: 1
defaults: {read: allow, write: deny, automation: deny}
paths: {deny: ["secrets/**"]}
repositories:
  "acme/hr-*": {read: deny}
`

// shelf is acme/reading, which the tests of this package fill once: commits that
// touch hidden files, reports on them, releases, comments, packages.
type shelf struct {
	commits  map[string]string // ids by subject
	long     int64             // an issue with many comments, one of 70 KB
	secret   string            // a key that was planted in every text
	planted  string            // a text with the key in it
	packages string            // their owner
}

var (
	filling sync.Once
	filled  *shelf
)

// reading returns the shared server with acme/reading in it.
func reading(t *testing.T) (*giteatest.Server, *shelf) {
	t.Helper()
	s := giteatest.Start(t)
	filling.Do(func() { filled = fill(t, s) })
	if filled == nil {
		t.Fatal("acme/reading could not be made; the first test that asked for it says why")
	}
	return s, filled
}

func door(t *testing.T, s *giteatest.Server, policy string) *gatetest.Door {
	t.Helper()
	return doorOf(t, s, s.World.Reader.Token, policy)
}

func doorOf(t *testing.T, s *giteatest.Server, token, policy string) *gatetest.Door {
	t.Helper()
	return gatetest.Open(t, gatetest.Config{URL: s.URL, Token: token, Policy: policy})
}

func fill(t *testing.T, s *giteatest.Server) *shelf {
	t.Helper()
	w := s.World
	keeper := s.As(w.Keeper.Token)
	do := func(api giteatest.API, method, path string, body any, out any) {
		t.Helper()
		if err := api.Into(t.Context(), method, path, body, out); err != nil {
			t.Fatal(err)
		}
	}
	post := func(path string, body any) {
		t.Helper()
		do(keeper, http.MethodPost, path, body, nil)
	}
	f := &shelf{commits: make(map[string]string), secret: w.Plant.AWS, planted: "aws_access_key_id = " + w.Plant.AWS, packages: "acme"}
	const repo = "/repos/acme/reading"
	post("/orgs/acme/repos", object{"name": "reading", "private": true, "default_branch": "main", "auto_init": true, "readme": "Default"})
	do(keeper, http.MethodPut, repo+"/collaborators/reader", object{"permission": "read"}, nil)
	do(keeper, http.MethodPut, repo+"/collaborators/writer", object{"permission": "write"}, nil)

	commit := func(branch, message string, files ...object) {
		t.Helper()
		for _, file := range files {
			if content, ok := file["content"].(string); ok {
				file["content"] = []byte(content)
			}
		}
		var made struct {
			Commit struct {
				SHA string `json:"sha"`
			} `json:"commit"`
		}
		do(keeper, http.MethodPost, repo+"/contents", object{"branch": branch, "message": message, "files": files}, &made)
		subject, _, _ := strings.Cut(message, "\n")
		f.commits[subject] = made.Commit.SHA
	}
	sha := func(path string) string {
		t.Helper()
		var file struct {
			SHA string `json:"sha"`
		}
		do(keeper, http.MethodGet, repo+"/contents/"+path, nil, &file)
		return file.SHA
	}
	commit("main", "Two files\n\nOne of them is hidden. "+f.planted,
		object{"operation": "create", "path": "docs/ä b.md", "content": "one\ntwo\n" + f.planted + "\n"},
		object{"operation": "create", "path": "secrets/key.txt", "content": "hidden-word\n"})
	commit("main", "Move out of hiding",
		object{"operation": "update", "path": "moved.txt", "from_path": "secrets/key.txt", "sha": sha("secrets/key.txt"), "content": "hidden-word\n"})
	commit("main", "Move into hiding",
		object{"operation": "update", "path": "secrets/moved.txt", "from_path": "moved.txt", "sha": sha("moved.txt"), "content": "hidden-word\n"})
	var many []object
	for i := range 1500 {
		many = append(many, object{"operation": "create", "path": fmt.Sprintf("many/folder-with-a-long-name/file-%04d.txt", i), "content": "x\n"})
	}
	commit("main", "Many files", many...)
	post(repo+"/branches", object{"new_branch_name": "topic/ü", "old_ref_name": "main"})
	commit("topic/ü", "Add a topic", object{"operation": "create", "path": "topic.md", "content": "t\n"},
		object{"operation": "create", "path": "secrets/topic.md", "content": "hidden-word\n"})
	var topic struct {
		SHA string `json:"sha"`
	}
	do(keeper, http.MethodGet, repo+"/contents/topic.md?ref=topic/%C3%BC", nil, &topic)
	commit("topic/ü", "Take it back", object{"operation": "delete", "path": "topic.md", "sha": topic.SHA})

	for i := range 52 {
		post(repo+"/statuses/"+f.commits["Many files"], object{"context": fmt.Sprintf("ci/%02d", i), "state": "success", "description": f.planted, "target_url": "https://ci.example/" + fmt.Sprint(i)})
	}
	post(repo+"/statuses/"+f.commits["Many files"], object{"context": "ci/00", "state": "failure"})

	post(repo+"/releases", object{"tag_name": "v1", "target_commitish": "main", "name": "One " + f.planted, "body": "Notes. " + f.planted})
	post(repo+"/releases", object{"tag_name": "latest", "target_commitish": "main", "name": "Called latest", "prerelease": true})
	post(repo+"/releases", object{"tag_name": "draft", "target_commitish": "main", "name": "A draft", "draft": true})

	post(repo+"/labels", object{"name": "kind/x", "color": "#00aabb", "description": f.planted, "exclusive": true})
	post(repo+"/milestones", object{"title": "M1", "description": f.planted, "due_on": "2030-01-02T00:00:00Z"})
	post(repo+"/milestones", object{"title": "M0", "state": "closed"})

	var issue struct {
		Number int64 `json:"number"`
	}
	do(keeper, http.MethodPost, repo+"/issues", object{"title": "Long talk", "body": "zebrafish in the open"}, &issue)
	f.long = issue.Number
	comments := fmt.Sprintf("%s/issues/%d/comments", repo, f.long)
	post(comments, object{"body": "quagga " + strings.Repeat("a long comment. ", 70<<10/16)})
	for i := range 34 {
		post(comments, object{"body": fmt.Sprintf("comment %d %s", i, f.planted)})
	}
	post(fmt.Sprintf("/repos/acme/hr-people/issues/%d/comments", 1), object{"body": "@reader: about zebrafish"})
	post(comments, object{"body": "@reader: about it"})
	do(keeper, http.MethodPatch, "/repos/acme/hr-people/issues/1", object{"body": "zebrafish among people"}, nil)

	upload(t, s, "acme", "open-tool")
	upload(t, s, "acme", "people-tool")
	post("/packages/acme/generic/people-tool/-/link/hr-people", nil)
	upload(t, s, "acme", "reading-tool")
	post("/packages/acme/generic/reading-tool/-/link/reading", nil)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

// upload makes a package, which is no part of the API.
func upload(t *testing.T, s *giteatest.Server, owner, name string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/api/packages/"+owner+"/generic/"+name+"/1.0/file", bytes.NewReader([]byte("x")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "token "+s.World.Keeper.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("upload %s: %s", name, resp.Status)
	}
}

// column is one member of each row.
func column(a gatetest.Answer, name string) []string {
	all := []string{}
	for _, row := range a.Items() {
		all = append(all, fmt.Sprint(row[name]))
	}
	return all
}

// paths are the paths in an answer's files.
func paths(a gatetest.Answer) []string {
	all := []string{}
	files, _ := a.Fields["files"].([]any)
	for _, file := range files {
		all = append(all, fmt.Sprint(file.(map[string]any)["path"], " ", file.(map[string]any)["status"]))
	}
	return all
}

func ok(t *testing.T, a gatetest.Answer) gatetest.Answer {
	t.Helper()
	if a.IsError {
		t.Fatalf("failed: %s", a.Object)
	}
	return a
}

func refused(t *testing.T, a gatetest.Answer, code string) {
	t.Helper()
	if string(a.Code) != code {
		t.Errorf("want %s, got %.500s", code, a.Object)
	}
}

func raw(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
