package tools_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
	"aegis/tools"
)

// samples are arguments that each tool answers on the sample forge. A tool
// without a row here fails the tests below.
var samples = map[string]string{
	"get_me":                    `{}`,
	"list_repositories":         `{}`,
	"get_repository":            `{"owner":"acme","repo":"website"}`,
	"get_file_tree":             `{"owner":"acme","repo":"website","recursive":true}`,
	"get_file_contents":         `{"owner":"acme","repo":"website","path":"README.md"}`,
	"search_code":               `{"owner":"acme","repo":"website","query":"planted"}`,
	"list_commits":              `{"owner":"acme","repo":"website"}`,
	"list_issues":               `{"owner":"acme","repo":"website","state":"all"}`,
	"get_issue":                 `{"owner":"acme","repo":"website","number":1}`,
	"list_pull_requests":        `{"owner":"acme","repo":"website","state":"all"}`,
	"get_pull_request":          `{"owner":"acme","repo":"website","number":9001}`,
	"list_pull_request_commits": `{"owner":"acme","repo":"website","number":9001}`,
	"list_pull_request_files":   `{"owner":"acme","repo":"website","number":9001}`,
	"list_pull_request_reviews": `{"owner":"acme","repo":"website","number":9001}`,
	"get_pull_request_diff":     `{"owner":"acme","repo":"website","number":9001}`,
	"list_wiki_pages":           `{"owner":"acme","repo":"website"}`,
	"get_wiki_page":             `{"owner":"acme","repo":"website","name":"Home"}`,
	"list_workflow_runs":        `{"owner":"acme","repo":"website"}`,
	"get_workflow_run":          `{"owner":"acme","repo":"website","run_id":1}`,
	"get_job_log":               `{"owner":"acme","repo":"website","job_id":1}`,
	"list_organizations":        `{}`,
	"search_users":              `{"query":"dana"}`,
	"list_branches":             `{"owner":"acme","repo":"website"}`,
	"list_tags":                 `{"owner":"acme","repo":"website"}`,
	"get_commit":                `{"owner":"acme","repo":"website","sha":"` + shapedID + `"}`,
	"compare_refs":              `{"owner":"acme","repo":"website","base":"v1.0","head":"main"}`,
	"get_commit_status":         `{"owner":"acme","repo":"website","ref":"main"}`,
	"list_issue_comments":       `{"owner":"acme","repo":"website","number":1}`,
	"search_issues":             `{"query":"phone"}`,
	"list_labels":               `{"owner":"acme","repo":"website"}`,
	"list_milestones":           `{"owner":"acme","repo":"website"}`,
	"list_releases":             `{"owner":"acme","repo":"website"}`,
	"get_release":               `{"owner":"acme","repo":"website","tag":"latest"}`,
	"list_notifications":        `{}`,
	"list_packages":             `{"owner":"acme"}`,

	// What changes something does so in acme/website: branches main and agent/work, both
	// at shapedID, agent/done and agent/ci at others; issues 1 to 4 and 90, pull request
	// 9001 of the branch page; labels bug and docs; milestone v1.1; dana may write;
	// the token's user is agent. What else such a tool asks Gitea for goes into shaped,
	// what Gitea answers to its request into carriedOut.
	"create_issue":               `{"owner":"acme","repo":"website","title":"No map","body":"The page has none.","labels":["bug"],"assignees":["dana"],"milestone":"v1.1"}`,
	"update_issue":               `{"owner":"acme","repo":"website","number":90,"title":"No map at all","body":"None.","state":"closed","labels":["bug","docs"],"assignees":[],"milestone":"","due_date":"2030-01-02T00:00:00Z"}`,
	"create_comment":             `{"owner":"acme","repo":"website","number":1,"body":"I will look at it."}`,
	"edit_comment":               `{"owner":"acme","repo":"website","comment_id":900,"body":"I have looked at it."}`,
	"create_label":               `{"owner":"acme","repo":"website","name":"map","color":"#00aabb","description":"About maps"}`,
	"create_milestone":           `{"owner":"acme","repo":"website","title":"v2.0","description":"With a map","due_date":"2030-01-02T00:00:00Z"}`,
	"create_branch":              `{"owner":"acme","repo":"website","branch":"agent/map","from":"main"}`,
	"commit_files":               `{"owner":"acme","repo":"website","branch":"agent/work","message":"Add a map","files":[{"operation":"create","path":"pages/map.html","content":"<p>A map</p>\n"},{"operation":"update","path":"README.md","content":"# Website\n","sha":"ac2f440a7340eed80d83d7fff6ff496076f48dcc"},{"operation":"delete","path":"docs/contributing.md","sha":"974a27d5605c33f2a972e2c3cdddf0ddd881d2c7"}]}`,
	"create_pull_request":        `{"owner":"acme","repo":"website","title":"Add a map","head":"agent/done","base":"main","body":"It adds one.","labels":["docs"],"assignees":["dana"],"milestone":"v1.1","draft":true}`,
	"update_pull_request":        `{"owner":"acme","repo":"website","number":9001,"title":"Add two pages","body":"Both.","state":"closed","labels":["docs"],"assignees":["dana"],"milestone":""}`,
	"create_pull_request_review": `{"owner":"acme","repo":"website","number":9001,"event":"comment","body":"Fine.","comments":[{"path":"pages/new.html","line":1,"side":"new","body":"A title?"}]}`,
	"create_release":             `{"owner":"acme","repo":"website","tag":"v2.0","target":"main","title":"With a map","body":"News.","prerelease":true}`,
	"edit_release":               `{"owner":"acme","repo":"website","id":1,"title":"The first one","body":"Old news."}`,
	"write_wiki_page":            `{"owner":"acme","repo":"website","name":"Home","content":"# Home\n\nA map.\n","message":"A map"}`,
	"dispatch_workflow":          `{"owner":"acme","repo":"website","workflow":"build.yml","ref":"agent/ci","inputs":{"level":"low"}}`,
	"rerun_workflow":             `{"owner":"acme","repo":"website","run_id":1}`,
}

