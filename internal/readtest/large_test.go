package readtest_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// Sizes of what TestLarge makes.
const (
	wideFiles  = 20000
	wideHidden = 500 // of wideFiles, in secrets/
	wideFolder = 250 // files a folder

	busyIssues = 3000 // half of them common; sixty of a zebrafish, half of which are rare

	tallLines = 300000
	tallLine  = 105 // bytes, with the newline: 30 MB in all
)

// A call takes at most largeTime, which leaves room for the race detector on two
// busy cores, and answers at most largeAnswer bytes: what any answer may have,
// in two blocks, with what escapes take. While it runs all tests of this process
// hold at most largeHeap bytes.
const (
	largeTime   = 90 * time.Second
	largeAnswer = 2 * policy.DefaultBytesPerAnswer
	largeHeap   = 768 << 20
)

// roomy is for a session that pages through much.
const roomy = "\nlimits: {calls_per_minute: 100000, calls_per_minute_per_tool: 100000, bytes_per_session: 1000000000}\n"

// Of what is far larger than an answer, all can be had: what does not fit is
// said and can be gone on to, and no answer is larger than others. The server is
// the test's own, because filling it slows it down.
func TestLarge(t *testing.T) {
	t.Parallel()
	s := giteatest.StartNew(t)
	for name, test := range map[string]func(*testing.T, *giteatest.Server){"tree": largeTree, "issues": largeTracker, "diff": largeDiff} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// asker asks a tool about acme/repo, as the Reader, and holds each answer to the
// bounds.
func asker(t *testing.T, s *giteatest.Server, repo string) func(tool string, args object) gatetest.Answer {
	t.Helper()
	d := gatetest.Open(t, gatetest.Config{URL: s.URL, Token: s.World.Reader.Token, Policy: hidesPeople + roomy, Timeout: largeTime})
	return func(tool string, args object) gatetest.Answer {
		t.Helper()
		all := object{"owner": "acme", "repo": repo}
		maps.Copy(all, args)
		a := ok(t, d.Ask(tool, all))
		if len(a.All) > largeAnswer {
			t.Errorf("%s %v answers %d bytes", tool, args, len(a.All))
		}
		return a
	}
}

// imported makes acme/name, which the Reader reads, of a stream for git
// fast-import, and returns the ids of its branches.
func imported(t *testing.T, s *giteatest.Server, name string, stream []byte) map[string]string {
	t.Helper()
	c, k := carpenter{t, s}, s.World.Keeper
	c.post(k, "/orgs/acme/repos", object{"name": name, "private": true, "default_branch": "main"})
	c.do(k, http.MethodPut, "/repos/acme/"+name+"/collaborators/reader", object{"permission": "read"}, nil)
	folder := t.TempDir()
	basic := base64.StdEncoding.EncodeToString([]byte("x:" + k.Token))
	git := func(stdin []byte, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Stdin = folder, bytes.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+folder, "GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+basic)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, stderr.String())
		}
		return strings.TrimSpace(string(out))
	}
	git(nil, "init", "--quiet", "--bare", "--initial-branch=main")
	git(stream, "fast-import", "--quiet")
	git(nil, "push", "--quiet", s.URL+"/acme/"+name+".git", "--all")
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]string)
	for line := range strings.Lines(git(nil, "for-each-ref", "--format=%(refname:short) %(objectname)")) {
		branch, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		ids[branch] = id
	}
	return ids
}

// streamCommit writes a commit to a stream for git fast-import.
func streamCommit(b *bytes.Buffer, branch, message string, files func(add func(path, content string))) {
	fmt.Fprintf(b, "commit refs/heads/%s\ncommitter d <d@acme.test> 1700000000 +0000\ndata %d\n%s\n", branch, len(message), message)
	files(func(path, content string) {
		fmt.Fprintf(b, "M 100644 inline %s\ndata %d\n%s\n", path, len(content), content)
	})
	b.WriteByte('\n')
}

