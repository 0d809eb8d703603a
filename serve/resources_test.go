package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aegis/internal/gatetest"
	"aegis/internal/sampleforge"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	website    = "/repos/acme/website"
	someCommit = "183d5768d454fa6021f0c56bf889fa94fd4cdc9d"
	somePull   = `{"id":1,"number":9,"title":"Add a page","body":"It adds a page.","state":"open","user":{"login":"dana"},"labels":[],"assignees":[],` +
		`"base":{"label":"main","ref":"main","sha":"` + someCommit + `"},"head":{"label":"page","ref":"page","sha":"` + someCommit + `","repo":null}}`
	oneCommit = `{"sha":"` + someCommit + `","commit":{"message":"Add a page","author":{"name":"Dana","date":"2025-03-06T12:00:00Z"}},` +
		`"author":null,"parents":[],"files":[{"filename":"a.txt","status":"added"}]}`
	oneDiff = "diff --git a/a.txt b/a.txt\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+hello\n"
)

var alsoThere = map[string]http.HandlerFunc{
	website + "/pulls/9":                             answering(somePull),
	website + "/git/commits/" + someCommit:           answering(oneCommit),
	website + "/git/commits/" + someCommit + ".diff": answering(oneDiff),
	website + "/branches/a+b":                        answering(`{"name":"a+b","commit":{"id":"` + someCommit + `"}}`),
	website + "/contents/docs/100% & #1.md":          file("docs/100% & #1.md"),
}

// file is a handler that answers a small file.
func file(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		address := url.URL{Scheme: "http", Host: "forge", Path: "/acme/website/src/commit/" + r.URL.Query().Get("ref") + "/" + path}
		body, _ := json.Marshal(map[string]any{
			"type": "file", "path": path, "size": 2, "encoding": "base64", "content": "aGk=", "html_url": address.String(),
		})
		answering(string(body))(w, r)
	}
}

// A resource is a tool by another name: what it answers, and what the log says.
func TestI1_ResourcesAreReadThroughTheGate(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			f := visit(t, era, sampled(t, alsoThere), gatetest.Config{})
			for _, c := range []struct {
				uri, tool string
				kinds     string // of the contents, in order
				has       string
			}{
				{"gitea://acme/website/file/README.md", "get_file_contents", "text/plain application/json", "<<untrusted "},
				{"gitea://ACME/Website/file/README.md?ref=v1.0", "get_file_contents", "text/plain application/json", "refs/tags/v1.0"},
				{"gitea://acme/website/file/%52EADME%2Emd?ref=refs%2Fheads%2Fmain", "get_file_contents", "text/plain application/json", "refs/heads/main"},
				{"gitea://acme/website/file/docs/100%25%20%26%20%231.md?ref=a+b", "get_file_contents", "text/plain application/json", "docs/100% & #1.md"},
				{"gitea://acme/website/issue/1", "get_issue", "application/json", `"number":1`},
				{"gitea://acme/website/pull/9", "get_pull_request", "application/json", `"Add a page"`},
				{"gitea://acme/website/commit/" + someCommit, "get_commit", "application/json text/plain", "+hello"},
			} {
				f.forge.Reset()
				result, err := f.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: c.uri})
				if err != nil {
					t.Errorf("%s: %v", c.uri, err)
					continue
				}
				var kinds []string
				all := ""
				for _, content := range result.Contents {
					kinds = append(kinds, content.MIMEType)
					all += content.Text + "\n"
					if content.URI != c.uri {
						t.Errorf("%s is answered as %s", c.uri, content.URI)
					}
				}
				if strings.Join(kinds, " ") != c.kinds || !strings.Contains(all, c.has) || !strings.Contains(all, `"call":"`) {
					t.Errorf("%s: %s\n%s", c.uri, kinds, all)
				}
				if result.CacheScope != "private" {
					t.Errorf("anybody may keep %s: %q", c.uri, result.CacheScope)
				}
				entry := f.last()
				if entry["kind"] != "outcome" || entry["tool"] != c.tool || entry["request"] == nil || entry["code"] != nil || entry["client"] != "face 1" {
					t.Errorf("%s: the log says %v", c.uri, entry)
				}
				for _, r := range f.forge.Requests() {
					if r.RequestID != entry["call"] {
						t.Errorf("%s: %s %s carries %q", c.uri, r.Method, r.Path, r.RequestID)
					}
				}
			}
		})
	}
}