const canary = "canary-Zq7Xw2Lp-operators-own-secret"

// TestI1_EveryToolPassesTheGate drives every registered tool over a forge that
// puts a secret into every text there is, and watches from the forge's side:
// no request comes before its decision is on disk, none without the call's
// id, and nothing of the secret comes out.
func TestI1_EveryToolPassesTheGate(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			args, ok := samples[tool.Name]
			if !ok {
				t.Fatalf("there is no sample for %s: add one", tool.Name)
			}
			if known, ok := policy.ToolCapability(tool.Name); !ok || known != tool.Capability {
				t.Errorf("capability %s is not the vocabulary's", tool.Capability)
			}
			var door *gatetest.Door
			forge := sample(t, canary, func(r *http.Request) {
				stage := "static"
				if !reads(r.Method) {
					stage = "resolved"
				}
				if !decided(t, door.Log, r.Header.Get("X-Request-Id"), stage) {
					t.Errorf("%s %s arrived before its decision was on disk", r.Method, r.URL)
				}
			})
			door = gatetest.Open(t, opened(t, tool, gatetest.Config{URL: forge.URL, Secrets: []string{canary}}))
			answer := door.Ask(tool.Name, args)
			if answer.IsError {
				t.Fatalf("failed: %s", answer.Object)
			}
			requests := forge.Requests()
			if len(requests) == 0 {
				t.Fatal("asked Gitea nothing")
			}
			for _, r := range requests {
				if r.RequestID != answer.Call {
					t.Errorf("%s %s carries id %q, the call's is %q", r.Method, r.Path, r.RequestID, answer.Call)
				}
				if tool.Capability == policy.Read && r.Method != "GET" && r.Method != "HEAD" {
					t.Errorf("a tool that reads sent %s %s", r.Method, r.Path)
				}
			}
			if answer.Fields["call"] != answer.Call {
				t.Errorf("the answer does not tell its call: %s", answer.Object)
			}
			entries := door.Entries()
			last := entries[len(entries)-1]
			if last["kind"] != "outcome" || last["call"] != answer.Call || last["capability"] != tool.Capability.String() {
				t.Errorf("the outcome is not in the log: %v", last)
			}
			if sent := len(writesOf(requests)); tool.Capability != policy.Read { // whose answers hold little text
				if sent == 0 || last["written"] != float64(sent) {
					t.Errorf("%d requests that change something, and the log has %v", sent, last["written"])
				}
				if strings.Contains(answer.All, canary) {
					t.Errorf("the planted secret is not redacted:\n%s", answer.All)
				}
			} else if strings.Contains(answer.All, canary) || !strings.Contains(answer.All, "[redacted:own-credential]") || answer.Fields["redacted"] == nil || last["redactions"] == nil {
				t.Errorf("the planted secret is not redacted, or that is not told:\n%s\n%v", answer.All, last)
			}
			if log, _ := os.ReadFile(door.Log); bytes.Contains(log, []byte(canary)) {
				t.Error("the secret is in the log")
			}
		})
	}
}

