// Package gatetest opens a gate for tests, the way a session opens it, and
// asks it for tools by name.
//
// What goes in is the address of a Gitea (a real one, a proxy before it, or a
// fake), a token and a policy; what comes out are answers taken apart. The
// audit log lies in a temporary folder and is verified when the test ends:
// every test of a tool is a test of the chain, too.
package gatetest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/sanitize"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// Config says which door to open.
type Config struct {
	URL     string
	Token   string
	Policy  string        // YAML; "" is the built-in policy
	Secrets []string      // more values to redact
	Rules   string        // more rules to redact by, as gitleaks has them
	Timeout time.Duration // of a call; 30 s if zero
	Kill    string        // the kill switch's file
	Write   bool
	Repos   []canon.Repo // the write whitelist
	Tools   []tools.Tool // every tool if nil
	Damaged bool         // the test breaks the log: it is not verified at the end
}

// Door is an open gate with one session.
type Door struct {
	Gate    *gate.Gate
	Session *gate.Session
	Log     string        // the audit log's file
	Policy  string        // the policy's file, "" for the built-in one
	Stderr  *bytes.Buffer // what the gate logged; read it when no call runs
	// Human answers what a human is asked; nil is a client that can't ask.
	Human func(message string) bool

	tb    testing.TB
	tools map[string]tools.Tool
}

// Open opens a door and closes it when the test ends.
func Open(tb testing.TB, c Config) *Door {
	tb.Helper()
	folder := tb.TempDir()
	d := &Door{Log: filepath.Join(folder, "state", "audit.jsonl"), Stderr: new(bytes.Buffer), tb: tb, tools: make(map[string]tools.Tool)}
	if c.Policy != "" {
		d.Policy = filepath.Join(folder, "policy.yaml")
		d.check(os.WriteFile(d.Policy, []byte(c.Policy), 0o600))
	}
	store, _, err := policy.NewStore(d.Policy)
	d.check(err)
	address, err := forge.ParseURL(c.URL, false)
	d.check(err)
	agent, writable := "aegis/test", []canon.Repo(nil) // Gitea's record is looked through for who only reads
	if c.Write {
		agent, writable = "aegis/test-writing", c.Repos
	}
	client, err := forge.New(forge.Config{URL: address, Token: c.Token, Writable: writable, UserAgent: agent})
	d.check(err)
	tb.Cleanup(client.Close)
	secrets := c.Secrets
	if c.Token != "" {
		secrets = append(secrets, c.Token)
	}
	scrubbing := sanitize.Config{Secrets: secrets}
	if c.Rules != "" {
		scrubbing.Rules, _, err = sanitize.ParseRules([]byte(c.Rules))
		d.check(err)
	}
	scrubber, err := sanitize.New(scrubbing)
	d.check(err)
	log, err := audit.Open(d.Log, audit.Options{})
	d.check(err)
	d.Gate, err = gate.Open(store, client, scrubber, log, gate.Options{
		Write: c.Write, WriteRepos: c.Repos, KillSwitch: c.Kill, Timeout: c.Timeout,
		Logger: zerolog.New(zerolog.SyncWriter(d.Stderr)),
	})
	d.check(err)
	d.Session = d.Gate.NewSession("tester")
	registered := c.Tools
	if registered == nil {
		registered = tools.All()
	}
	for _, tool := range registered {
		d.tools[tool.Name] = tool
	}
	tb.Cleanup(func() {
		if !c.Damaged {
			d.check(d.Session.End(context.Background()))
			report, err := audit.Verify(context.Background(), d.Log)
			if err == nil && report.Problem != nil {
				tb.Errorf("the audit log does not verify: %s", report.Problem)
			}
		}
		d.check(log.Close())
	})
	return d
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
	call := gate.Call{Request: json.RawMessage("1"), Args: json.RawMessage(raw), CanAsk: d.Human != nil}
	a := Answer{Answer: d.Gate.Do(ctx, d.Session, known.Tool, call)}
	if a.Ask != nil {
		call.Reply = &gate.Reply{State: a.Ask.State, Approved: d.Human(a.Ask.Message)}
		a = Answer{Answer: d.Gate.Do(ctx, d.Session, known.Tool, call)}
	}
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
		all = append(all, entry)
	}
	return all
}

func (d *Door) check(err error) {
	d.tb.Helper()
	if err != nil {
		d.tb.Fatal(err)
	}
}
