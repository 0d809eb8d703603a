// Package gatetest opens a gate for tests, the way a session opens it, and
// asks it for tools by name.
//
// What goes in is the address of a Gitea (a real one, a proxy before it, or a
// fake), a token and a policy; what comes out are answers taken apart. The
// audit log lies in a temporary folder and is verified when the test ends:
// every test of a tool is a test of the chain, too. And each is a test that
// nothing is asked of Gitea once there is all that an answer is made of.
package gatetest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/app"
	"aegis/internal/canon"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// Config says which door to open.
type Config struct {
	URL     string
	Token   string
	Policy  string        // YAML; "" is the built-in policy
	Floor   string        // the machine's managed floor, a file; "" is none
	Secrets []string      // more values to redact
	Rules   string        // more rules to redact by, as gitleaks has them
	Timeout time.Duration // of a call; 30 s if zero
	Kill    string        // the kill switch's file
	Write   bool
	Repos   []canon.Repo // the write whitelist
	Tools   []tools.Tool // every tool if nil
	Keep    bool         // the texts that humans approve, beside the log
	Damaged bool         // the test breaks the log: it is not verified at the end

	Concurrency, PerCaller int // calls at once; the gate's own if zero
}

// Door is an open gate, with a caller and its connection.
type Door struct {
	Gate       *gate.Gate
	Caller     *caller.Caller
	Connection *caller.Connection
	Log        string        // the audit log's file
	Policy     string        // the policy's file, "" for the built-in one
	Stderr     *bytes.Buffer // what the gate logged; read it when no call runs
	// Human answers what a human is asked; nil is a client that can't ask.
	Human func(message string) bool
	Shell bool // calls are typed at a shell, as aegis call has them

	tb    testing.TB
	floor string
	app   *app.App
	tools map[string]tools.Tool
	over  Carrier
}

// Carrier takes the calls of a door's caller to it in another way than straight.
type Carrier interface {
	// Carry makes a call on a connection of its own.
	Carry(ctx context.Context, d *Door, tool string, args json.RawMessage) gate.Answer
	// Close ends what the carrier has opened.
	Close()
}

// Over makes a carrier for each door that is opened, nil to go straight. It is set before
// any test runs, by who imports a package for that.
var Over func(tb testing.TB, d *Door, registered []tools.Tool) Carrier

// Carried is the principal of entries that are a carrier's own. [Door.Entries] leaves them out.
const Carried = "carrier"

// patience is how long a call may take where a test says nothing else: a machine that
// is busy with other tests fails none.
const patience = 5 * time.Minute

// Open opens a door and closes it when the test ends.
func Open(tb testing.TB, c Config) *Door {
	tb.Helper()
	folder := tb.TempDir()
	d := &Door{Log: filepath.Join(folder, "state", "audit.jsonl"), Stderr: new(bytes.Buffer), tb: tb, floor: c.Floor, tools: make(map[string]tools.Tool)}
	if c.Timeout == 0 {
		c.Timeout = patience
	}
	if c.Policy != "" {
		d.Policy = filepath.Join(folder, "policy.yaml")
		d.check(os.WriteFile(d.Policy, []byte(c.Policy), 0o600))
	}
	config := app.Config{
		Token: c.Token, PolicyFile: d.Policy, Floor: c.Floor, AuditLog: d.Log, KillSwitch: c.Kill, Write: c.Write, WriteRepos: c.Repos,
		Timeout: c.Timeout, Secrets: c.Secrets, Concurrency: c.Concurrency, PerCaller: c.PerCaller,
		Agent: "aegis/test", Logger: zerolog.New(zerolog.SyncWriter(d.Stderr)),
	}
	config.Audit.KeepApprovals = c.Keep
	if c.Write { // Gitea's record is looked through for who only reads
		config.Agent = "aegis/test-writing"
	}
	if c.Rules != "" {
		config.Gitleaks = filepath.Join(folder, "rules.toml")
		d.check(os.WriteFile(config.Gitleaks, []byte(c.Rules), 0o600))
	}
	var err error
	config.URL, err = forge.ParseURL(c.URL, false)
	d.check(err)
	d.app, err = app.Open(config)
	d.check(err)
	d.Gate = d.app.Gate
	d.Anew()
	registered := c.Tools
	if registered == nil {
		registered = tools.All()
	}
	for _, tool := range registered {
		d.tools[tool.Name] = tool
	}
	if Over != nil {
		d.over = Over(tb, d, registered)
	}
	tb.Cleanup(func() {
		if d.over != nil {
			d.over.Close()
		}
		for _, late := range []string{gate.JudgedByLess, forge.AskedTooLate} {
			if strings.Contains(d.Stderr.String(), late) {
				tb.Errorf("Gitea was wanted once more after the result was complete: %s", late)
			}
		}
		if !c.Damaged {
			d.check(d.Gate.End(context.Background(), d.Caller, d.Connection))
			report, err := audit.Verify(context.Background(), d.Log)
			if err == nil && report.Problem != nil {
				tb.Errorf("the audit log does not verify: %s", report.Problem)
			}
		}
		d.check(d.app.Close())
	})
	return d
}

