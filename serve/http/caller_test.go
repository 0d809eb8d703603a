package http

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aegis/internal/app"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const website = "acme/website"

var (
	private = map[string]any{"owner": "acme", "repo": "service", "path": "README.md"}
	comment = map[string]any{"owner": "acme", "repo": "website", "number": 1, "body": "hello"}
)

// writing is a stage on which comments may be written to acme/website. They are counted.
func writing(t *testing.T, given stage) (*stage, *atomic.Int64) {
	t.Helper()
	posts := new(atomic.Int64)
	if given.forge == nil {
		given.forge = sampled(t, map[string]http.HandlerFunc{"/repos/acme/website/issues/1/comments": func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				http.NotFound(w, r)
				return
			}
			posts.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"id":77}`)
		}})
	}
	if given.policy == "" {
		given.policy = "version: 1\nrepositories: {acme/website: {write: allow}}\n"
	}
	own := given.app
	given.app = func(c *app.Config) {
		c.Write, c.WriteRepos = true, []canon.Repo{named(t, website)}
		if own != nil {
			own(c)
		}
	}
	changed := given.config
	given.config = func(c *Config) {
		for _, tool := range tools.All() {
			if tool.Name == "create_comment" {
				tool = gatetest.Commenting("create_comment")
			}
			c.Tools = append(c.Tools, tool)
		}
		if changed != nil {
			changed(c)
		}
	}
	s := start(t, given)
	s.hold("alice", website)
	s.hold("bob", website)
	return s, posts
}

func named(t *testing.T, name string) canon.Repo {
	t.Helper()
	repo, err := canon.ParseFullName(name)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// once makes a call on a connection of its own.
func (s *stage) once(key, era, tool string, args map[string]any) told {
	s.t.Helper()
	session := s.enter(key, era, nil)
	defer session.Close()
	return s.ask(session, tool, args)
}

// What a key was shown bounds where it may write, whatever it does about its connections,
// its secret or the server; and nobody else.
func TestI11_NothingShedsAMark(t *testing.T) {
	t.Parallel()
	s, posts := writing(t, stage{})
	if a := s.once(keyOf("alice"), eras[0], "create_comment", comment); a.code != "" || posts.Load() != 1 {
		t.Fatalf("before: %s", a.text)
	}
	session := s.enter(keyOf("alice"), eras[0], nil)
	if a := s.ask(session, "get_file_contents", private); a.code != "" {
		t.Fatal(a.text)
	}
	denied := func(how string, a told) {
		t.Helper()
		if a.code != "flow_denied" || !strings.Contains(a.text, "A new session changes nothing") {
			t.Errorf("%s: %s", how, a.text)
		}
	}
	denied("on the same connection", s.ask(session, "create_comment", comment))
	_ = session.Close()
	for _, era := range eras {
		denied("anew, "+era, s.once(keyOf("alice"), era, "create_comment", comment))
	}
	s.keys.put("rotated-"+keyOf("alice"), s.hold("alice", website))
	denied("by another secret", s.once("rotated-"+keyOf("alice"), eras[1], "create_comment", comment))
	s.hold("alice", website, "acme/other")
	denied("with another whitelist", s.once(keyOf("alice"), eras[1], "create_comment", comment))
	s.keys.revoke("rotated-" + keyOf("alice"))
	s.keys.revoke(keyOf("alice"))
	s.server.sweep()
	s.hold("alice", website)
	denied("revoked and given again", s.once(keyOf("alice"), eras[0], "create_comment", comment))
	if a := s.once(keyOf("bob"), eras[0], "create_comment", comment); a.code != "" {
		t.Errorf("another key: %s", a.text)
	}
	s.stop()
	again, _ := writing(t, stage{folder: s.folder, forge: s.forge})
	denied("after a restart", again.once(keyOf("alice"), eras[1], "create_comment", comment))
	if a := again.once(keyOf("bob"), eras[0], "create_comment", comment); a.code != "" {
		t.Errorf("another key: %s", a.text)
	}
	if posts.Load() != 3 {
		t.Errorf("%d comments were written", posts.Load())
	}
}

// While write mode is off a mark is kept all the same: it may be on when the key comes
// again.
func TestI11_AMarkOutlivesAServerThatOnlyReads(t *testing.T) {
	t.Parallel()
	s, _ := writing(t, stage{app: func(c *app.Config) { c.Write = false }})
	if a := s.once(keyOf("alice"), eras[1], "get_file_contents", private); a.code != "" {
		t.Fatal(a.text)
	}
	s.stop()
	again, _ := writing(t, stage{folder: s.folder, forge: s.forge})
	if a := again.once(keyOf("alice"), eras[1], "create_comment", comment); a.code != "flow_denied" {
		t.Error(a.text)
	}
}

// A limit is a key's, on however many connections.
func TestI11_ALimitIsTheKeys(t *testing.T) {
	t.Parallel()
	s := start(t, stage{policy: "version: 1\nlimits: {calls_per_minute: 6}\n"})
	s.hold("bob")
	codes := make(map[string]int)
	for i := range 12 {
		codes[s.once(keyOf("alice"), eras[i%2], "get_me", nil).code]++
	}
	if codes[""] != 6 || codes["rate_limited"] != 6 {
		t.Errorf("%v", codes)
	}
	if a := s.once(keyOf("bob"), eras[0], "get_me", nil); a.code != "" {
		t.Errorf("another key: %s", a.text)
	}
}

const asks = "version: 1\nrepositories: {acme/website: {write: allow}}\napprove: [create_comment]\n"

// human is a client's human who says the same each time, and counts the questions.
func human(action string, content map[string]any, asked *atomic.Int64) *mcp.ClientOptions {
	return &mcp.ClientOptions{ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
		asked.Add(1)
		return &mcp.ElicitResult{Action: action, Content: content}, nil
	}}
}

// A human is asked by a form in both eras, and everything but the explicit yes is a no.
func TestAHumanIsAskedOverHTTP(t *testing.T) {
	t.Parallel()
	s, posts := writing(t, stage{policy: asks})
	for _, era := range eras {
		var asked atomic.Int64
		before := posts.Load()
		session := s.enter(keyOf("alice"), era, human("accept", map[string]any{"approve": true}, &asked))
		if a := s.ask(session, "create_comment", comment); a.code != "" || asked.Load() != 1 || posts.Load() != before+1 {
			t.Errorf("%s, yes: %s, asked %d times, %d written", era, a.text, asked.Load(), posts.Load()-before)
		}
		session = s.enter(keyOf("alice"), era, human("accept", map[string]any{"approve": false}, &asked))
		if a := s.ask(session, "create_comment", comment); a.code != "approval_declined" || posts.Load() != before+1 {
			t.Errorf("%s, no: %s", era, a.text)
		}
		if a := s.once(keyOf("alice"), era, "create_comment", comment); a.code != "approval_unavailable" {
			t.Errorf("%s, without a human: %s", era, a.text)
		}
	}
}

// question asks without a handshake, and returns what has to be given back.
func (s *stage) question(key string) (state string) {
	s.t.Helper()
	raw := s.modernCall(key, "")
	var answer struct{ Result struct{ RequestState string } }
	if err := json.Unmarshal([]byte(raw), &answer); err != nil || answer.Result.RequestState == "" {
		s.t.Fatalf("no question: %s", raw)
	}
	return answer.Result.RequestState
}

// modernCall calls create_comment without a handshake.
func (s *stage) modernCall(key, more string) string {
	s.t.Helper()
	args, _ := json.Marshal(comment)
	params := fmt.Sprintf(`"name":"create_comment","arguments":%s%s`, args, more)
	body := strings.Replace(modern(7, "tools/call", params), `clientCapabilities":{}`, `clientCapabilities":{"elicitation":{"form":{}}}`, 1)
	_, raw := s.request(http.MethodPost, s.url, body, "Authorization", "Bearer "+key, "Mcp-Protocol-Version", eras[1], "Mcp-Method", "tools/call", "Mcp-Name", "create_comment")
	return raw
}

// yes is what brings the human's answer.
func yes(state string) string {
	return fmt.Sprintf(`,"requestState":%q,"inputResponses":{"approve":{"action":"accept","content":{"approve":true}}}`, state)
}

// A reply is good once, from whom was asked, to the server that asked.
func TestI11_AReplyIsBoundToItsCaller(t *testing.T) {
	t.Parallel()
	s, posts := writing(t, stage{policy: asks})
	state := s.question(keyOf("alice"))
	refused := func(how, raw string) {
		t.Helper()
		if !strings.Contains(raw, "approval_declined") {
			t.Errorf("%s: %s", how, raw)
		}
	}
	refused("another key's", s.modernCall(keyOf("bob"), yes(state)))
	if n := posts.Load(); n != 0 {
		t.Fatalf("%d written", n)
	}
	if raw := s.modernCall(keyOf("alice"), yes(state)); strings.Contains(raw, "error") || posts.Load() != 1 {
		t.Errorf("its own, on another connection: %s", raw)
	}
	refused("a second time", s.modernCall(keyOf("alice"), yes(state)))
	refused("forged", s.modernCall(keyOf("alice"), yes(state[:len(state)-2]+"AA")))
	refused("made up", s.modernCall(keyOf("alice"), yes("x")))
	used, open := state, s.question(keyOf("alice"))
	s.stop()
	again, _ := writing(t, stage{folder: s.folder, forge: s.forge, policy: asks})
	refused("used before a restart", again.modernCall(keyOf("alice"), yes(used)))
	refused("open before a restart", again.modernCall(keyOf("alice"), yes(open)))
	if n := posts.Load(); n != 1 {
		t.Errorf("%d written", n)
	}
}

// What a human has answered to one is no answer to what another asked: a client's
// response goes to its own session alone.
func TestI11_AResponseIsBoundToItsSession(t *testing.T) {
	t.Parallel()
	s, posts := writing(t, stage{policy: asks})
	asked := make(chan struct{})
	over := make(chan struct{})
	session := s.enter(keyOf("alice"), eras[0], &mcp.ClientOptions{ElicitationHandler: func(ctx context.Context, _ *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
		close(asked)
		<-over
		return &mcp.ElicitResult{Action: "decline"}, nil
	}})
	answered := make(chan told, 1)
	go func() { answered <- s.ask(session, "create_comment", comment) }()
	<-asked
	mine := s.enter(keyOf("bob"), eras[0], nil)
	for id := range 10 {
		forged := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"action":"accept","content":{"approve":true}}}`, id)
		for _, at := range []string{session.ID(), mine.ID()} {
			s.request(http.MethodPost, s.url, forged, "Authorization", "Bearer "+keyOf("bob"), "Mcp-Session-Id", at, "Mcp-Protocol-Version", eras[0])
		}
	}
	time.Sleep(50 * time.Millisecond)
	close(over)
	if a := <-answered; a.code != "approval_declined" || posts.Load() != 0 {
		t.Errorf("%s, %d written", a.text, posts.Load())
	}
}
