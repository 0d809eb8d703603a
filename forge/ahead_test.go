package forge

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// asked is a Gitea made of answers by path, that counts what it is asked.
type asked struct {
	mu      sync.Mutex
	answers map[string]string
	before  func(*http.Request)
	count   map[string]int
	running atomic.Int32
}

func (a *asked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.running.Add(1)
	defer a.running.Add(-1)
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	a.mu.Lock()
	if a.count == nil {
		a.count = make(map[string]int)
	}
	a.count[path]++
	answer, ok := a.answers[path]
	a.mu.Unlock()
	if a.before != nil {
		a.before(r)
	}
	w.Header().Set("Content-Type", jsonType)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
	}
	_, _ = fmt.Fprint(w, answer)
}

func (a *asked) times(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count[path]
}

// came waits until a path was asked for.
func (a *asked) came(t *testing.T, path string) {
	t.Helper()
	for range 5000 {
		if a.times(path) > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%s is never asked for", path)
}

const issuePath = "/repos/acme/app/issues/1"

func issueOf(id int64, address string) string {
	return fmt.Sprintf(`{"number":1,"title":"t","html_url":%q,"repository":{"id":%d,"full_name":"acme/app"}}`, address, id)
}

func asking(t *testing.T, a *asked) (*Client, canon.Repo) {
	t.Helper()
	name := repo(t, "acme/app")
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return wayTo(t, forgeAt(t, server.URL)).Client(t.Context(), Grant{CallID: "c-1", Repos: []canon.Repo{name}}), name
}

func recordOf(id int64) *gitea.Repository {
	return &gitea.Repository{ID: id, FullName: "acme/app", HTMLURL: "https://git.example/acme/app"}
}

// An answer that was asked ahead is taken once, and not before it is known what it has
// to be about.
func TestAhead_NothingIsHandedOutBeforeTheRecord(t *testing.T) {
	t.Parallel()
	a := &asked{answers: map[string]string{issuePath: issueOf(7, "https://git.example/acme/app/issues/1")}}
	c, name := asking(t, a)
	if issue, err := c.Ahead(name).Issue(name, 1); issue != nil || From(err).Kind != Refused {
		t.Fatalf("a read that only begins answers %v, %v", issue, err)
	}
	a.came(t, issuePath)
	if _, err := c.Issue(name, 1); err != nil || a.times(issuePath) != 2 {
		t.Errorf("without a record: %v, asked %d times", err, a.times(issuePath))
	}
	c.Expect(name, recordOf(7))
	for more := range 2 {
		if _, err := c.Issue(name, 1); err != nil || a.times(issuePath) != 2+more {
			t.Errorf("%v, asked %d times", err, a.times(issuePath))
		}
	}
}

// The name was given to another repository between the two answers, in either order.
func TestAhead_AnswersAreHeldAgainstTheRecord(t *testing.T) {
	t.Parallel()
	elsewhere := "https://git.example/other/one/x"
	for name, c := range map[string]struct {
		path, answer string
		read         func(c *Reader, r canon.Repo) error
	}{
		"issue by id":   {issuePath, issueOf(8, ""), func(c *Reader, r canon.Repo) error { _, err := c.Issue(r, 1); return err }},
		"issue by name": {issuePath, issueOf(7, elsewhere), func(c *Reader, r canon.Repo) error { _, err := c.Issue(r, 1); return err }},
		"issues": {"/repos/acme/app/issues", "[" + issueOf(8, "") + "]", func(c *Reader, r canon.Repo) error {
			_, _, err := c.Issues(r, Page{1, 30}, IssueSearch{State: "open"})
			return err
		}},
		"comments": {issuePath + "/comments", `[{"html_url":"` + elsewhere + `"}]`, func(c *Reader, r canon.Repo) error { _, err := c.Comments(r, 1); return err }},
		"labels":   {"/repos/acme/app/labels", `[{"url":"` + elsewhere + `"}]`, func(c *Reader, r canon.Repo) error { _, _, _, err := c.Labels(r, Page{1, 30}); return err }},
		"pull":     {"/repos/acme/app/pulls/1", `{"number":1,"base":{"repo_id":8},"head":{}}`, func(c *Reader, r canon.Repo) error { _, err := c.PullRequest(r, 1); return err }},
		"pulls": {"/repos/acme/app/pulls", `[{"number":1,"base":{"repo_id":8},"head":{}}]`, func(c *Reader, r canon.Repo) error {
			_, _, err := c.PullRequests(r, Page{1, 30}, "open")
			return err
		}},
		"branch": {"/repos/acme/app/branches/main", `{"name":"main","commit":{"id":"` + testID + `","url":"` + elsewhere + `"}}`, func(c *Reader, r canon.Repo) error { _, err := c.BranchCommit(r, "main"); return err }},
		"tag":    {"/repos/acme/app/tags/v1", `{"name":"v1","commit":{"sha":"` + testID + `","url":"` + elsewhere + `"}}`, func(c *Reader, r canon.Repo) error { _, err := c.TagCommit(r, "v1"); return err }},
		"branches": {"/repos/acme/app/branches", `[{"name":"main","commit":{"id":"` + testID + `","url":"` + elsewhere + `"}}]`, func(c *Reader, r canon.Repo) error {
			_, _, err := c.Branches(r, Page{1, 30})
			return err
		}},
		"releases": {"/repos/acme/app/releases", `[{"html_url":"` + elsewhere + `"}]`, func(c *Reader, r canon.Repo) error { _, _, err := c.Releases(r, Page{1, 30}); return err }},
		"wiki":     {"/repos/acme/app/wiki/page/Home.md", `{"title":"Home","sub_url":"Home","html_url":"` + elsewhere + `"}`, func(c *Reader, r canon.Repo) error { _, _, _, err := c.FindWikiPage(r, "Home"); return err }},
		"run":      {"/repos/acme/app/actions/runs/1", `{"id":1,"repository":{"id":8}}`, func(c *Reader, r canon.Repo) error { _, err := c.WorkflowRun(r, 1); return err }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &asked{answers: map[string]string{c.path: c.answer}}
			client, r := asking(t, a)
			_ = c.read(client.Ahead(r), r)
			a.came(t, c.path)
			client.Expect(r, recordOf(7))
			if err := c.read(client.Reader, r); err == nil || From(err).Kind != Exchanged {
				t.Errorf("an answer of another repository: %v", err)
			}
			if n := a.times(c.path); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// Nothing that was asked ahead is under way once the call asks nothing any more.
func TestAhead_EndsWithTheCall(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*Client){"sealed": (*Client).Seal, "closed": (*Client).Close} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &asked{before: func(r *http.Request) { <-r.Context().Done() }}
			c, name := asking(t, a)
			_, _ = c.Ahead(name).Issue(name, 1)
			a.came(t, issuePath)
			end(c)
			for _, e := range c.ahead.sent {
				select {
				case <-e.came:
				default:
					t.Error("a request is under way")
				}
			}
			_, _ = c.Ahead(name).Comments(name, 1)
			c.ahead.running.Wait()
			if n := a.times(issuePath + "/comments"); n != 0 {
				t.Error("a request was begun afterwards")
			}
			c.Expect(name, recordOf(7))
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			c.transport.ctx = ctx
			if _, err := c.Issue(name, 1); err == nil {
				t.Error("an answer that was given up is handed out")
			}
		})
	}
}