// Anew lets another caller to the door, of whom nothing is remembered.
func (d *Door) Anew() { d.Caller, d.Connection = d.Another("tester"), caller.Connect("") }

// Another makes a caller of whom nothing is remembered, with the door's token and
// write whitelist.
func (d *Door) Another(principal string) *caller.Caller { return d.app.Caller("test", principal) }

// Do takes a call of a tool through the door.
func (d *Door) Do(ctx context.Context, tool gate.Tool, call gate.Call) gate.Answer {
	return d.Gate.Do(ctx, d.Caller, d.Connection, tool, call)
}

// Answer is an answer taken apart.
type Answer struct {
	gate.Answer
	Fields map[string]any // the first block's members
	All    string         // everything that left, both blocks
}

// Ask calls a tool. args is anything that marshals to a JSON object, or the
// raw text of one.
func (d *Door) Ask(tool string, args any) Answer {
	d.tb.Helper()
	return d.AskContext(context.Background(), tool, args)
}

// AskContext is Ask under a context.
func (d *Door) AskContext(ctx context.Context, tool string, args any) Answer {
	d.tb.Helper()
	raw, ok := args.(string)
	if !ok {
		encoded, err := json.Marshal(args)
		d.check(err)
		raw = string(encoded)
	}
	known, ok := d.tools[tool]
	if !ok {
		d.tb.Fatalf("there is no tool %q", tool)
	}
	if d.over != nil && json.Valid([]byte(raw)) {
		return d.taken(tool, d.over.Carry(ctx, d, tool, json.RawMessage(raw)))
	}
	call := gate.Call{Request: json.RawMessage("1"), Args: json.RawMessage(raw), CanAsk: d.Human != nil, Shell: d.Shell}
	answer := d.Do(ctx, known.Tool, call)
	if answer.Ask != nil {
		call.Reply = &gate.Reply{State: answer.Ask.State, Approved: d.Human(answer.Ask.Message)}
		answer = d.Do(ctx, known.Tool, call)
	}
	return d.taken(tool, answer)
}

// taken takes an answer apart.
func (d *Door) taken(tool string, answer gate.Answer) Answer {
	d.tb.Helper()
	a := Answer{Answer: answer}
	a.All = string(a.Object) + "\n" + a.Text
	if err := json.Unmarshal(a.Object, &a.Fields); err != nil {
		d.tb.Fatalf("%s answered no JSON object: %v\n%s", tool, err, a.Object)
	}
	return a
}

// Items returns the rows of a list.
func (a Answer) Items() []map[string]any {
	var rows []map[string]any
	items, _ := a.Fields["items"].([]any)
	for _, item := range items {
		row, _ := item.(map[string]any)
		rows = append(rows, row)
	}
	return rows
}

// Refusal returns the error's members, nil if the call succeeded.
func (a Answer) Refusal() map[string]any {
	refusal, _ := a.Fields["error"].(map[string]any)
	return refusal
}

// Entry is a line of the audit log.
type Entry map[string]any

// Entries reads the audit log.
func (d *Door) Entries() []Entry {
	d.tb.Helper()
	raw, err := os.ReadFile(d.Log)
	d.check(err)
	var all []Entry
	for line := range bytes.Lines(raw) {
		var entry Entry
		d.check(json.Unmarshal(line, &entry))
		if entry["principal"] != Carried {
			all = append(all, entry)
		}
	}
	return all
}

func (d *Door) check(err error) {
	d.tb.Helper()
	if err != nil {
		d.tb.Fatal(err)
	}
}