func largeTree(t *testing.T, s *giteatest.Server) {
	var stream bytes.Buffer
	want := make(map[string]bool) // what there is to see
	var needles []string
	streamCommit(&stream, "main", "All", func(add func(path, content string)) {
		for i := range wideFiles {
			content := fmt.Sprintf("package area\n\nconst Number = %d\n", i)
			if i < wideHidden {
				add(fmt.Sprintf("secrets/%05d.txt", i), content+"// hidden-word, a needle\n")
				continue
			}
			folder := fmt.Sprintf("area-%02d", i/wideFolder)
			path := fmt.Sprintf("%s/file-%05d.go", folder, i)
			if i%1000 == 600 {
				content += "// a needle\n"
				needles = append(needles, path+":4")
			}
			add(path, content)
			want["folder "+folder], want["file "+path] = true, true
		}
	})
	imported(t, s, "wide", stream.Bytes())
	ask := asker(t, s, "wide")

	seen := make(map[string]bool)
	rows, withheld := 0, 0.0
	for page, more := 1, true; more && page <= 2*wideFiles/1000; page++ {
		a := ask("get_file_tree", object{"recursive": true, "limit": 1000, "page": page})
		for _, row := range a.Items() {
			seen[fmt.Sprint(row["type"], " ", row["path"])] = true
			rows++
		}
		hidden, _ := a.Fields["withheld"].(float64)
		withheld += hidden
		if strings.Contains(a.All, "secrets") || a.Fields["truncated"] != nil {
			t.Errorf("page %d: %.300s", page, a.Object)
		}
		more = a.Fields["has_more"].(bool)
	}
	if !maps.Equal(seen, want) || rows != len(want) {
		t.Errorf("%d rows are %d entries; there are %d", rows, len(seen), len(want))
	}
	if withheld != wideHidden+1 { // and their folder
		t.Errorf("%v are withheld", withheld)
	}

	search := func(query string, page int) gatetest.Answer {
		t.Helper()
		a := ask("search_code", object{"query": query, "limit": 50, "page": page})
		if a.Fields["files_searched"] != float64(wideFiles-wideHidden) || a.Fields["files_skipped"] != nil || strings.Contains(a.All, "secrets") {
			t.Errorf("%s: %.300s", query, a.Object)
		}
		return a
	}
	if got := hits(t, search("needle", 1)); !slices.Equal(got, needles) {
		t.Errorf("found %q, want %q", got, needles)
	}
	if got := hits(t, search("hidden-word", 1)); len(got) != 0 {
		t.Errorf("found %q", got)
	}
	// More than can be paged to is counted.
	for _, page := range []int{1, 20} {
		a := search("const Number", page)
		if a.Fields["total_hits"] != float64(wideFiles-wideHidden) || a.Fields["listed_at_most"] != 1000.0 || len(a.Items()) != 50 || a.Fields["has_more"] != true {
			t.Errorf("page %d: %.300s", page, a.Object)
		}
	}
}

func largeTracker(t *testing.T, s *giteatest.Server) {
	fillTracker(t, s)
	ask := asker(t, s, "busy")
	list := func(args object, page int) gatetest.Answer {
		t.Helper()
		all := object{"limit": 50, "page": page}
		maps.Copy(all, args)
		return ask("list_issues", all)
	}
	every := func(n int) (titles []string) {
		for i := 0; i < busyIssues; i += n {
			titles = append(titles, fmt.Sprintf("Report %d", i))
		}
		slices.Sort(titles)
		return titles
	}
	for name, row := range map[string]struct {
		args    object
		want    []string
		scanned any
	}{
		"all of them":       {object{}, every(1), nil},
		"a rare label":      {object{"labels": []string{"rare"}}, every(100), nil},
		"a rare word":       {object{"query": "zebrafish"}, every(50), 500.0},
		"words":             {object{"query": "zebrafish report"}, every(50), 500.0},
		"a word, a label":   {object{"query": "zebrafish", "labels": []string{"rare"}}, every(100), 500.0},
		"two labels":        {object{"labels": []string{"common", "rare"}}, every(100), nil},
		"none of it closed": {object{"state": "closed"}, nil, nil},
		"no such word":      {object{"query": "quagga"}, nil, 500.0},
	} {
		var got []string
		for page, more := 1, true; more && page <= 2*busyIssues/50; page++ {
			a := list(row.args, page)
			if got = append(got, column(a, "title")...); a.Fields["scanned_at_most"] != row.scanned {
				t.Errorf("%s: %.300s", name, a.Object)
			}
			more = a.Fields["has_more"].(bool)
		}
		if slices.Sort(got); !slices.Equal(got, row.want) {
			t.Errorf("%s: %d issues, want %d", name, len(got), len(row.want))
		}
	}
	// A filter that leaves more than is looked at says so, and has an end.
	for name, row := range map[string]struct {
		args object
		more bool // after the last that was looked at
	}{
		"a common label": {object{"labels": []string{"common"}}, true},
		"a common word":  {object{"query": "report"}, false},
	} {
		last, beyond := list(row.args, 10), list(row.args, 11)
		if len(last.Items()) != 50 || last.Fields["has_more"] != row.more || last.Fields["scanned_at_most"] != 500.0 {
			t.Errorf("%s: %.300s", name, last.Object)
		}
		if len(beyond.Items()) != 0 || beyond.Fields["scanned_at_most"] != 500.0 || beyond.Fields["has_more"] != false {
			t.Errorf("%s: beyond the last %.300s", name, beyond.Object)
		}
	}
}

