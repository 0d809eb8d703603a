package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/sanitize"
	"aegis/tools"

	gitea "code.gitea.io/sdk/gitea"
)

// BenchmarkCall measures what the gate adds to reading a file of 4 KB from a
// branch: a repository's record, a branch's and the file are asked for, two
// entries are synced. The baseline asks for the same three with a plain HTTP
// client and decodes them with the SDK. The parts are those of the gate that
// can be run by themselves, each beside the others in every turn.
func BenchmarkCall(b *testing.B) {
	text := goSource(b, 5000+4096)[5000:]
	server := newForge(b, map[string]string{"main.go": text})
	parts := []struct {
		name string
		run  func()
		took []time.Duration
	}{
		{name: "baseline", run: plain(b, server.URL, text)},
		{name: "ours", run: through(b, server.URL)},
		{name: "requests", run: requests(b, server.URL)},
		{name: "audit", run: entries(b)},
		{name: "scrub", run: scrub(b, text)},
	}
	for _, part := range parts { // rules are prepared and connections made once
		part.run()
	}
	for b.Loop() {
		for i := range parts {
			begin := time.Now()
			parts[i].run()
			parts[i].took = append(parts[i].took, time.Since(begin))
		}
	}
	var added []time.Duration
	for i := range parts[0].took {
		added = append(added, parts[1].took[i]-parts[0].took[i])
	}
	for _, part := range parts {
		b.ReportMetric(microseconds(median(part.took)), part.name+"-µs")
	}
	b.ReportMetric(microseconds(median(added)), "added-µs")
}

// plain asks with nothing in between.
func plain(b *testing.B, url, text string) func() {
	owner, name, _ := strings.Cut(repository, "/")
	httpClient := &http.Client{Transport: &http.Transport{}}
	b.Cleanup(httpClient.CloseIdleConnections)
	return func() {
		client, err := gitea.NewClient(url, gitea.SetGiteaVersion(""), gitea.SetHTTPClient(httpClient), gitea.SetToken(token))
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err = client.GetRepo(owner, name); err != nil {
			b.Fatal(err)
		}
		head, _, err := client.GetRepoBranch(owner, name, branch)
		if err != nil {
			b.Fatal(err)
		}
		file, _, err := client.GetContents(owner, name, head.Commit.ID, "main.go")
		if err != nil {
			b.Fatal(err)
		}
		if raw, err := base64.StdEncoding.DecodeString(*file.Content); err != nil || string(raw) != text {
			b.Fatalf("%d bytes of %d, %v", len(raw), len(text), err)
		}
	}
}

// through asks through the gate.
func through(b *testing.B, url string) func() {
	door := gatetest.Open(b, gatetest.Config{URL: url, Token: token})
	door.Session.Client("bench", "1")
	owner, name, _ := strings.Cut(repository, "/")
	call := gate.Call{
		Request: json.RawMessage("1"),
		Args:    fmt.Appendf(nil, `{"owner":%q,"repo":%q,"path":"main.go"}`, owner, name),
	}
	for _, tool := range tools.All() {
		if tool.Name == "get_file_contents" {
			return func() {
				if a := door.Gate.Do(context.Background(), door.Session, tool.Tool, call); a.IsError || a.Text == "" {
					b.Fatalf("%s", a.Object)
				}
			}
		}
	}
	b.Fatal("there is no get_file_contents")
	return nil
}

// requests asks the way the gate does, over its transport.
func requests(b *testing.B, address string) func() {
	base, err := forge.ParseURL(address, false)
	if err != nil {
		b.Fatal(err)
	}
	f, err := forge.New(forge.Config{URL: base, Token: token})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.Close)
	repo, err := canon.ParseFullName(repository)
	if err != nil {
		b.Fatal(err)
	}
	path, err := canon.ParsePath("main.go")
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		client := f.Client(ctx, forge.Grant{CallID: "bench-1", Repos: []canon.Repo{repo}})
		if _, err := client.Repository(repo); err != nil {
			b.Fatal(err)
		}
		head, err := client.BranchCommit(repo, branch)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := client.File(repo, path, head); err != nil {
			b.Fatal(err)
		}
	}
}

// entries appends a call's two entries, each synced.
func entries(b *testing.B) func() {
	log, err := audit.Open(filepath.Join(b.TempDir(), "state", "audit.jsonl"), audit.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() })
	decision := audit.Entry{
		Kind: audit.KindDecision, Session: "abcdefghijkl", Principal: "tester", Call: "abcdefghijkl-1", Request: json.RawMessage("1"),
		Client: "bench 1", Tool: "get_file_contents", Capability: "read", Repo: repository, Paths: []string{"main.go"},
		Stage: audit.StageStatic, Decision: audit.Allow, PolicySHA256: strings.Repeat("0", 64), ArgsHMAC: log.ArgsHMAC([]byte("{}")),
	}
	outcome := decision
	outcome.Kind, outcome.Stage, outcome.Decision, outcome.ArgsHMAC = audit.KindOutcome, "", "", ""
	outcome.RepoID, outcome.GiteaStatus, outcome.Bytes, outcome.DurationMS = 11, 200, 4500, 1.2
	return func() {
		for _, entry := range []audit.Entry{decision, outcome} {
			if err := log.Append(context.Background(), entry); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// scrub scrubs what a call lets out: the text whole and as it was cut, the
// object, and what goes into the entries.
func scrub(b *testing.B, text string) func() {
	scrubber, err := sanitize.New(sanitize.Config{Secrets: []string{token}})
	if err != nil {
		b.Fatal(err)
	}
	object := json.RawMessage(fmt.Sprintf(`{"call":"abcdefghijkl-1","repository":%q,"visibility":"public","path":"main.go","ref":"refs/heads/main",`+
		`"commit":%q,"type":"file","sha":%q,"size":4096,"last_commit":%q}`, repository, commit, commit, commit))
	return func() {
		clean, _ := scrubber.Text(text, sanitize.TextOptions{})
		scrubber.Text(clean, sanitize.TextOptions{})
		if _, _, err := scrubber.JSON(object); err != nil {
			b.Fatal(err)
		}
		for range 2 {
			scrubber.Line("main.go")
			scrubber.Line(repository)
		}
	}
}
