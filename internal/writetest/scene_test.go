package writetest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// scene is a door to a Gitea of the test's own, and Gitea's API behind the door's
// back.
type scene struct {
	t *testing.T
	s *giteatest.Server
	d *gatetest.Door
}

// allowed writes to the repositories that are whitelisted.
func newScene(t *testing.T, s *giteatest.Server, policy string, repos ...giteatest.Repo) *scene {
	t.Helper()
	return &scene{t, s, open(t, s, policy, repos...)}
}

// with is the scene in a subtest.
func (c *scene) with(t *testing.T) *scene { return &scene{t, c.s, c.d} }

// do calls a tool that has to succeed.
func (c *scene) do(tool, args string) gatetest.Answer {
	c.t.Helper()
	a := c.d.Ask(tool, args)
	if a.IsError {
		c.t.Fatalf("%s %s: %s", tool, args, a.All)
	}
	return a
}

// clean is do for a call that Gitea carries out as it was asked.
func (c *scene) clean(tool, args string) gatetest.Answer {
	c.t.Helper()
	a := c.do(tool, args)
	if a.Fields["note"] != nil || a.Fields["not_as_asked"] != nil {
		c.t.Errorf("%s %s: %s", tool, args, a.All)
	}
	return a
}

// refused calls a tool that has to be refused with a code, without a request that
// changes anything.
func (c *scene) refused(code, tool, args string) gatetest.Answer {
	c.t.Helper()
	a := c.d.Ask(tool, args)
	if string(a.Code) != code {
		c.t.Errorf("%s %.300s: %s, not %s", tool, args, a.All, code)
	}
	entries := c.d.Entries()
	if last := entries[len(entries)-1]; last["written"] != nil {
		c.t.Errorf("%s: written: %v", tool, last)
	}
	return a
}

// as speaks to Gitea as somebody, behind the door's back.
func (c *scene) as(u giteatest.User, method, path string, body, out any) {
	c.t.Helper()
	if err := c.s.As(u.Token).Into(context.WithoutCancel(c.t.Context()), method, path, body, out); err != nil {
		c.t.Fatal(err)
	}
}

// keeper is as the administrator.
func (c *scene) keeper(method, path string, body, out any) {
	c.t.Helper()
	c.as(c.s.World.Keeper, method, path, body, out)
}

// issue is what the tests look at of an issue or a pull request.
type issue struct {
	Number    int64
	Title     string
	Body      string
	State     string
	Labels    []struct{ ID int64 }
	Assignees []struct{ Login string }
	Milestone *struct{ ID int64 }
	DueDate   *string `json:"due_date"`
	Version   int     `json:"content_version"`
	Draft     bool
	Base      struct{ Ref string }
	Head      struct {
		Ref, SHA string
		RepoID   int64 `json:"repo_id"`
	}
}

func (c *scene) issue(repo string, number any) (i issue) {
	c.t.Helper()
	c.keeper("GET", fmt.Sprintf("/repos/%s/issues/%v", repo, number), nil, &i)
	return i
}

func (c *scene) pull(repo string, number any) (i issue) {
	c.t.Helper()
	c.keeper("GET", fmt.Sprintf("/repos/%s/pulls/%v", repo, number), nil, &i)
	return i
}

// newIssue opens an issue as the administrator.
func (c *scene) newIssue(repo string, fields map[string]any) issue {
	c.t.Helper()
	var made issue
	c.keeper("POST", "/repos/"+repo+"/issues", fields, &made)
	return made
}

// branch makes a branch with a commit of its own and returns that.
func (c *scene) branch(repo, name, from string, files ...string) string {
	c.t.Helper()
	c.keeper("POST", "/repos/"+repo+"/branches", map[string]any{"new_branch_name": name, "old_ref_name": from}, nil)
	return c.commit(repo, name, files...)
}

var committed atomic.Int64

// commit puts a commit on a branch, with files of a few lines.
func (c *scene) commit(repo, branch string, files ...string) string {
	c.t.Helper()
	if files == nil {
		files = []string{fmt.Sprintf("file-%d.txt", committed.Add(1))}
	}
	var all []any
	for _, path := range files {
		content := []byte(fmt.Sprintf("one %d\ntwo\nthree\nfour\n", committed.Add(1)))
		all = append(all, map[string]any{"operation": "upload", "path": path, "content": content})
	}
	var made struct{ Commit struct{ SHA string } }
	c.keeper("POST", "/repos/"+repo+"/contents", map[string]any{"branch": branch, "message": "m", "files": all}, &made)
	return made.Commit.SHA
}

// args makes arguments for a repository of "owner/name".
func args(repo string, more string) string {
	owner, name, _ := strings.Cut(repo, "/")
	return fmt.Sprintf(`{"owner":%q,"repo":%q%s}`, owner, name, more)
}

func text(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}

// between opens a door behind a proxy, which runs meddle once, right before the
// n-th GET of a path that has this ending.
func between(t *testing.T, s *giteatest.Server, policy string, ending string, n int, meddle func(), repos ...giteatest.Repo) (*gatetest.Door, *giteatest.Proxy) {
	t.Helper()
	proxy := s.Proxy(t)
	reached := nth(n, ending)
	proxy.Once(func(r *http.Request) bool { return r.Method == http.MethodGet && reached(r) }, meddle)
	var names []canon.Repo
	for _, repo := range repos {
		name, err := canon.ParseFullName(repo.FullName)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return gatetest.Open(t, gatetest.Config{URL: proxy.URL, Token: s.World.Writer.Token, Policy: policy, Write: true, Repos: names}), proxy
}

// changes are the requests that reached a proxy and are no questions.
func changes(p *giteatest.Proxy) (all []string) {
	for _, r := range p.Requests() {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	return all
}