// fillTracker makes acme/busy. Eight at a time, 3,000 issues take 45 s where
// Gitea shares two cores with a test.
func fillTracker(t *testing.T, s *giteatest.Server) {
	t.Helper()
	c, k := carpenter{t, s}, s.World.Keeper
	const repo = "/repos/acme/busy"
	c.post(k, "/orgs/acme/repos", object{"name": "busy", "private": true, "default_branch": "main"})
	c.do(k, http.MethodPut, repo+"/collaborators/reader", object{"permission": "read"}, nil)
	common := c.post(k, repo+"/labels", object{"name": "common", "color": "#00aabb"}).ID
	rare := c.post(k, repo+"/labels", object{"name": "rare", "color": "#aabb00"}).ID
	var next atomic.Int64
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < busyIssues && !t.Failed(); i = next.Add(1) - 1 {
				issue, labels := object{"title": fmt.Sprintf("Report %d", i), "body": "It does not work."}, []int64{}
				if i%2 == 0 {
					labels = append(labels, common)
				}
				if i%50 == 0 {
					issue["body"] = "There is a zebrafish in it."
				}
				if i%100 == 0 {
					labels = append(labels, rare)
				}
				issue["labels"] = labels
				if err := s.As(k.Token).Into(t.Context(), http.MethodPost, repo+"/issues", issue, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	if err := s.Settle(t.Context()); err != nil || t.Failed() {
		t.Fatal("acme/busy could not be filled", err)
	}
}

// A diff is scrubbed whole before it is cut: what of it is read at its end, and
// around the key in its middle, is what is read from its beginning.
func largeDiff(t *testing.T, s *giteatest.Server) {
	const before = 6 // lines of git's in the diff before the first of the file's
	var content strings.Builder
	for i := range tallLines {
		line := fmt.Sprintf("line %06d ", i+1)
		if i == tallLines/2 {
			line += "aws_access_key_id = " + s.World.Plant.AWS + " "
		}
		content.WriteString(line + strings.Repeat("tall text ", 10)[:tallLine-1-len(line)] + "\n")
	}
	var stream bytes.Buffer
	streamCommit(&stream, "main", "Begin", func(add func(path, content string)) { add("README.md", "Tall\n") })
	stream.WriteString("reset refs/heads/tall\nfrom refs/heads/main\n\n")
	streamCommit(&stream, "tall", "Tall", func(add func(path, content string)) { add("tall.txt", content.String()) })
	ids := imported(t, s, "tall", stream.Bytes())
	number := carpenter{t, s}.post(s.World.Keeper, "/repos/acme/tall/pulls", object{"title": "Tall", "head": "tall", "base": "main"}).Number
	ask := asker(t, s, "tall")

	for tool, args := range map[string]object{"get_commit": {"sha": ids["tall"]}, "get_pull_request_diff": {"number": number}} {
		read := func(start int) (a gatetest.Answer, next int) {
			t.Helper()
			args["start_line"] = start
			begin := time.Now()
			heap := peakHeap(func() { a = ask(tool, args) })
			t.Logf("%s from line %d: %s, heap %d MiB", tool, start, time.Since(begin).Round(time.Millisecond), heap>>20)
			if heap > largeHeap {
				t.Errorf("%s: %d MiB on the heap", tool, heap>>20)
			}
			if a.Fields["lines"] != float64(tallLines+before) || a.Fields["start_line"] != float64(start) || a.Fields["redacted"] != 1.0 || strings.Contains(a.All, s.World.Plant.AWS) {
				t.Errorf("%s: %.600s", tool, a.Object)
			}
			further, cut := a.Fields["next_start_line"].(float64)
			if end := a.Fields["end_line"].(float64); cut != (a.Fields["truncated"] == true) || cut && further != end+1 {
				t.Errorf("%s: %.600s", tool, a.Object)
			}
			// Each line of the answer is the line of the file that it is said to be.
			for n := max(start, before+1); n <= int(a.Fields["end_line"].(float64)); n++ {
				if !strings.Contains(a.Text, fmt.Sprintf("\n+line %06d ", n-before)) {
					t.Fatalf("%s from line %d: there is no line %d", tool, start, n)
				}
			}
			return a, int(further)
		}
		first, next := read(1)
		if !strings.Contains(first.Text, "diff --git a/tall.txt b/tall.txt") || next < 100 {
			t.Errorf("%s begins with %.300s", tool, first.All)
		}
		read(next)
		if tool != "get_commit" {
			continue // the same way goes on
		}
		if middle, _ := read(tallLines / 2); !strings.Contains(middle.Text, "[redacted:aws-access-token]") {
			t.Errorf("%s: the middle is %.600s", tool, middle.All)
		}
		if last, next := read(tallLines + before); next != 0 {
			t.Errorf("%s ends with %.600s", tool, last.All)
		}
	}
}

// peakHeap returns the most bytes that were on the heap while run ran.
func peakHeap(run func()) (peak uint64) {
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	run()
	close(done)
	<-watched
	return peak
}