// sample is the sample forge behind a proxy that plants something in every free
// text.
func sample(t *testing.T, text string, onRequest func(*http.Request)) *giteatest.Proxy {
	t.Helper()
	return planted(t, onRequest, func(body []byte) []byte { return plant(body, text) }, canary)
}

// planted is the sample forge behind a proxy that changes its answers, and adds
// a file of the given name to its archives.
func planted(t *testing.T, onRequest func(*http.Request), plant func([]byte) []byte, file string) *giteatest.Proxy {
	t.Helper()
	recorded, err := sampleforge.Start(os.DirFS("../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = recorded.Close() })
	return giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if onRequest != nil {
			onRequest(r)
		}
		if answerShaped(w, r, plant) {
			return
		}
		r.RequestURI = ""
		request := r.Clone(r.Context())
		request.URL.Scheme, request.URL.Host = "http", strings.TrimPrefix(recorded.URL(), "http://")
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") { // who recorded the forge may only read it
			for _, right := range []string{"push", "user_can_push"} {
				body = bytes.ReplaceAll(body, []byte(`"`+right+`":false`), []byte(`"`+right+`":true`))
			}
		}
		for name, values := range response.Header {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(response.StatusCode)
		if strings.HasSuffix(r.URL.Path, ".tar.gz") {
			_, _ = w.Write(plantArchive(t, body, file))
			return
		}
		_, _ = w.Write(plant(body))
	}))
}

// texts are the members of Gitea's records that people write freely.
var texts = []string{"title", "body", "description", "message", "content", "content_base64", "website", "language", "display_title"}

// plant puts a text into every free text of a JSON answer.
func plant(body []byte, canary string) []byte {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if !json.Valid(body) || decoder.Decode(&value) != nil { // a diff or a log
		return append(bytes.Clone(body), "+"+canary+"\n"...)
	}
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, each := range v {
				if row, ok := each.(map[string]any); ok && row["commit"] != nil && row["name"] != nil { // a branch or a tag
					row["name"] = canary + row["name"].(string)
				}
				walk(each)
			}
		case map[string]any:
			_, isUser := v["login"]
			if _, isRelease := v["tag_name"]; isRelease {
				v["name"] = canary
			}
			if _, isPackage := v["creator"]; isPackage {
				v["name"] = canary
			}
			for name, each := range v {
				text, ok := each.(string)
				switch {
				case !ok:
					walk(each)
				case name == "content", name == "content_base64":
					raw, _ := base64.StdEncoding.DecodeString(text)
					v[name] = base64.StdEncoding.EncodeToString(append(raw, "\n"+canary+"\n"...))
				case name == "filename":
					v[name] = text + "." + canary
				case slices.Contains(texts, name), isUser && name == "full_name":
					v[name] = canary + " " + text
				}
			}
			if tree, ok := v["tree"].([]any); ok { // names of files are text, too
				v["tree"] = append(tree, map[string]any{"path": canary + ".md", "mode": "100644", "type": "blob", "size": len(plantedFile), "sha": forge.BlobID([]byte(plantedFile))})
			}
		}
	}
	walk(value)
	if rows, ok := value.([]any); ok && len(rows) > 0 { // what is looked up by its name is there, too
		first, _ := rows[0].(map[string]any)
		var own []any
		if _, isMilestone := first["open_issues"]; (isMilestone || first["filename"] != nil) && json.Unmarshal(body, &own) == nil {
			value = append(rows, own...)
		}
	}
	planted, _ := json.Marshal(value)
	return planted
}

