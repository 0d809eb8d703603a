package readtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/serve"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// cost is what an everyday question costs a client's context: the calls that
// answer it, and what Gitea answers the same token when asked directly.
type cost struct {
	question string
	list     bool     // Aegis' answer must be the smaller one
	calls    []string // tool and arguments
	raw      []string // paths below /api/v1
}

// TestWhatAnswersCost logs the table of docs/performance.md. Only lists are held
// to being smaller than Gitea's: what a text costs beyond itself is an envelope.
func TestWhatAnswersCost(t *testing.T) {
	s := giteatest.Start(t)
	e := live(t, s)
	d := door(t, s, "version: 1"+unlimited)
	reader := s.As(s.World.Reader.Token)
	everyday := func(tool, more string) string { return tool + ` {"owner":"acme","repo":"everyday"` + more + `}` }
	number := func(n int64) string { return fmt.Sprintf(`,"number":%d`, n) }
	pull := fmt.Sprintf("%s/pulls/%d", everydayRepo, e.pull)
	pullRaw := []string{pull, pull + ".diff", pull + "/reviews"}
	for _, id := range e.reviews {
		pullRaw = append(pullRaw, fmt.Sprintf("%s/reviews/%d/comments", pull, id))
	}
	var each []string // Gitea's list has the issues' texts, Aegis' has not
	for i := range int64(30) {
		each = append(each, everyday("get_issue", number(e.issue-i)))
	}
	t.Logf("| %-44s | %9s | %9s | %s |", "question", "Gitea", "Aegis", "Aegis is")
	for _, c := range []cost{
		{"the latest 30 commits", true,
			[]string{`list_commits {"owner":"acme","repo":"service-a","limit":30}`},
			[]string{"/repos/acme/service-a/commits?limit=30"}},
		{"… without what Gitea can leave out", true,
			[]string{`list_commits {"owner":"acme","repo":"service-a","limit":30}`},
			[]string{"/repos/acme/service-a/commits?limit=30&stat=false&verification=false&files=false"}},
		{"30 open issues", true,
			[]string{everyday("list_issues", `,"limit":30`)},
			[]string{everydayRepo + "/issues?state=open&type=issues&limit=30"}},
		{"… and then each of the 30 issues", false,
			append([]string{everyday("list_issues", `,"limit":30`)}, each...),
			[]string{everydayRepo + "/issues?state=open&type=issues&limit=30"}},
		{"an issue with its 6 comments", true,
			[]string{everyday("get_issue", number(e.issue)), everyday("list_issue_comments", number(e.issue))},
			[]string{fmt.Sprintf("%s/issues/%d", everydayRepo, e.issue), fmt.Sprintf("%s/issues/%d/comments", everydayRepo, e.issue)}},
		{"a pull request, its diff and its reviews", false,
			[]string{everyday("get_pull_request", number(e.pull)), everyday("get_pull_request_diff", number(e.pull)), everyday("list_pull_request_reviews", number(e.pull))},
			pullRaw},
		{"README.md", false,
			[]string{everyday("get_file_contents", `,"path":"README.md"`)},
			[]string{everydayRepo + "/contents/README.md"}},
		{"… against its bare text", false,
			[]string{everyday("get_file_contents", `,"path":"README.md"`)},
			[]string{everydayRepo + "/raw/README.md"}},
		{"lines 1-100 of a source file", false,
			[]string{everyday("get_file_contents", `,"path":"gate/code.go","start_line":1,"end_line":100`)},
			[]string{everydayRepo + "/contents/gate/code.go"}},
		{"… against its bare text, whole", false,
			[]string{everyday("get_file_contents", `,"path":"gate/code.go","start_line":1,"end_line":100`)},
			[]string{everydayRepo + "/raw/gate/code.go"}},
		{"the tree, recursive", true,
			[]string{everyday("get_file_tree", `,"recursive":true,"limit":500,"ref":"`+e.head+`"`)},
			[]string{everydayRepo + "/git/trees/" + e.head + "?recursive=true&per_page=500"}},
		{"a search in code, against the archive", true,
			[]string{everyday("search_code", `,"query":"context.Context","limit":30`)},
			[]string{everydayRepo + "/archive/main.tar.gz"}},
		{"a failed job's last 200 lines of 1,000", false,
			[]string{everyday("get_job_log", fmt.Sprintf(`,"job_id":%d`, e.job))},
			[]string{fmt.Sprintf("%s/actions/jobs/%d/logs", everydayRepo, e.job)}},
		{"the repositories", true,
			[]string{`list_repositories {"limit":30}`},
			[]string{"/repos/search?limit=30"}},
	} {
		var ours, theirs, rows, theirRows int
		for _, call := range c.calls {
			tool, args, _ := strings.Cut(call, " ")
			a := ok(t, d.Ask(tool, args))
			if a.Fields["truncated"] != nil {
				t.Logf("%s is cut: %s", call, a.Fields["hint"])
			}
			ours += len(a.Object) + len(a.Text)
			rows += len(a.Items())
		}
		for _, path := range c.raw {
			answer, err := reader.Do(t.Context(), http.MethodGet, path, nil)
			if err != nil || answer.Status != http.StatusOK {
				t.Fatalf("%s: %d, %v", path, answer.Status, err)
			}
			theirs += len(answer.Body)
			theirRows += rowsOf(answer.Body)
		}
		t.Logf("| %-44s | %9d | %9d | %.2f × |", c.question, theirs, ours, float64(ours)/float64(theirs))
		if theirRows > 0 && rows != theirRows {
			t.Errorf("%s: %d rows, and Gitea's own answer has %d: nothing to compare", c.question, rows, theirRows)
		}
		if c.list && ours >= theirs {
			t.Errorf("%s: %d bytes, and Gitea's own answer has %d", c.question, ours, theirs)
		}
	}
	size, count := listed(t, d)
	t.Logf("tools/list: %d bytes, %d tools, %d bytes a tool", size, count, size/count)
}

