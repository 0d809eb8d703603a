package bench

import (
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
	"aegis/internal/canon"
	"aegis/sanitize"
)

// requests asks the way the gate does, over its transport.
func requests(b *testing.B, address string, c call) func() error {
	base, err := forge.ParseURL(address, false)
	if err != nil {
		b.Fatal(err)
	}
	f, err := forge.New(forge.Config{URL: base})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.Close)
	way, err := f.For(token, nil)
	if err != nil {
		b.Fatal(err)
	}
	_, _, repo := names(b)
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		client := way.Client(ctx, forge.Grant{CallID: "bench-1", Repos: []canon.Repo{repo}})
		defer client.Close()
		return c.over(client)
	}
}

// entries appends a call's two entries, each synced.
func entries(b *testing.B, c call) func() error {
	log, err := audit.Open(filepath.Join(b.TempDir(), "state", "audit.jsonl"), audit.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() })
	decision := audit.Entry{
		Kind: audit.KindDecision, Session: "abcdefghijkl", Principal: "tester", Call: "abcdefghijkl-1", Request: json.RawMessage("1"),
		Client: "bench 1", Tool: c.tool, Capability: "read", Repo: repository, Paths: []string{"main.go"},
		Stage: audit.StageStatic, Decision: audit.Allow, PolicySHA256: strings.Repeat("0", 64), ArgsHMAC: log.ArgsHMAC([]byte(c.args)),
	}
	outcome := decision
	outcome.Kind, outcome.Stage, outcome.Decision, outcome.ArgsHMAC = audit.KindOutcome, "", "", ""
	outcome.RepoID, outcome.GiteaStatus, outcome.Bytes, outcome.DurationMS = 11, 200, 4500, 1.2
	return func() error {
		if err := log.Append(context.Background(), decision); err != nil {
			return err
		}
		return log.Append(context.Background(), outcome)
	}
}

// syncs writes two lines as long as entries, each synced: what a disk takes for
// a call's entries whoever writes them.
func syncs(b *testing.B) func() error {
	file, err := os.OpenFile(filepath.Join(b.TempDir(), "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = file.Close() })
	line := []byte(strings.Repeat("x", 599) + "\n")
	return func() error {
		for range 2 {
			if _, err := file.Write(line); err != nil {
				return err
			}
			if err := file.Sync(); err != nil {
				return err
			}
		}
		return nil
	}
}

// scrub scrubs what a call lets out: the text, the object, and what goes into
// the entries. The object was an answer, and is clean already; that costs as
// much.
func scrub(b *testing.B, c call, answer gate.Answer) func() error {
	scrubber, err := sanitize.New(sanitize.Config{Secrets: []string{token}})
	if err != nil {
		b.Fatal(err)
	}
	return func() error {
		if c.text != "" {
			scrubber.Text(c.text, sanitize.TextOptions{})
		}
		for range 2 { // path, repository, ref and rule
			for _, member := range []string{"main.go", repository, "", ""} {
				scrubber.Line(member)
			}
		}
		_, _, err := scrubber.JSON(json.RawMessage(answer.Object))
		return err
	}
}