// plantedFile is a file that is in every tree and archive, besides those that
// are recorded.
const plantedFile = "planted " + canary + "\n"

// plantArchive adds the file to an archive.
func plantArchive(t *testing.T, packed []byte, name string) []byte {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Error(err)
		return packed
	}
	var planted bytes.Buffer
	zipped := gzip.NewWriter(&planted)
	from, to := tar.NewReader(unpacked), tar.NewWriter(zipped)
	for {
		header, err := from.Next()
		if err == io.EOF {
			break
		}
		if err != nil || to.WriteHeader(header) != nil {
			t.Error("the archive can't be copied", err)
			return packed
		}
		_, _ = io.Copy(to, from)
	}
	_ = to.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "website/" + name + ".md", Mode: 0o664, Size: int64(len(plantedFile))})
	_, _ = io.WriteString(to, plantedFile)
	_, _ = to.Close(), zipped.Close()
	return planted.Bytes()
}

// decided reports whether the log has that a call is allowed, at a stage.
func decided(t *testing.T, log, call, stage string) bool {
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Error(err)
	}
	for line := range bytes.Lines(raw) {
		var entry map[string]any
		if json.Unmarshal(line, &entry) == nil && entry["kind"] == "decision" && entry["call"] == call && entry["decision"] == "allow" && entry["stage"] == stage {
			return true
		}
	}
	return false
}

// TestI1_ToolsHaveNoOtherWayToGitea reads the tools' own source: what they
// import, and the methods of the client that would let it be replaced.
func TestI1_ToolsHaveNoOtherWayToGitea(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"bytes", "cmp", "context", "encoding/base64", "encoding/json", "errors", "fmt", "io", "maps", "path", "reflect", "regexp",
		"regexp/syntax", "slices", "strconv", "strings", "sync", "time", "unicode", "unicode/utf8",
		"aegis/forge", "aegis/gate", "aegis/gate/policy", "aegis/internal/canon",
		"code.gitea.io/sdk/gitea", "github.com/google/jsonschema-go/jsonschema",
		"golang.org/x/text/encoding", "golang.org/x/text/encoding/charmap", "golang.org/x/text/encoding/unicode", "golang.org/x/text/unicode/norm",
	}
	banned := map[string][]string{
		"forge": {"New"},
		"gitea": {"NewClient", "NewClientWithHTTP", "SetHTTPClient", "SetToken", "SetBasicAuth"},
	}
	bannedMethods := []string{"SetHTTPClient", "SetBasicAuth", "SetOTP", "SetSudo", "SetContext", "Allow"}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no source")
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s", name, path)
			}
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok {
				if base, ok := selector.X.(*ast.Ident); ok && slices.Contains(banned[base.Name], selector.Sel.Name) {
					t.Errorf("%s uses %s.%s", name, base.Name, selector.Sel.Name)
				}
				if slices.Contains(bannedMethods, selector.Sel.Name) {
					t.Errorf("%s calls %s", name, selector.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestI10_EveryListSaysHowMuchThereIs holds every tool that answers rows to
// the members of a list.
func TestI10_EveryListSaysHowMuchThereIs(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		if !strings.HasPrefix(tool.Name, "list_") && tool.Name != "get_file_tree" {
			continue
		}
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			door := gatetest.Open(t, gatetest.Config{URL: sample(t, canary, nil).URL, Token: sampleforge.DemoToken()})
			answer := door.Ask(tool.Name, samples[tool.Name])
			for _, member := range []string{"items", "page", "limit", "has_more"} {
				if _, ok := answer.Fields[member]; !ok {
					t.Errorf("no %s in %s", member, answer.Object)
				}
			}
		})
	}
}

