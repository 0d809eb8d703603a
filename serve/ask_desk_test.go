package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/app"
	"aegis/internal/canon"
	"aegis/internal/frametest"
	"aegis/internal/gatetest"
	"aegis/internal/sampleforge"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// desk is a session in which create_comment wants a human's approval, seen frame
// by frame, with the forge and the log behind it. The comments that it takes are
// counted and kept nowhere.
type desk struct {
	patience     time.Duration // of the one who is asked; a minute if zero
	capabilities string        // of the client; forms if empty
	policy       string
	reading      bool // write mode is off
	concurrency  int

	t            *testing.T
	era          string
	gate         *gate.Gate
	caller       *caller.Caller
	connection   *caller.Connection
	log          string
	posts        *atomic.Int64 // writes that reached the forge
	in           *io.PipeWriter
	lines        chan string
	ended        chan error
	stop         context.CancelFunc
	instructions string
}

// newDesk opens the gate.
func newDesk(t *testing.T, d desk) *desk {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if d.patience == 0 {
		d.patience = time.Minute
	}
	if d.capabilities == "" {
		d.capabilities = `{"elicitation":{"form":{}}}`
	}
	if d.policy == "" {
		d.policy = "version: 1\nrepositories: {acme/website: {write: allow}}\napprove: [create_comment, update_issue]\n"
	}
	d.t, d.posts = t, new(atomic.Int64)
	forgery := sampled(t, map[string]http.HandlerFunc{"/repos/acme/website/issues/1/comments": func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.NotFound(w, r)
			return
		}
		d.posts.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":77}`)
	}})
	folder := t.TempDir()
	d.log = filepath.Join(folder, "state", "audit.jsonl")
	file := filepath.Join(folder, "policy.yaml")
	check(os.WriteFile(file, []byte(d.policy), 0o600))
	address, err := forge.ParseURL(forgery.URL, false)
	check(err)
	repo, err := canon.ParseFullName("acme/website")
	check(err)
	config := app.Config{
		URL: address, Token: sampleforge.DemoToken(), PolicyFile: file, AuditLog: d.log, Write: !d.reading,
		AskTimeout: d.patience, Concurrency: d.concurrency, Logger: zerolog.Nop(),
	}
	if !d.reading {
		config.WriteRepos = []canon.Repo{repo}
	}
	opened, err := app.Open(config)
	check(err)
	t.Cleanup(func() { check(opened.Close()) })
	d.gate, d.caller, d.connection = opened.Gate, opened.Caller("test", "tester"), caller.Connect("")
	return &d
}

func (d *desk) server() *Server {
	return NewServer("test", d.gate, d.caller, d.connection, []tools.Tool{gatetest.Commenting("create_comment"), gatetest.Commenting("update_issue")}, zerolog.Nop())
}

// sitDown begins a session of an era.
func sitDown(t *testing.T, era string, given desk) *desk {
	t.Helper()
	d := newDesk(t, given)
	d.era = era
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	d.in, d.stop, d.lines, d.ended = inW, cancel, make(chan string, 1000), make(chan error, 1)
	go func() {
		err := d.server().Run(ctx, &stdio.Transport{In: inR, Out: outW})
		d.caller.Questions.Close() // as the end of a session does
		d.ended <- err
		_ = outW.Close()
	}()
	go func() {
		defer close(d.lines)
		scanner := bufio.NewScanner(outR)
		scanner.Buffer(nil, 16<<20)
		for scanner.Scan() {
			d.lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		_ = inW.Close()
		cancel()
		for range d.lines {
		}
	})
	var told struct{ Instructions string }
	if era == eras[0] {
		d.send(`{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"` + era + `","capabilities":` + d.capabilities + `,"clientInfo":{"name":"test","version":"1"}}}`)
	} else {
		d.send(`{"jsonrpc":"2.0","id":"hello","method":"server/discover","params":{` + strings.TrimPrefix(d.meta(), ",") + `}}`)
	}
	a := d.receive()
	if err := json.Unmarshal(a.Result, &told); err != nil {
		t.Fatalf("%v: %s", err, a.Line)
	}
	d.instructions = told.Instructions
	if era == eras[0] {
		d.send(ready)
	}
	return d
}

// answer is a line that left, taken apart.
type answer = frametest.Answer

var parseAnswer = frametest.Parse

const (
	hello = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"test","version":"1"}}}`
	ready = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	ping  = `{"jsonrpc":"2.0","id":"ping","method":"ping"}`
	meta  = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}}}}`
)

// meta is what each request of the era without a handshake brings, behind a
// comma.
func (d *desk) meta() string {
	if d.era == eras[0] {
		return `,"_meta":{}`
	}
	return `,"_meta":{"io.modelcontextprotocol/protocolVersion":"` + d.era + `","io.modelcontextprotocol/clientCapabilities":` + d.capabilities + `}`
}

func (d *desk) send(frame string) {
	d.t.Helper()
	if _, err := io.WriteString(d.in, frame+"\n"); err != nil {
		d.t.Fatalf("writing to the server: %v", err)
	}
}

