package poisontest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/internal/giteatest"
)

// eye is somebody who looks at everything that they can see.
type eye struct {
	server *giteatest.Server
	who    giteatest.User // the zero User is nobody: the world
}

// sight is what was seen of each repository: API records and, of all refs there
// are, commits and files.
type sight map[string][]string

// look reads all that may be read, but for repositories that were seen by others.
func (e eye) look(t *testing.T, others sight) sight {
	t.Helper()
	seen := make(sight)
	var found struct {
		Data []struct {
			FullName string `json:"full_name"`
			HasWiki  bool   `json:"has_wiki"`
			Empty    bool
		}
	}
	if err := e.server.As(e.who.Token).Into(t.Context(), "GET", "/repos/search?limit=50", nil, &found); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, repo := range found.Data {
		if others[repo.FullName] != nil {
			continue
		}
		wg.Go(func() {
			lines := e.lookAt(t, repo.FullName, repo.HasWiki, repo.Empty)
			mu.Lock()
			defer mu.Unlock()
			seen[repo.FullName] = lines
		})
	}
	wg.Wait()
	return seen
}

// lookAt reads all that may be read of one repository.
func (e eye) lookAt(t *testing.T, name string, wiki, empty bool) []string {
	t.Helper()
	at := "/repos/" + name
	lines := e.read(t, at, "")
	for _, list := range []string{
		"/issues/comments?limit=50", "/labels?limit=50", "/milestones?state=all&limit=50", "/releases?limit=50", "/actions/runs?limit=50",
	} {
		lines = append(lines, e.read(t, at+list, "outsider")...)
	}
	for page := 1; page <= 4; page++ {
		var issues []struct {
			Number      int64
			PullRequest *struct{} `json:"pull_request"`
			User        struct{ Login string }
		}
		list := fmt.Sprintf("%s/issues?state=all&limit=50&page=%d", at, page)
		lines = append(lines, e.read(t, list, "outsider")...)
		if e.server.As(e.who.Token).Into(t.Context(), "GET", list, nil, &issues) != nil || len(issues) == 0 {
			break
		}
		for _, issue := range issues {
			if issue.User.Login != "outsider" || issue.PullRequest != nil {
				lines = append(lines, e.read(t, fmt.Sprintf("%s/issues/%d/timeline", at, issue.Number), "outsider")...)
			}
			if issue.PullRequest != nil {
				lines = append(lines, e.read(t, fmt.Sprintf("%s/pulls/%d/reviews", at, issue.Number), "outsider")...)
			}
		}
	}
	if !empty {
		lines = append(lines, e.clone(t, name)...)
	}
	if wiki {
		lines = append(lines, e.clone(t, name+".wiki")...)
	}
	slices.Sort(lines)
	return lines
}

// read is all texts of an answer; records written by without are left out.
func (e eye) read(t *testing.T, path, without string) []string {
	t.Helper()
	answer, err := e.server.As(e.who.Token).Do(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &value) != nil {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		return leaves(steady(value))
	}
	var lines []string
	for _, each := range list {
		record, _ := each.(map[string]any)
		user, _ := record["user"].(map[string]any)
		if without == "" || user["login"] != without {
			lines = append(lines, leaves(steady(each))...)
		}
	}
	return lines
}

// steady is a value without what changes by itself.
func steady(value any) any {
	switch v := value.(type) {
	case map[string]any:
		v = maps.Clone(v)
		for _, name := range []string{"updated_at", "updated", "last_login", "mirror_updated", "repository", "repo", "base", "head"} {
			delete(v, name)
		}
		for name, each := range v {
			v[name] = steady(each)
		}
		return v
	case []any:
		v = slices.Clone(v)
		for i := range v {
			v[i] = steady(v[i])
		}
		return v
	}
	return value
}

// clone is every commit and every change of every ref, of pull requests too.
func (e eye) clone(t *testing.T, name string) []string {
	t.Helper()
	folder := t.TempDir()
	git := func(args ...string) string {
		command := exec.CommandContext(t.Context(), "git", args...)
		command.Env = []string{"HOME=" + folder, "GIT_TERMINAL_PROMPT=0", "PATH=" + os.Getenv("PATH")}
		out, err := command.Output()
		if err != nil && args[0] != "clone" { // which there may be nothing for: a wiki that nobody wrote
			t.Errorf("git %v: %v", args, err)
		}
		return string(out)
	}
	address := strings.Replace(e.server.URL, "://", "://"+e.who.Name+":"+e.who.Token+"@", 1)
	if e.who.Token == "" {
		address = e.server.URL
	}
	git("clone", "-q", "--mirror", address+"/"+name+".git", folder+"/it")
	if _, err := os.Stat(folder + "/it"); err != nil {
		return nil
	}
	return append(strings.Split(git("-C", folder+"/it", "for-each-ref", "--format=%(refname) %(objectname) %(contents)"), "\n"),
		strings.Split(git("-C", folder+"/it", "log", "--all", "-p", "--format=%H %an %s %b"), "\n")...)
}

// of is where any part of name, in any disguise, is seen.
func (s sight) of(name string) (where []string) {
	for repo, lines := range s {
		text := strings.ToLower(strings.Join(lines, "\n"))
		raw := strings.Join(lines, "\n")
		for _, form := range formsOf(name) {
			if strings.Contains(text, form) || strings.Contains(raw, form) {
				where = append(where, repo+": "+form)
			}
		}
	}
	slices.Sort(where)
	return where
}

// formsOf are what a reader would know a name of two words by.
func formsOf(name string) (forms []string) {
	first, second, _ := strings.Cut(name, "-")
	for _, part := range []string{first, second} {
		forms = append(forms, part, reversed(part), rot13(part), hex.EncodeToString([]byte(part)),
			strings.Join(strings.Split(part, ""), " "), strings.Join(strings.Split(part, ""), "-"))
		for shift := range 3 { // of which the first and the last digits depend on what is beside
			all := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + part))
			forms = append(forms, all[4*((shift+2)/3):len(all)-len(all)%4-4])
		}
	}
	forms = append(forms, hex.EncodeToString([]byte(first))[:6])
	return forms
}
