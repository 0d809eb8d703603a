package writetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// agents lets writes land below agent/ and nowhere else, CI's paths closed.
const agents = `
version: 1
paths: {deny: ["secrets/**"]}
repositories:
  "acme/*": {write: allow, automation: allow, branches: {allow: ["agent/**"]}}
`

// bench is a Gitea of a test's own, with what its subtests look at behind the
// gate's back.
type bench struct {
	*testing.T
	s    *giteatest.Server
	repo giteatest.Repo
	door *gatetest.Door
}

func newBench(t *testing.T, policy string, repo func(*giteatest.World) giteatest.Repo) *bench {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	r := repo(s.World)
	return &bench{t, s, r, open(t, s, policy, r)}
}

// in is b for a subtest.
func (b *bench) in(t *testing.T) *bench {
	other := *b
	other.T = t
	return &other
}

// api asks Gitea as its administrator; path begins after the repository.
func (b *bench) api(method, path string, body any) (answer map[string]any) {
	b.Helper()
	if err := b.s.As(b.s.World.Keeper.Token).Into(context.WithoutCancel(b.Context()), method, "/repos/"+b.repo.FullName+path, body, &answer); err != nil {
		b.Fatal(err)
	}
	return answer
}

// there reports whether Gitea has something at path.
func (b *bench) there(path string) bool {
	b.Helper()
	answer, err := b.s.As(b.s.World.Keeper.Token).Do(b.Context(), "GET", "/repos/"+b.repo.FullName+path, nil)
	if err != nil || answer.Status != 200 && answer.Status != 404 {
		b.Fatal(answer.Status, err)
	}
	return answer.Status == 200
}

// ask calls a tool of the door on the repository. args lacks owner, repo and the
// braces.
func (b *bench) ask(tool, args string) gatetest.Answer {
	b.Helper()
	return b.askAt(b.door, tool, args)
}

func (b *bench) askAt(door *gatetest.Door, tool, args string) gatetest.Answer {
	b.Helper()
	owner, name, _ := strings.Cut(b.repo.FullName, "/")
	if args != "" {
		args = "," + args
	}
	return door.Ask(tool, fmt.Sprintf(`{"owner":%q,"repo":%q%s}`, owner, name, args))
}

func (b *bench) ok(tool, args string) gatetest.Answer {
	b.Helper()
	a := b.ask(tool, args)
	if a.IsError {
		b.Fatalf("%s %.300s: %s", tool, args, a.Object)
	}
	return a
}

// refused fails unless the call ends with the code and the message says the words.
func (b *bench) refused(code, words, tool, args string) {
	b.Helper()
	a := b.ask(tool, args)
	if string(a.Code) != code || !strings.Contains(string(a.Object), words) {
		b.Errorf("%s %.300s: want %s (%s), got %s", tool, args, code, words, a.Object)
	}
}

// head is the commit at the head of a branch.
func (b *bench) head(branch string) string {
	b.Helper()
	commit, _ := b.api("GET", "/branches/"+branch, nil)["commit"].(map[string]any)
	id, _ := commit["id"].(string)
	return id
}

// push puts files on a branch behind the gate's back.
func (b *bench) push(branch string, files ...map[string]any) string {
	b.Helper()
	answer := b.api("POST", "/contents", map[string]any{"branch": branch, "message": "pushed", "files": files})
	commit, _ := answer["commit"].(map[string]any)
	id, _ := commit["sha"].(string)
	return id
}

func file(path, content string) map[string]any {
	return map[string]any{"operation": "upload", "path": path, "content": inBase64(content)}
}

// blob is the id of a file's content at a branch.
func (b *bench) blob(branch, path string) string {
	b.Helper()
	id, _ := b.api("GET", "/contents/"+path+"?ref="+branch, nil)["sha"].(string)
	return id
}

// through is a door behind a proxy that lets disturb happen once, right before the
// first request that before reports.
func (b *bench) through(policy string, before func(*http.Request) bool, disturb func()) *gatetest.Door {
	b.Helper()
	proxy := b.s.Proxy(b)
	proxy.Once(before, disturb)
	name, err := canon.ParseFullName(b.repo.FullName)
	if err != nil {
		b.Fatal(err)
	}
	return gatetest.Open(b, gatetest.Config{URL: proxy.URL, Token: b.s.World.Writer.Token, Policy: policy, Write: true, Repos: []canon.Repo{name}})
}

// What [bench.through] is told: right before the write itself, or before the nth request
// of a path that ends so.
var writing, nth = giteatest.Changes, giteatest.Nth

func inBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func quoted(text string) string {
	encoded, _ := json.Marshal(text)
	return string(encoded)
}

func sandbox(w *giteatest.World) giteatest.Repo    { return w.Sandbox }
func playground(w *giteatest.World) giteatest.Repo { return w.Playground }