func (d *desk) receive() answer {
	d.t.Helper()
	select {
	case l, ok := <-d.lines:
		if !ok {
			d.t.Fatal("the session has ended")
		}
		return parseAnswer(d.t, l)
	case <-time.After(20 * time.Second):
		d.t.Fatal("no answer")
	}
	return answer{}
}

// end waits for the session's end and returns what is left of its output.
func (d *desk) end() (rest []answer) {
	d.t.Helper()
	select {
	case <-d.ended:
	case <-time.After(20 * time.Second):
		d.t.Fatal("the session does not end")
	}
	for l := range d.lines {
		rest = append(rest, parseAnswer(d.t, l))
	}
	return rest
}

// frame is a call of create_comment, with more members of its params.
func (d *desk) frame(id, body, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"create_comment","arguments":{"owner":"acme","repo":"website","number":1,"body":"` +
		body + `"}` + more + d.meta() + `}}`
}

func (d *desk) comment(id, body string) { d.commentBringing(id, body, "") }

func (d *desk) commentBringing(id, body, more string) { d.t.Helper(); d.send(d.frame(id, body, more)) }

// asked is a question as the client got it.
type asked struct {
	id, message string
	state       string // as JSON; "" where a question has an id
	body        string // of the call that it is about
}

// question receives the question that the call id led to.
func (d *desk) question(id string) asked {
	d.t.Helper()
	a := d.receive()
	type form struct {
		Mode, Message   string
		RequestedSchema json.RawMessage
	}
	var q asked
	var shown form
	if d.era == eras[0] {
		var m struct{ Params form }
		if err := json.Unmarshal([]byte(a.Line), &m); err != nil || a.Method != "elicitation/create" {
			d.t.Fatalf("got %s; want a question", a.Line)
		}
		q.id, shown = a.ID, m.Params
	} else {
		var result struct {
			ResultType    string
			InputRequests map[string]struct {
				Method string
				Params form
			}
			RequestState json.RawMessage
			Content      []any
		}
		err := json.Unmarshal(a.Result, &result)
		one := result.InputRequests["approve"]
		if err != nil || a.ID != id || result.ResultType != "input_required" || len(result.InputRequests) != 1 || one.Method != "elicitation/create" || len(result.Content) > 0 {
			d.t.Fatalf("got %s; want a question", a.Line)
		}
		q.state, shown = string(result.RequestState), one.Params
	}
	if shown.Mode != "form" || string(shown.RequestedSchema) == "" {
		d.t.Errorf("got %+v; want a form", shown)
	}
	q.message = shown.Message
	if _, body, ok := strings.Cut(q.message, "body: "); ok {
		q.body, _, _ = strings.Cut(body, "\n")
	}
	return q
}

// answer answers a question with what the form gave.
func (d *desk) answer(q asked, form string) {
	d.t.Helper()
	if d.era == eras[0] {
		d.send(`{"jsonrpc":"2.0","id":` + q.id + `,"result":` + form + `}`)
		return
	}
	d.commentBringing(`"again"`, q.body, `"inputResponses":{"approve":`+form+`},"requestState":`+q.state)
}

// outcome is a call's answer.
type outcome struct {
	failed gate.Code
	line   string
}

// result receives the answer of a call.
func (d *desk) result() outcome { d.t.Helper(); return d.read(d.receive()) }

func (d *desk) read(a answer) outcome {
	d.t.Helper()
	var result struct{ Content []struct{ Text string } }
	if err := json.Unmarshal(a.Result, &result); err != nil || a.Method != "" || len(result.Content) == 0 {
		d.t.Fatalf("got %s; want a call's answer", a.Line)
	}
	return outcome{failure(result.Content[0].Text), a.Line}
}

// failure is the code in an answer's object.
func failure(object string) gate.Code {
	var fields struct{ Error struct{ Code gate.Code } }
	_ = json.Unmarshal([]byte(object), &fields)
	return fields.Error.Code
}

// declined holds an outcome, and the log, to a no. Nothing was sent.
func (d *desk) declined(got outcome) bool {
	d.t.Helper()
	if got.failed != gate.ApprovalDeclined {
		d.t.Errorf("got %s; want approval_declined", got.line)
	}
	if n := d.posts.Load(); n != 0 {
		d.t.Errorf("%d requests were sent", n)
	}
	if entries := d.entries(); len(entries) == 0 || entries[len(entries)-1]["code"] != string(gate.ApprovalDeclined) {
		d.t.Errorf("the log does not end with the refusal: %v", entries)
	}
	return got.failed == gate.ApprovalDeclined
}

// logged waits until the log holds n entries with a code.
func (d *desk) logged(code gate.Code, n int) {
	d.t.Helper()
	found := -1
	for deadline := time.Now().Add(10 * time.Second); found != n && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		found = 0
		for _, entry := range d.entries() {
			if entry["code"] == string(code) {
				found++
			}
		}
	}
	if found != n {
		d.t.Errorf("%d entries with %s; want %d", found, code, n)
	}
}

func (d *desk) entries() (all []map[string]any) {
	d.t.Helper()
	raw, err := os.ReadFile(d.log)
	if err != nil {
		d.t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var entry map[string]any
		if !strings.HasSuffix(line, "\n") {
			break // being written
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, entry)
	}
	return all
}
