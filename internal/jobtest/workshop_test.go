package jobtest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

type object = map[string]any

// workshop is a repository of its own, in which people do things.
type workshop struct {
	t    *testing.T
	s    *giteatest.Server
	name string // owner/name
}

// newWorkshop makes a repository of acme's, in which the world's Writer and Colleague may
// write, with a workflow that runs on every push.
func newWorkshop(t *testing.T, s *giteatest.Server, name string, private bool) *workshop {
	t.Helper()
	w := &workshop{t, s, "acme/" + name}
	keeper := s.World.Keeper
	w.ask(keeper, http.MethodPost, "/orgs/acme/repos", object{
		"name": name, "private": private, "default_branch": "main", "auto_init": true, "readme": "Default",
	}, nil)
	for _, each := range []giteatest.User{s.World.Writer, s.World.Colleague} {
		w.do(keeper, http.MethodPut, "/collaborators/"+each.Name, object{"permission": "write"}, nil)
	}
	w.settle()
	return w
}

// ask makes a request of Gitea's API, which has to do.
func (w *workshop) ask(by giteatest.User, method, path string, body, out any) {
	w.t.Helper()
	if err := w.s.As(by.Token).Into(w.t.Context(), method, path, body, out); err != nil {
		w.t.Fatal(err)
	}
}

// do is ask about the repository.
func (w *workshop) do(by giteatest.User, method, path string, body, out any) {
	w.t.Helper()
	w.ask(by, method, "/repos/"+w.name+path, body, out)
}

// made is what Gitea answers of what was made.
type made struct {
	ID     int64  `json:"id"`
	Number int64  `json:"number"`
	Tag    string `json:"tag_name"`
}

func (w *workshop) post(by giteatest.User, path string, body object) (m made) {
	w.t.Helper()
	w.do(by, http.MethodPost, path, body, &m)
	return m
}

func (w *workshop) patch(by giteatest.User, path string, body object) {
	w.t.Helper()
	w.do(by, http.MethodPatch, path, body, nil)
}

func (w *workshop) remove(by giteatest.User, path string) {
	w.t.Helper()
	w.do(by, http.MethodDelete, path, nil, nil)
}

// commit adds a file to a branch, which is made of main if there is none, and returns the
// commit's id.
func (w *workshop) commit(by giteatest.User, branch, path, content string) string {
	w.t.Helper()
	body := object{"content": []byte(content), "branch": branch, "message": "Add " + path}
	answer, err := w.s.As(by.Token).Do(w.t.Context(), http.MethodGet, "/repos/"+w.name+"/branches/"+url.PathEscape(branch), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if answer.Status == http.StatusNotFound {
		body["branch"], body["new_branch"] = "main", branch
	}
	var done struct {
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	w.do(by, http.MethodPost, "/contents/"+strings.ReplaceAll(url.PathEscape(path), "%2F", "/"), body, &done)
	return done.Commit.SHA
}

func (w *workshop) settle() {
	w.t.Helper()
	if err := w.s.Settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func at(path string, number int64) string { return fmt.Sprintf("%s/%d", path, number) }

// label sets an issue's labels.
func (w *workshop) label(by giteatest.User, issue string, labels ...made) {
	w.t.Helper()
	var ids []int64
	for _, l := range labels {
		ids = append(ids, l.ID)
	}
	w.do(by, http.MethodPut, issue+"/labels", object{"labels": ids}, nil)
}
