package tools_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/internal/race"
	"aegis/internal/sampleforge"
	"aegis/tools"
)

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

// TestI1_ToolsHaveNoOtherWayToGitea reads the tools' own source: what they
// import, and the methods of the client that would let it be replaced.
func TestI1_ToolsHaveNoOtherWayToGitea(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"bytes", "cmp", "context", "encoding/base64", "encoding/json", "errors", "fmt", "io", "maps", "path", "reflect", "regexp",
		"regexp/syntax", "slices", "strconv", "strings", "sync", "time", "unicode", "unicode/utf8",
		"aegis/forge", "aegis/forge/gitea", "aegis/gate", "aegis/gate/policy", "aegis/internal/canon",
		"github.com/rogpeppe/go-internal/diff",
		"golang.org/x/text/encoding", "golang.org/x/text/encoding/charmap", "golang.org/x/text/encoding/unicode", "golang.org/x/text/unicode/norm",
	}
	banned := map[string][]string{"forge": {"New"}}
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
				if (testing.Short() || race.On) && i%13 != 0 { // each of them is recorded on disk
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
	for _, s := range schemaFields(tool) {
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
