package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"

	gitea "code.gitea.io/sdk/gitea"
)

// A call is something to ask for whose answer has 4 KB.
type call struct {
	tool  string
	args  string
	text  string                    // the file that is read, "" if none is
	plain func(*gitea.Client) error // the same requests, decoded by the SDK
	over  func(*forge.Client) error // the same over the gate's transport
}

// BenchmarkCall measures what the gate adds to two calls, from arguments to
// answer, with both entries synced. A file of 4 KB takes three requests: for a
// repository's record, a branch's and the file, and so does one of 5 MB, of which
// an answer has the begin, but all is scrubbed. A list of twenty issues takes two,
// and has many values that are scrubbed one by one. The baseline sends the
// same requests with a plain HTTP client and decodes them with the SDK. The
// parts are those of the gate that can be run by themselves, and what the disk
// alone takes for two synced writes, each beside the others in every turn.
func BenchmarkCall(b *testing.B) {
	text := goSource(b, 5000+4096)[5000:]
	server := newForge(b, map[string]string{"main.go": text})
	b.Run("file", func(b *testing.B) { measure(b, server.URL, readFile(b, text)) })
	b.Run("list", func(b *testing.B) { measure(b, server.URL, listIssues(b)) })
	large := goSource(b, fileSize)
	b.Run("large", func(b *testing.B) {
		measure(b, newForge(b, map[string]string{"main.go": large}).URL, readFile(b, large))
	})
}

func measure(b *testing.B, url string, c call) {
	ours, answer := through(b, url, c)
	parts := []struct {
		name string
		run  func() error
		took []time.Duration
		busy []time.Duration // processor time: the forge's and ours
	}{
		{name: "baseline", run: plain(b, url, c)},
		{name: "ours", run: ours},
		{name: "requests", run: requests(b, url, c)},
		{name: "audit", run: entries(b, c)},
		{name: "sync", run: syncs(b)},
		{name: "scrub", run: scrub(b, c, answer)},
	}
	for b.Loop() {
		for i := range parts {
			begin, worked := time.Now(), busy(b)
			if err := parts[i].run(); err != nil {
				b.Fatalf("%s: %v", parts[i].name, err)
			}
			parts[i].took = append(parts[i].took, time.Since(begin))
			parts[i].busy = append(parts[i].busy, busy(b)-worked)
		}
	}
	var added, addedWork []time.Duration
	for i := range parts[0].took {
		added = append(added, parts[1].took[i]-parts[0].took[i])
		addedWork = append(addedWork, parts[1].busy[i]-parts[0].busy[i])
	}
	for _, part := range parts {
		b.ReportMetric(microseconds(median(part.took)), part.name+"-µs")
	}
	b.ReportMetric(microseconds(median(added)), "added-µs")
	b.ReportMetric(microseconds(median(addedWork)), "added-cpu-µs")
	b.ReportMetric(float64(len(answer.Object)+len(answer.Text)), "answer-B")
}

// through asks through the gate, once to begin with: rules are prepared and
// connections made.
func through(b *testing.B, url string, c call) (ask func() error, first gate.Answer) {
	b.Helper()
	door := gatetest.Open(b, gatetest.Config{URL: url, Token: token})
	door.Connection.Client("bench", "1")
	for _, tool := range tools.All() {
		if tool.Name != c.tool {
			continue
		}
		do := func() gate.Answer {
			return door.Do(context.Background(), tool.Tool,
				gate.Call{Request: json.RawMessage("1"), Args: json.RawMessage(c.args)})
		}
		if first = do(); first.IsError {
			b.Fatalf("%s", first.Object)
		}
		return func() error {
			if a := do(); len(a.Object)+len(a.Text) < 4000 {
				return fmt.Errorf("%s", a.Object)
			}
			return nil
		}, first
	}
	b.Fatalf("there is no %s", c.tool)
	return nil, gate.Answer{}
}

// plain asks with nothing in between.
func plain(b *testing.B, url string, c call) func() error {
	httpClient := &http.Client{Transport: &http.Transport{}}
	b.Cleanup(httpClient.CloseIdleConnections)
	return func() error {
		client, err := gitea.NewClient(url, gitea.SetGiteaVersion(""), gitea.SetHTTPClient(httpClient), gitea.SetToken(token))
		if err != nil {
			return err
		}
		return c.plain(client)
	}
}

func readFile(b *testing.B, text string) call {
	owner, name, repo := names(b)
	path, err := canon.ParsePath("main.go")
	if err != nil {
		b.Fatal(err)
	}
	return call{
		tool: "get_file_contents",
		args: fmt.Sprintf(`{"owner":%q,"repo":%q,"path":"main.go"}`, owner, name),
		text: text,
		plain: func(client *gitea.Client) error {
			if _, _, err := client.GetRepo(owner, name); err != nil {
				return err
			}
			head, _, err := client.GetRepoBranch(owner, name, branch)
			if err != nil {
				return err
			}
			file, _, err := client.GetContents(owner, name, head.Commit.ID, "main.go")
			if err != nil {
				return err
			}
			raw, err := base64.StdEncoding.DecodeString(*file.Content)
			if err == nil && string(raw) != text {
				err = errors.New("another text")
			}
			return err
		},
		over: func(client *forge.Client) error {
			if _, err := client.Repository(repo); err != nil {
				return err
			}
			head, err := client.BranchCommit(repo, branch)
			if err != nil {
				return err
			}
			_, err = client.File(repo, path, head)
			return err
		},
	}
}

func listIssues(b *testing.B) call {
	owner, name, repo := names(b)
	return call{
		tool: "list_issues",
		args: fmt.Sprintf(`{"owner":%q,"repo":%q}`, owner, name),
		plain: func(client *gitea.Client) error {
			if _, _, err := client.GetRepo(owner, name); err != nil {
				return err
			}
			rows, _, err := client.ListRepoIssues(owner, name, gitea.ListIssueOption{Type: gitea.IssueTypeIssue, State: gitea.StateOpen})
			if err == nil && len(rows) != issues {
				err = fmt.Errorf("%d issues", len(rows))
			}
			return err
		},
		over: func(client *forge.Client) error {
			if _, err := client.Repository(repo); err != nil {
				return err
			}
			_, _, err := client.Issues(repo, forge.Page{Page: 1, Limit: 30}, forge.IssueSearch{State: "open"})
			return err
		},
	}
}

func names(b *testing.B) (owner, name string, repo canon.Repo) {
	b.Helper()
	owner, name, _ = strings.Cut(repository, "/")
	repo, err := canon.ParseFullName(repository)
	if err != nil {
		b.Fatal(err)
	}
	return owner, name, repo
}
