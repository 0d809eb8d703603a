package writetest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// track is a repository that one race is run in, with an issue, a label, a branch
// agent/x that is one commit ahead, and a file.
type track struct {
	t      *testing.T
	s      *giteatest.Server
	name   string // acme/…
	head   string // of agent/x
	main   string
	readme string // the blob
	keeper giteatest.API
	policy string // the file
	kill   string
}

// build makes the repository, or makes it again under its name.
func (r *track) build() {
	r.t.Helper()
	owner, short, _ := strings.Cut(r.name, "/")
	r.must("POST", "/orgs/"+owner+"/repos", map[string]any{"name": short, "private": true, "auto_init": true, "default_branch": "main"}, nil)
	r.must("PUT", "/repos/"+r.name+"/collaborators/"+r.s.World.Writer.Name, map[string]any{"permission": "write"}, nil)
	r.must("POST", "/repos/"+r.name+"/issues", map[string]any{"title": "one", "body": "b"}, nil)
	r.must("POST", "/repos/"+r.name+"/labels", map[string]any{"name": "bug", "color": "#aa0000"}, nil)
	var branch struct{ Commit struct{ ID string } }
	r.must("POST", "/repos/"+r.name+"/branches", map[string]any{"new_branch_name": "agent/x", "old_ref_name": "main"}, &branch)
	r.main = branch.Commit.ID
	r.push("agent/x")
	r.look()
}

// push puts a commit on a branch and returns its id.
func (r *track) push(branch string) string {
	r.t.Helper()
	var answer struct{ Commit struct{ SHA string } }
	r.must("POST", "/repos/"+r.name+"/contents", map[string]any{"branch": branch, "message": "m", "files": []any{
		map[string]any{"operation": "upload", "path": fmt.Sprintf("pushed-%d.txt", pushed.Add(1)), "content": "eA=="},
	}}, &answer)
	return answer.Commit.SHA
}

var pushed atomic.Int64

func (r *track) must(method, path string, body, out any) {
	r.t.Helper()
	if err := r.keeper.Into(r.t.Context(), method, path, body, out); err != nil {
		r.t.Errorf("%s %s: %v", method, path, err)
	}
}

// disturbance is what happens to a repository while a call is under way, and how
// it is put right for the next race.
type disturbance struct {
	do, undo func(r *track)
}

// meanwhile are disturbances, each of which breaks one thing that the call was
// decided on.
var meanwhile = map[string]disturbance{
	"renamed": {
		func(r *track) { r.must("PATCH", "/repos/"+r.name, map[string]any{"name": r.short() + "-was"}, nil) },
		func(r *track) { r.must("PATCH", "/repos/"+r.name+"-was", map[string]any{"name": r.short()}, nil) },
	},
	"transferred": {
		func(r *track) {
			r.must("POST", "/repos/"+r.name+"/transfer", map[string]any{"new_owner": r.s.World.Guild}, nil)
		},
		func(r *track) {
			r.must("POST", "/repos/"+r.s.World.Guild+"/"+r.short()+"/transfer", map[string]any{"new_owner": r.s.World.Acme}, nil)
		},
	},
	"made anew": {
		func(r *track) { r.must("DELETE", "/repos/"+r.name, nil, nil); r.build() },
		func(*track) {},
	},
	"published": {
		func(r *track) { r.must("PATCH", "/repos/"+r.name, map[string]any{"private": false}, nil) },
		func(r *track) { r.must("PATCH", "/repos/"+r.name, map[string]any{"private": true}, nil) },
	},
	"branch moved": {
		func(r *track) { r.push("agent/x") },
		func(*track) {},
	},
	"policy changed": {
		func(r *track) {
			if err := os.WriteFile(r.policy, []byte("version: 1\n"), 0o600); err != nil {
				r.t.Error(err)
			}
		},
		func(*track) {},
	},
	"killed": {
		func(r *track) {
			if err := os.WriteFile(r.kill, nil, 0o600); err != nil {
				r.t.Error(err)
			}
		},
		func(*track) {},
	},
}

// short is the repository's name without its owner.
func (r *track) short() string {
	_, short, _ := strings.Cut(r.name, "/")
	return short
}

// look notes what the branch and its file are now.
func (r *track) look() {
	var branch struct{ Commit struct{ ID string } }
	r.must("GET", "/repos/"+r.name+"/branches/agent/x", nil, &branch)
	r.head = branch.Commit.ID
	var file struct{ SHA string }
	r.must("GET", "/repos/"+r.name+"/contents/README.md?ref="+r.head, nil, &file)
	r.readme = file.SHA
}

// raced are the tools that are raced with: one that writes text, one that has two
// requests, and one that lands on a branch. The mechanism is the same for all.
var raced = []string{"create_comment", "update_issue", "commit_files"}

