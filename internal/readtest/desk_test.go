package readtest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"aegis/internal/giteatest"
)

// desk is acme/reviewed, which the tests of pull requests, wikis and workflow
// runs fill once.
type desk struct {
	feature int64 // touches hidden files, renames into and out of hiding; reviewed
	closed  int64 // into dev, closed
	long    int64 // a diff of 20,000 lines
	forked  int64 // from writer/reviewed, which the Reader can't read
	gone    int64 // from a fork that was deleted
	issue   int64
	secret  string
	planted string
}

var (
	furnishing sync.Once
	furnished  *desk
)

const reviewedRepo = "/repos/acme/reviewed"

func atDesk(t *testing.T) (*giteatest.Server, *desk) {
	t.Helper()
	s := giteatest.Start(t)
	furnishing.Do(func() { furnished = furnish(t, s) })
	if furnished == nil {
		t.Fatal("acme/reviewed could not be made; the first test that asked for it says why")
	}
	return s, furnished
}

// carpenter makes things in Gitea and fails the test where it can't.
type carpenter struct {
	t *testing.T
	s *giteatest.Server
}

func (c carpenter) post(by giteatest.User, path string, body any) (made struct {
	ID     int64 `json:"id"`
	Number int64 `json:"number"`
}) {
	c.t.Helper()
	c.do(by, http.MethodPost, path, body, &made)
	return made
}

func (c carpenter) do(by giteatest.User, method, path string, body, out any) {
	c.t.Helper()
	if err := c.s.As(by.Token).Into(c.t.Context(), method, path, body, out); err != nil {
		c.t.Fatal(err)
	}
}