// What is refused is refused as the tool refuses it, and sends nothing.
func TestI4_ResourcesThatAreRefused(t *testing.T) {
	t.Parallel()
	const unknown = "unknown resource"
	f := visit(t, eras[0], sampled(t, alsoThere), gatetest.Config{Policy: `
version: 1
defaults: {read: allow, write: deny, automation: deny}
paths: {deny: ["secrets/**", "**/.env*"]}
repositories: {"acme/hr-*": {read: deny}}
`})
	secret := sampleforge.DemoToken()
	for uri, want := range map[string]string{
		"gitea://acme/service/file/secrets/prod.env":                 "path_denied",
		"gitea://acme/service/file/secrets%2Fprod.env":               "path_denied",
		"gitea://acme/service/file/%73ecrets/prod.env":               "path_denied",
		"gitea://acme/service/file/Secrets/prod.env":                 "path_denied",
		"gitea://acme/website/file/%2Eenv":                           "path_denied",
		"gitea://acme/hr-people/file/README.md":                      "policy_denied",
		"gitea://acme/%68r-people/issue/1":                           "policy_denied",
		"gitea://acme/hr-people/commit/" + someCommit:                "policy_denied",
		"gitea://acme/service/file/docs/../secrets/prod.env":         "invalid_arguments",
		"gitea://acme/service/file/docs/%2e%2e/secrets/prod.env":     "invalid_arguments",
		"gitea://acme/service/file/docs/%252e%252e/secrets/prod.env": "invalid_arguments",
		"gitea://acme/service/file/./secrets/prod.env":               "invalid_arguments",
		"gitea://acme/service/file//secrets/prod.env":                "invalid_arguments",
		"gitea://acme/service/file/secrets//prod.env":                "invalid_arguments",
		"gitea://acme/service/file/secrets/prod.env/":                "invalid_arguments",
		"gitea://acme/service/file/docs%5C..%5Csecrets":              "invalid_arguments",
		"gitea://acme/service/file/secrets/prod%00.env":              "invalid_arguments",
		"gitea://acme/service/file/a%FFb":                            "invalid_arguments",
		"gitea://acme/service/file/e%CC%81":                          "invalid_arguments",
		"gitea://acme/service/file/a%2":                              "invalid_arguments",
		"gitea://acme/service/file/a%zz":                             "invalid_arguments",
		"gitea://acme/service/file/a b":                              "invalid_arguments",
		"gitea://acme/service/file/ä":                                "invalid_arguments",
		"gitea://acme/service/file/.git/config":                      "invalid_arguments",
		"gitea://acme/service/file/README.md#L1":                     "invalid_arguments",
		"gitea://acme/service/file/README.md?":                       "invalid_arguments",
		"gitea://acme/service/file/README.md?ref=":                   "invalid_arguments",
		"gitea://acme/service/file/README.md?ref=main&ref=other":     "invalid_arguments",
		"gitea://acme/service/file/README.md?ref=main&token=x":       "invalid_arguments",
		"gitea://acme/service/file/README.md?token=x&ref=main":       "invalid_arguments",
		"gitea://acme/service/file/README.md?ref=main?ref=other":     "invalid_arguments",
		"gitea://acme/service/file/README.md?ref=HEAD":               "invalid_arguments",
		"gitea://acme/service/file/README.md?ref=main:secrets":       "invalid_arguments",
		"gitea://acme/service/file/README.md?ref=main%7E1":           "invalid_arguments",
		"gitea://acme/service/file/README.md?Ref=main":               "invalid_arguments",
		"gitea://acme/service/file/":                                 "invalid_arguments",
		"gitea://user@acme/service/file/README.md":                   "invalid_arguments",
		"gitea://user:" + secret + "@acme/service/file/README.md":    "invalid_arguments",
		"gitea://acme:3000/service/file/README.md":                   "invalid_arguments",
		"gitea://acme%2Fservice/x/file/README.md":                    "invalid_arguments",
		"gitea://acme/service.git/file/README.md":                    "invalid_arguments",
		"gitea://../service/file/README.md":                          "invalid_arguments",
		"gitea:///service/file/README.md":                            "invalid_arguments",
		"gitea://acme/service/issue/0":                               "invalid_arguments",
		"gitea://acme/service/issue/01":                              "invalid_arguments",
		"gitea://acme/service/issue/-1":                              "invalid_arguments",
		"gitea://acme/service/issue/1e3":                             "invalid_arguments",
		"gitea://acme/service/issue/%31":                             "invalid_arguments",
		"gitea://acme/service/issue/1/comments":                      "invalid_arguments",
		"gitea://acme/service/issue/":                                "invalid_arguments",
		"gitea://acme/service/issue/99999999999999999999":            "invalid_arguments",
		"gitea://acme/service/issue/1?ref=main":                      "invalid_arguments",
		"gitea://acme/service/pull/" + secret:                        "invalid_arguments",
		"gitea://acme/service/commit/main":                           "invalid_arguments",
		"gitea://acme/service/commit/" + someCommit[:6]:              "invalid_arguments",
		"gitea://acme/service/commit/" + someCommit + "/":            "invalid_arguments",
		"gitea://acme/service/file":                                  unknown,
		"gitea://acme/service/raw/README.md":                         unknown,
		"gitea://acme/service/FILE/README.md":                        unknown,
		"gitea://acme//service/file/README.md":                       unknown,
		"gitea:acme/service/file/README.md":                          unknown,
		"GITEA://acme/service/file/README.md":                        unknown,
		"file:///etc/passwd":                                         unknown,
		"http://127.0.0.1/acme/service/file/README.md":               unknown,
		"": unknown,
		"gitea://acme/service/file/" + strings.Repeat("a", maxURI):       unknown,
		"gitea://acme/service/%66ile/README.md":                          unknown,
		"gitea://acme/service/\u0000":                                    unknown,
		" gitea://acme/service/file/README.md":                           unknown,
		"gitea://" + secret + "/" + secret + "/" + secret + "/" + secret: unknown,
	} {
		f.forge.Reset()
		before := 0
		if want != unknown {
			before = len(f.door.Entries())
		}
		result, err := f.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		if err == nil {
			t.Errorf("%q is answered: %+v", uri, result)
			continue
		}
		code, message, kind, rule := failed(t, err)
		switch {
		case want == unknown:
			if code != -32602 || message != unknown || kind != "" {
				t.Errorf("%q: %d %s %s", uri, code, message, kind)
			}
		case kind != want || !strings.HasPrefix(message, want+": ") || strings.HasSuffix(want, "denied") != (rule != "") || (code == -32602) != (want == "invalid_arguments"):
			t.Errorf("%q: %d %q %s %s, want %s", uri, code, message, kind, rule, want)
		default:
			entries := f.door.Entries()
			last := entries[len(entries)-1]
			if len(entries) == before || last["decision"] != "deny" || last["code"] != want || last["request"] == nil {
				t.Errorf("%q: the log says %v", uri, last)
			}
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the secret is repeated", uri)
		}
		if requests := f.forge.Requests(); len(requests) > 0 {
			t.Errorf("%q reached Gitea: %s %s", uri, requests[0].Method, requests[0].Path)
		}
	}
}