// What is not on the list for it, or lies elsewhere, is not asked ahead.
func TestAhead_OnlyWhatIsListedBelowTheName(t *testing.T) {
	t.Parallel()
	a := &asked{}
	c, name := asking(t, a)
	other := repo(t, "acme/other")
	c.Allow(other)
	early := c.Ahead(name)
	early.transport.seen[held{name, testID}] = true
	_, _ = early.Repository(name)
	_, _ = early.Issue(other, 1)
	_, _ = early.PullRequestDiff(name, 1)
	_, _ = early.Compare(name, testID, name, testID)
	_, _ = early.JobLog(name, 1)
	_, _ = early.Me()
	_, _ = c.Ahead(repo(t, "acme/foreign")).Issue(repo(t, "acme/foreign"), 1)
	c.Seal()
	if len(a.count) > 0 {
		t.Errorf("asked ahead: %v", a.count)
	}
}

func TestAhead_IsBounded(t *testing.T) {
	t.Parallel()
	a := &asked{before: func(r *http.Request) { <-r.Context().Done() }}
	c, name := asking(t, a)
	for range 2 {
		for n := range int64(20) {
			_, _ = c.Ahead(name).Issue(name, n+1)
		}
	}
	if n := len(c.ahead.sent); n != maxAhead {
		t.Errorf("%d at once", n)
	}
	c.Seal()
}

// The status that counts is that of the last answer that the call asked for.
func TestAhead_StatusIsOfWhatWasTaken(t *testing.T) {
	t.Parallel()
	a := &asked{answers: map[string]string{"/repos/acme/app": `{"id":7,"full_name":"acme/app","has_issues":true}`}}
	c, name := asking(t, a)
	_, _ = c.Ahead(name).Issue(name, 1)
	record, err := c.Repository(name)
	if err != nil {
		t.Fatal(err)
	}
	c.ahead.running.Wait()
	if c.LastStatus() != http.StatusOK {
		t.Errorf("status %d of an answer that nobody has asked for", c.LastStatus())
	}
	c.Expect(name, record)
	if _, err := c.Issue(name, 1); From(err).Kind != NotFound || c.LastStatus() != http.StatusNotFound {
		t.Errorf("%v, status %d", err, c.LastStatus())
	}
}

// A large answer takes no memory before it is wanted, so that it can't keep others
// waiting, and none at all if it is not.
func TestAhead_TakesNoMemoryBeforeItIsWanted(t *testing.T) {
	t.Parallel()
	large := `[{"body":"` + strings.Repeat("x", 3*freeBody) + `"}]`
	a := &asked{answers: map[string]string{issuePath + "/comments": large}}
	c, name := asking(t, a)
	m := c.transport.forge.memory
	_, _ = c.Ahead(name).Comments(name, 1)
	a.came(t, issuePath+"/comments")
	all := m.lease()
	if err := all.grow(t.Context(), m.size); err != nil || all.held != m.size {
		t.Fatalf("something is taken: %v", err)
	}
	all.release()
	c.Expect(name, recordOf(7))
	if rows, err := c.Comments(name, 1); err != nil || len(rows) != 1 {
		t.Fatal(err)
	}
	if c.transport.lease.held == 0 {
		t.Error("what is wanted takes none")
	}
	_, _ = c.Ahead(name).Comments(name, 1)
	c.Close()
	if m.free != m.size || m.running != 0 {
		t.Errorf("%d of %d are free, %d run", m.free, m.size, m.running)
	}
}

// A panic in a request that was asked ahead is the call's, and not the process' end.
func TestAhead_APanicIsTheCallers(t *testing.T) {
	t.Parallel()
	c, name := asking(t, &asked{})
	wire := c.transport.forge.wire
	c.transport.forge.wire = nil
	_, _ = c.Ahead(name).Issue(name, 1)
	c.ahead.running.Wait()
	c.transport.forge.wire = wire
	c.Expect(name, recordOf(7))
	defer func() {
		if recover() == nil {
			t.Error("it is lost")
		}
	}()
	_, _ = c.Issue(name, 1)
}