// TestWritesLandOnceWhereTheyWereDecided puts each of those between every two
// requests of each call. Before the last look at what it breaks the call is refused
// and nothing is sent; behind it, what was sent and carried out is told and
// recorded as what it is.
func TestWritesLandOnceWhereTheyWereDecided(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	for _, tool := range raced {
		arguments := calls[tool]
		r := &track{t: t, s: s, name: fmt.Sprintf("acme/race-%d", pushed.Add(1)), keeper: s.As(s.World.Keeper.Token)}
		r.build()
		calm := runRace(t, r, tool, arguments, nil, -1)
		if calm.answer.IsError {
			t.Fatalf("%s: %s", tool, calm.answer.All)
		}
		for what, disturb := range meanwhile {
			for k := range len(calm.requests) + 1 {
				if k == 0 && what != "policy changed" && what != "killed" {
					continue // nothing was asked for yet: the call is decided on what is there
				}
				t.Run(fmt.Sprintf("%s, %s before request %d of %d", tool, what, k, len(calm.requests)), func(t *testing.T) {
					raced := runRace(t, r, tool, arguments, disturb.do, k)
					if raced.disturbed {
						disturb.undo(r)
					}
					raced.judge(t, what, k, calm)
				})
			}
		}
	}
}

// race is what came of one.
type race struct {
	answer    gatetest.Answer
	requests  []giteatest.Request
	disturbed bool
	last      gatetest.Entry
}

func runRace(t *testing.T, r *track, tool string, arguments func(*track) string, disturb func(*track), before int) race {
	t.Helper()
	r.t, r.kill = t, t.TempDir()+"/STOP"
	r.look()
	s, disturbed := r.s, false
	proxy := s.Proxy(t)
	name, err := canon.ParseFullName(r.name)
	if err != nil {
		t.Fatal(err)
	}
	d := gatetest.Open(t, gatetest.Config{
		URL: proxy.URL, Token: s.World.Writer.Token, Policy: allowing, Write: true, Repos: []canon.Repo{name}, Kill: r.kill,
	})
	r.policy = d.Policy
	var mu sync.Mutex // held while the repository is disturbed
	count := 0
	proxy.Rewrite = func(*http.Request) http.Handler {
		mu.Lock()
		defer mu.Unlock()
		if count == before {
			disturb(r)
			disturbed = true
		}
		count++
		return nil
	}
	owner, short, _ := strings.Cut(r.name, "/")
	answer := d.Ask(tool, `{"owner":"`+owner+`","repo":"`+short+`",`+arguments(r)+`}`)
	mu.Lock()
	defer mu.Unlock()
	entries := d.Entries()
	return race{answer, proxy.Requests(), disturbed, entries[len(entries)-1]}
}

func (r race) judge(t *testing.T, what string, k int, calm race) {
	t.Helper()
	sent, landed, first := 0, 0, -1
	for i, request := range r.requests {
		if request.Method == http.MethodGet {
			continue
		}
		if first < 0 {
			first = i
		}
		if sent++; request.Status/100 == 2 {
			landed++
		}
	}
	where := len(calm.requests)
	for i, request := range calm.requests {
		if request.Method != http.MethodGet {
			where = i
			break
		}
	}
	if written, _ := r.last["written"].(float64); int(written) != landed || r.last["kind"] != "outcome" {
		t.Errorf("%d landed, and the log says %v", landed, r.last)
	}
	if sent > 2 || landed > sent {
		t.Errorf("%d requests that change something", sent)
	}
	// The branch is looked at one request before the repository.
	gap := where
	if what == "branch moved" {
		gap = where - 1
	}
	switch {
	case k < gap && what != "branch moved":
		if sent > 0 || !r.answer.IsError {
			t.Errorf("before the last look: %d sent, %s", sent, r.answer.All)
		}
	case k < gap && landed > 0 && r.answer.IsError: // it lands on what the branch is by then, or is refused
		t.Errorf("it landed and is said to have failed: %s", r.answer.All)
	case landed > 0 && what == "made anew" && k <= where, landed > 0 && what == "published" && k <= where:
		if r.answer.Code != gate.Moved || !strings.Contains(r.answer.All, `"written":{`) {
			t.Errorf("in the gap: %s", r.answer.All)
		}
	case landed > 0 && k == where && (what == "policy changed" || what == "killed"):
		if !strings.Contains(r.answer.All, "while the request was on its way") && !r.answer.IsError {
			t.Errorf("in the gap: %s", r.answer.All)
		}
	case landed == 0 && !r.answer.IsError:
		t.Errorf("nothing landed: %s", r.answer.All)
	}
}

func (r *track) mustAs(who giteatest.User, method, path string, body, out any) {
	r.t.Helper()
	if err := r.s.As(who.Token).Into(r.t.Context(), method, path, body, out); err != nil {
		r.t.Errorf("%s %s: %v", method, path, err)
	}
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