// rowsOf is how many rows an answer of Gitea's has, 0 if it is no list.
func rowsOf(body []byte) int {
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil {
		return len(list)
	}
	var wrapped struct {
		Data []json.RawMessage `json:"data"`
		Tree []json.RawMessage `json:"tree"`
	}
	if json.Unmarshal(body, &wrapped) != nil {
		return 0
	}
	return len(wrapped.Data) + len(wrapped.Tree)
}

// listed is the size of the result of tools/list, and how many tools it has.
func listed(t *testing.T, d *gatetest.Door) (size, count int) {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		server := serve.NewServer("test", d.Gate, d.Caller, d.Connection, tools.All(), zerolog.Nop())
		ended <- server.Run(ctx, &stdio.Transport{In: inR, Out: outW})
		_ = outW.Close()
	}()
	defer func() {
		cancel()
		_ = inW.Close()
		_ = outR.Close()
		<-ended
	}()
	answers := bufio.NewReader(outR)
	ask := func(frame string, result any) {
		t.Helper()
		if _, err := fmt.Fprintln(inW, frame); err != nil {
			t.Fatal(err)
		}
		line, err := answers.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Result json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal(line, &answer); err != nil || answer.Result == nil {
			t.Fatalf("%v: %s", err, line)
		}
		if err := json.Unmarshal(answer.Result, result); err != nil {
			t.Fatal(err)
		}
		size = len(answer.Result)
	}
	ask(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"cost","version":"1"}}}`, new(any))
	if _, err := fmt.Fprintln(inW, `{"jsonrpc":"2.0","method":"notifications/initialized"}`); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Tools []json.RawMessage `json:"tools"`
	}
	ask(`{"jsonrpc":"2.0","id":2,"method":"tools/list"}`, &list)
	if len(list.Tools) == 0 {
		t.Fatal("no tools are listed")
	}
	return size, len(list.Tools)
}

// everyday is acme/everyday: Aegis' own sources, and texts of an ordinary
// length about them.
type everyday struct {
	head        string // the commit that begins main
	issue, pull int64
	reviews     []int64
	job         int64
}

const everydayRepo = "/repos/acme/everyday"

func live(t *testing.T, s *giteatest.Server) *everyday {
	t.Helper()
	c, w := carpenter{t, s}, s.World
	k := w.Keeper
	settle := func() {
		t.Helper()
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.post(k, "/orgs/acme/repos", object{"name": "everyday", "private": true, "default_branch": "main"})
	c.do(k, http.MethodPut, everydayRepo+"/collaborators/reader", object{"permission": "read"}, nil)
	c.do(k, http.MethodPut, everydayRepo+"/collaborators/writer", object{"permission": "write"}, nil)
	files := sources(t)
	var creates []object
	for path, content := range files {
		creates = append(creates, object{"operation": "create", "path": path, "content": []byte(content)})
	}
	c.do(k, http.MethodPost, everydayRepo+"/contents", object{"message": "Begin", "files": creates}, nil)
	settle()
	e := &everyday{}
	var branch struct {
		Commit struct {
			ID string `json:"id"`
		} `json:"commit"`
	}
	c.do(k, http.MethodGet, everydayRepo+"/branches/main", nil, &branch)
	e.head = branch.Commit.ID

	const paragraph = "Starting it with a policy that names a group of repositories takes the first section that matches. "
	for i := range 32 {
		e.issue = c.post(k, everydayRepo+"/issues", object{
			"title": fmt.Sprintf("The %d. section is taken and not the nearest", i+1), "body": strings.Repeat(paragraph, 6),
		}).Number
	}
	for i := range 6 {
		c.post([]giteatest.User{k, w.Writer}[i%2], fmt.Sprintf("%s/issues/%d/comments", everydayRepo, e.issue), object{"body": strings.Repeat(paragraph, 3)})
	}

	const changed = "gate/code.go"
	c.post(k, everydayRepo+"/branches", object{"new_branch_name": "change", "old_ref_name": "main"})
	lines := strings.Split(files[changed], "\n")
	for i := 20; i < len(lines); i += 40 {
		lines[i] = "\t// This line was changed."
	}
	c.commit(k, everydayRepo, "change", "Change some lines", map[string]string{
		changed: strings.Join(lines, "\n"), "gate/added.go": "package gate\n" + strings.Repeat("\n// A line of a new file.\n", 30),
	})
	settle()
	e.pull = c.post(w.Writer, everydayRepo+"/pulls", object{"title": "Change some lines", "head": "change", "base": "main", "body": strings.Repeat(paragraph, 4)}).Number
	settle()
	for i, event := range []string{"COMMENT", "REQUEST_CHANGES"} {
		e.reviews = append(e.reviews, c.post(k, fmt.Sprintf("%s/pulls/%d/reviews", everydayRepo, e.pull), object{
			"event": event, "body": strings.Repeat(paragraph, 2), "comments": []object{
				{"path": "gate/added.go", "new_position": 5 + i, "body": paragraph}, {"path": changed, "new_position": 21, "body": paragraph},
			},
		}).ID)
	}
	e.job = failed(t, c, settle)
	return e
}

// sources are README.md and the Go files of Aegis' larger packages, without
// their tests.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"README.md", "gate/*.go", "forge/*.go", "tools/*.go", "serve/*.go"} {
		names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all[strings.TrimPrefix(filepath.ToSlash(name), "../../")] = string(content)
		}
	}
	return all
}

// failed is the id of a job that failed, with a log of 1,000 lines.
func failed(t *testing.T, c carpenter, settle func()) int64 {
	t.Helper()
	k := c.s.World.Keeper
	c.commit(k, everydayRepo, "main", "Test it", map[string]string{
		".gitea/workflows/test.yml": "on: [push]\njobs:\n  test:\n    runs-on: everyday\n    steps:\n      - run: go test ./...\n",
	})
	settle()
	var log []string
	for i := range 500 {
		log = append(log, fmt.Sprintf("=== RUN   TestEveryTool/the_case_number_%d", i), fmt.Sprintf("    --- PASS: TestEveryTool/the_case_number_%d (0.0%ds)", i, i%10))
	}
	if err := c.s.RunJob(t.Context(), "acme/everyday", "everyday", log, false); err != nil {
		t.Fatal(err)
	}
	var jobs struct {
		Jobs []struct {
			ID int64 `json:"id"`
		} `json:"jobs"`
	}
	c.do(k, http.MethodGet, everydayRepo+"/actions/jobs?status=failure", nil, &jobs)
	if len(jobs.Jobs) != 1 {
		t.Fatalf("failed jobs: %+v", jobs)
	}
	return jobs.Jobs[0].ID
}