// What Gitea does not have, and what it has too much of, says so.
func TestResourcesThatFail(t *testing.T) {
	t.Parallel()
	f := visit(t, eras[1], sampled(t, nil), gatetest.Config{})
	_, err := f.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "gitea://acme/website/file/nothing.md"})
	if code, message, kind, _ := failed(t, err); code != -32602 || kind != "not_found" || !strings.Contains(message, "nothing at this path") {
		t.Errorf("%d %s %s", code, message, kind)
	}
	_, err = f.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "gitea://acme/website/issue/4/"})
	if _, _, kind, _ := failed(t, err); kind != "invalid_arguments" {
		t.Error(err)
	}
	moved := "gitea://acme/old-website/file/README.md"
	if _, err = f.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: moved}); err == nil {
		t.Error("a renamed repository is followed")
	}
}

// Neither a file nor a name in a URI brings a secret out.
func TestI3_ResourcesAreScrubbed(t *testing.T) {
	t.Parallel()
	token := sampleforge.DemoToken()
	f := visit(t, eras[0], sampled(t, map[string]http.HandlerFunc{website + "/contents/" + token: file(token)}), gatetest.Config{})
	for _, uri := range []string{"gitea://acme/service/file/config/deploy.env", "gitea://acme/website/file/" + token} {
		result, err := f.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		if err != nil {
			t.Fatal(uri, err)
		}
		raw, _ := json.Marshal(result)
		if strings.Contains(string(raw), token) || strings.Contains(string(raw), sampleforge.PlantedKey()) || !strings.Contains(string(raw), "[redacted:") {
			t.Errorf("%s: %s", uri, raw)
		}
	}
}

// A client that gives up ends the request to Gitea, and the log has it.
func TestAResourceCanBeCancelled(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			reached, gone := make(chan struct{}), make(chan struct{})
			f := visit(t, era, sampled(t, map[string]http.HandlerFunc{website + "/issues/1": func(_ http.ResponseWriter, r *http.Request) {
				close(reached)
				<-r.Context().Done()
				close(gone)
			}}), gatetest.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-reached
				cancel()
			}()
			if _, err := f.ReadResource(ctx, &mcp.ReadResourceParams{URI: "gitea://acme/website/issue/1"}); err == nil {
				t.Error("answered")
			}
			select {
			case <-gone:
			case <-time.After(20 * time.Second):
				t.Fatal("Gitea is still asked")
			}
			for range 1000 {
				if entry := f.last(); entry["kind"] == "outcome" {
					if entry["code"] != "timeout" {
						t.Errorf("%v", entry)
					}
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Error("no outcome")
		})
	}
}