// TestBadArgumentsNeverReachGitea makes bad input for every argument of every
// tool from its schema.
func TestBadArgumentsNeverReachGitea(t *testing.T) {
	t.Parallel()
	forge := giteatest.NewProxyTo(t, http.NotFoundHandler())
	t.Cleanup(func() {
		if requests := forge.Requests(); len(requests) > 0 {
			t.Errorf("%d requests reached Gitea, the first is %s %s", len(requests), requests[0].Method, requests[0].Path)
		}
	})
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			bad := badArguments(t, tool)
			for _, args := range bad {
				if _, err := tool.Prepare(json.RawMessage(args)); err == nil {
					t.Errorf("taken: %.200s", args)
				}
			}
			door := gatetest.Open(t, opened(t, tool, gatetest.Config{URL: forge.URL}))
			for i, args := range bad {
				if testing.Short() && i%13 != 0 { // each of them is recorded on disk
					continue
				}
				if answer := door.Ask(tool.Name, args); answer.Code != "invalid_arguments" {
					t.Errorf("%.200s: %s", args, answer.Object)
				}
			}
		})
	}
}

// badArguments are arguments that a tool must not take, made of its sample and its
// schema.
func badArguments(t *testing.T, tool tools.Tool) (bad []string) {
	t.Helper()
	bad = []string{
		`[]`, `"x"`, `1`, `{`, `{}x`, `{"a":1,}`, `{"no_such_argument":1}`, `{"Owner":"acme"}`,
		`{"owner":"a","owner":"a"}`, "{\"owner\":\"\xff\"}", `{"owner":"\ud800"}`,
	}
	open := strings.TrimSuffix(samples[tool.Name], "}")
	if len(open) > 1 {
		open += ","
	}
	bad = append(bad, open+`"no_such_argument":1}`, open+`"":1}`)
	for _, name := range tool.Schema().PropertyOrder {
		value, _ := json.Marshal(plausible(tool.Schema().Properties[name]))
		bad = append(bad, open+`"`+strings.ToUpper(name)+`":`+string(value)+`}`, open+`"`+strings.Replace(name, "s", "\u017f", 1)+`\u200b":`+string(value)+`}`)
		bad = append(bad, open+`"`+name+`":`+string(value)+`,"`+name+`":`+string(value)+`}`)
	}
	for _, s := range spots(tool) {
		values := s.bad()
		var strange []string
		switch s.last() {
		case "path":
			strange = []string{
				"./x", "a/../x", "//x", "/x", "x/", "a//b", "..", ".", `a\b`, "%2e%2e/x", "a%2fb", "a%5Cb", ".git/config", "A/.GIT/x",
				"e\u0301", "a\u0000b", "a\nb", strings.Repeat("a/", 300) + "a",
			}
		case "ref", "base", "sha", "tag", "branch", "from", "target":
			if s.name == "branch" && tool.Capability == policy.Read {
				break // the name of one that need not be there any more
			}
			strange = []string{
				"main:secrets", "HEAD", "head", "@", "main~1", "main^", ":/text", "a..b", "main@{1}", "-x", "refs/pull/1/head", "refs", "a b", "x.lock", "/a", "a/",
			}
		case "owner", "repo":
			strange = []string{"..", "a/b", "a.git", "A.GIT", "a b", "ä", "a%2fb", strings.Repeat("a", 101)}
		}
		for _, each := range strange {
			values = append(values, string(quoted(each)))
		}
		for _, value := range values {
			bad = append(bad, sampled(t, tool, s, json.RawMessage(value)))
		}
	}
	return bad
}