// commit changes files of a branch; a file with the content "<-path" is moved
// from there.
func (c carpenter) commit(by giteatest.User, repo, branch, message string, files map[string]string) {
	c.t.Helper()
	var changes []object
	for path, content := range files {
		var present struct {
			SHA     string `json:"sha"`
			Content string `json:"content"`
		}
		from, moved := strings.CutPrefix(content, "<-")
		at := path
		if moved {
			at = from
		}
		address := repo + "/contents/" + (&url.URL{Path: at}).EscapedPath() + "?ref=" + url.QueryEscape(branch)
		answer, err := c.s.As(by.Token).Do(c.t.Context(), http.MethodGet, address, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		change := object{"operation": "create", "path": path, "content": []byte(content)}
		if answer.Status == http.StatusOK {
			c.do(by, http.MethodGet, address, nil, &present)
			change["operation"], change["sha"] = "update", present.SHA
			if moved {
				change["from_path"], change["content"] = from, present.Content
			}
		}
		changes = append(changes, change)
	}
	c.do(by, http.MethodPost, repo+"/contents", object{"branch": branch, "message": message, "files": changes}, nil)
}

func furnish(t *testing.T, s *giteatest.Server) *desk {
	t.Helper()
	c, w := carpenter{t, s}, s.World
	k := w.Keeper
	d := &desk{secret: w.Plant.AWS, planted: "aws_access_key_id = " + w.Plant.AWS}
	c.post(k, "/orgs/acme/repos", object{"name": "reviewed", "private": true, "default_branch": "main", "auto_init": true, "readme": "Default"})
	c.do(k, http.MethodPut, reviewedRepo+"/collaborators/reader", object{"permission": "read"}, nil)
	c.do(k, http.MethodPut, reviewedRepo+"/collaborators/writer", object{"permission": "write"}, nil)
	c.commit(k, reviewedRepo, "main", "Begin", map[string]string{
		"src/a.go": "package a\n\n// one\n// two\n// three\n", "secrets/prod.txt": "hidden-word\n",
		"secrets/moves-out.txt": "hidden-word moves out\nof hiding\nthree\n", "docs/moves-in.md": "hidden-word moves in\nto hiding\nthree\n",
		"docs/old ä.md": "an\nold\nfile\n",
	})
	d.issue = c.post(k, reviewedRepo+"/issues", object{"title": "An issue"}).Number
	for _, branch := range []string{"dev", "feature", "agent/two", "long"} {
		c.post(k, reviewedRepo+"/branches", object{"new_branch_name": branch, "old_ref_name": "main"})
	}
	c.commit(k, reviewedRepo, "feature", "Change things\n\n"+d.planted+"\n", map[string]string{
		"src/a.go": "package a\n\n// one\n// " + d.planted + "\n// three\n", "secrets/prod.txt": "hidden-word changed\n",
		"docs/out.txt": "<-secrets/moves-out.txt", "secrets/in.md": "<-docs/moves-in.md", "docs/日本 new.md": "<-docs/old ä.md",
		"secrets/added.txt": "hidden-word added\n", `secrets/a "q" b.txt`: "hidden-word quoted\n", `docs/a "q" b.txt`: "quoted\n",
	})
	c.commit(k, reviewedRepo, "feature", "Subject with "+d.planted, map[string]string{"src/b.go": "package a\n"})
	pull := func(by giteatest.User, title, head, base string) int64 {
		t.Helper()
		return c.post(by, reviewedRepo+"/pulls", object{"title": title, "head": head, "base": base, "body": "Body. " + d.planted}).Number
	}
	d.feature = pull(w.Writer, "Change things "+d.planted, "feature", "main")
	reviews := fmt.Sprintf("%s/pulls/%d/reviews", reviewedRepo, d.feature)
	c.post(k, reviews, object{"event": "COMMENT", "body": "A review. " + d.planted, "comments": []object{
		{"path": "src/a.go", "new_position": 4, "body": "on a line " + d.planted},
		{"path": "src/a.go", "old_position": 4, "body": "on an old line"},
		{"path": "secrets/prod.txt", "new_position": 1, "body": "hidden-word in a comment"},
	}})
	c.post(k, reviews, object{"event": "REQUEST_CHANGES", "body": "Second review."})
	c.post(k, reviews, object{"event": "PENDING", "body": "not submitted yet", "comments": []object{{"path": "src/b.go", "new_position": 1, "body": "not submitted yet"}}})

	c.commit(k, reviewedRepo, "agent/two", "Two", map[string]string{"two.txt": "two\n"})
	d.closed = pull(k, "Into dev", "agent/two", "dev")
	c.do(k, http.MethodPatch, fmt.Sprintf("%s/pulls/%d", reviewedRepo, d.closed), object{"state": "closed"}, nil)

	var lines strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&lines, "line %d of a long file\n", i+1)
	}
	c.commit(k, reviewedRepo, "long", "Long", map[string]string{"long.txt": lines.String()})
	d.long = pull(k, "Long", "long", "main")

	for i, name := range []string{"vanished", "reviewed"} { // nobody may have two forks
		c.post(w.Writer, reviewedRepo+"/forks", object{"name": name})
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		fork := "/repos/writer/" + name
		c.commit(w.Writer, fork, "main", "From a fork", map[string]string{fmt.Sprintf("fork%d.txt", i): "from a fork\n"})
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		number := pull(w.Writer, "From "+name, "writer/"+name+":main", "main")
		if i == 0 {
			d.gone = number
			c.do(k, http.MethodDelete, fork, nil, nil)
		}
		d.forked = number
	}
	c.post(w.Outsider, fmt.Sprintf("/repos/acme/public-site/pulls/%d/reviews", w.Issues.SitePull), object{
		"event": "COMMENT", "body": "A word on my patch", "comments": []object{{"path": "patch.txt", "new_position": 1, "body": "this line of the patch"}},
	})
	pages(t, c, d)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// numbered is the arguments for a pull request of acme/reviewed.
func numbered(number int64, more ...string) string {
	return fmt.Sprintf(`{"owner":"acme","repo":"reviewed","number":%d%s}`, number, strings.Join(more, ""))
}

// shows reports which of the words an answer has that it must not have.
func shows(all string, words ...string) (found []string) {
	for _, word := range words {
		if strings.Contains(all, word) {
			found = append(found, word)
		}
	}
	return found
}

// internals are members of Gitea's records that no reader needs.
var internals = []string{"avatar_url", "/api/v1/", "noreply", "@example.test", `"permissions"`, `"parent"`, "clone_url", "diff_url"}
