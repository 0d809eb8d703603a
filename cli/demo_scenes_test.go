package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"aegis/internal/sampleforge"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A scene that does not turn out as it must fails the demo.
func TestDemoNoticesWhatMustNotBe(t *testing.T) {
	t.Parallel()
	key := sampleforge.PlantedKey()
	const framed = "<<untrusted 0>>\n# Website\n<<end 0>>\n"
	const moved = `{"error":{"code":"moved","message":"It moved.","hint":"Ask for acme/website."}}`
	for _, row := range []struct {
		name    string
		scene   string
		object  string
		text    string
		isError bool
		failure string // "" is none
	}{
		{"a file in its frame", "It reads a file", `{}`, framed, false, ""},
		{"a file without its frame", "It reads a file", `{}`, "# Website\n", false, "frame"},
		{"a file with a zero-width space", "It reads a file", `{}`, framed + "\u200b", false, "invisible"},
		{"an escaped one", "It reads a file", `{"body":"\u200b"}`, framed, false, "invisible"},
		{"the key", "A file has an access key in it", `{"redacted":1}`, "AWS_ACCESS_KEY_ID=" + key + "\nREPLICAS=2\n", false, "a SECRET IS VISIBLE"},
		{"the key elsewhere", "A file has an access key in it", `{"redacted":1,"path":"` + key + `"}`, "", false, "a SECRET IS VISIBLE"},
		{"nothing redacted", "A file has an access key in it", `{}`, "AWS_ACCESS_KEY_ID=\nREPLICAS=2\n", false, "not redacted"},
		{"too much redacted", "A file has an access key in it", `{"redacted":1}`, "AWS_ACCESS_KEY_ID=[redacted:all]\n", false, "more than the key"},
		{"a denied path that is answered", "A path that the policy denies", `{}`, framed, false, `the code is ""`},
		{"a rename that is followed", "A repository that was renamed", `{"full_name":"acme/website"}`, "", false, `the code is ""`},
		{"a rename that is told", "A repository that was renamed", moved, "", true, ""},
		{"a refusal that is no error", "A repository that was renamed", moved, "", false, "isError is false"},
		{"a refusal with a text", "A repository that was renamed", moved, "x", true, "came back with the refusal"},
		{"hidden text that stays hidden", "An issue says more than one sees", `{"body":"Firefox"}`, "", false, "not shown"},
		{"a denied repository in a list", "It asks which repositories there are", `{"items":[{"full_name":"acme/hr-people"}],"withheld":1}`, "", false, "denied"},
		{"nothing withheld", "It asks which repositories there are", `{"items":[]}`, "", false, "withheld"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			g := &guest{ClientSession: fakeServer(t, row.object, row.text, row.isError)}
			show := &screen{out: new(bytes.Buffer)}
			err := playScene(t.Context(), row.scene, show, g)
			if row.failure == "" && err != nil || row.failure != "" && (err == nil || !strings.Contains(err.Error(), row.failure)) {
				t.Errorf("%v, want an error about %q", err, row.failure)
			}
		})
	}
}

func playScene(ctx context.Context, title string, show *screen, g *guest) error {
	for _, s := range scenes {
		if s.title == title {
			return s.play(ctx, show, g)
		}
	}
	return errors.New("there is no such scene")
}

// fakeServer answers every tool call of the scenes with the same.
func fakeServer(t *testing.T, object, text string, isError bool) *mcp.ClientSession {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "fake"}, nil)
	for _, name := range []string{"get_file_contents", "get_issue", "get_repository", "list_issues", "list_repositories"} {
		server.AddTool(&mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)},
			func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				result := &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: object}}, IsError: isError}
				if text != "" {
					result.Content = append(result.Content, &mcp.TextContent{Text: text})
				}
				return result, nil
			})
	}
	ours, theirs := mcp.NewInMemoryTransports()
	if _, err := server.Connect(t.Context(), theirs, nil); err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// A session whose log lacks an outcome, or holds a secret, fails the last
// scene.
func TestDemoNoticesABrokenLog(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ log, failure string }{
		"no log":         {"", "no such file"},
		"no outcome":     {`{"seq":1,"kind":"decision","call":"a","decision":"allow"}` + "\n", "without their outcome"},
		"no decision":    {`{"seq":1,"kind":"outcome","call":"a"}` + "\n", "without its decision"},
		"calls missing":  {`{"seq":1,"kind":"session_start"}` + "\n", "0 of 1 calls"},
		"no entry":       {"x\n", "no entry"},
		"a secret in it": {`{"seq":1,"kind":"decision","tool":"` + sampleforge.PlantedKey() + `"}` + "\n", "a SECRET IS VISIBLE"},
		"no chain":       {`{"seq":1,"kind":"decision","call":"a","decision":"deny"}` + "\n", "line"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &guest{log: filepath.Join(t.TempDir(), "audit.jsonl"), calls: 1}
			if row.log != "" {
				if err := os.WriteFile(g.log, []byte(row.log), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if runtime.GOOS == "windows" {
				row.failure = "cannot find"
			}
			err := sceneAudit(t.Context(), &screen{out: new(bytes.Buffer)}, g)
			if err == nil || !strings.Contains(err.Error(), row.failure) {
				t.Errorf("%v, want an error about %q", err, row.failure)
			}
		})
	}
}

func TestScreen(t *testing.T) {
	t.Parallel()
	hostile := "\x1b]0;title\x07 \u202egnitirw\r" + strings.Repeat("long ", 60) + strings.Repeat("x", 300)
	for _, colours := range []bool{false, true} {
		var out bytes.Buffer
		s := &screen{out: &out, colours: colours}
		s.says("%s", hostile)
		s.quotes(hostile)
		s.good("%s", "good")
		if strings.Contains(out.String(), "\x1b[32m") != colours {
			t.Errorf("colours %t: %q", colours, &out)
		}
		plain := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(out.String(), "")
		if strings.ContainsAny(plain, "\x1b\x07\r\u202e") {
			t.Errorf("a terminal would obey %q", plain)
		}
		for line := range strings.SplitSeq(plain, "\n") {
			if utf8.RuneCountInString(line) > screenWidth {
				t.Errorf("too long: %q", line)
			}
		}
	}
	if showsColours(environment{stdout: new(bytes.Buffer), lookup: os.LookupEnv}) {
		t.Error("what is no terminal gets colours")
	}
}
