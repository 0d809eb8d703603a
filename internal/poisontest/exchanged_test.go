package poisontest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// exchanged: a server answers about another repository than the one that it gave the
// record of. Each tool notices by what docs/security.md says, and shows nothing.
func (w *stage) exchanged(t *testing.T) {
	held := heldBy(t)
	rows := make(map[string]string)
	for _, row := range w.everyReading() {
		if row.name == "" && strings.Contains(row.args, `"repo":"vault"`) {
			rows[row.tool] = row.args
		}
	}
	for _, tool := range tools.All() {
		if !tool.Hints.ReadOnly {
			continue
		}
		args, by := rows[tool.Name], held[tool.Name]
		if (args == "") != (by == "") {
			t.Errorf("%s: held by %q, called with %q", tool.Name, by, args)
		}
		if args == "" || by == "nothing" || tool.Name == "get_repository" { // which is the record itself
			continue
		}
		for name, lie := range map[string]func(map[string]any){"ids": otherIDs, "addresses": otherAddresses} {
			if name == "ids" && by != "id" {
				continue
			}
			t.Run(tool.Name+", by "+name, func(t *testing.T) {
				t.Parallel()
				proxy := w.server.Proxy(t)
				proxy.Rewrite = w.lying(t, lie)
				d := gatetest.Open(t, gatetest.Config{URL: proxy.URL, Token: w.server.World.Writer.Token})
				if a := d.Ask(tool.Name, args); a.Code != "moved" || strings.Contains(a.All, privateName) {
					t.Error(a.All)
				}
			})
		}
	}
}

// heldBy is the last column of "Who sees what a tool shows" in docs/security.md.
func heldBy(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## Who sees what a tool shows\n")
	section, _, _ = strings.Cut(section, "\n## ")
	held := make(map[string]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]+ \\| \\w+ \\| (\\w+) \\|$").FindAllStringSubmatch(section, -1) {
		held[row[1]] = row[2]
	}
	return held
}

// lying passes all on but answers below the repository, of which it changes each object.
func (w *stage) lying(t *testing.T, lie func(map[string]any)) func(*http.Request) http.Handler {
	target, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	return func(r *http.Request) http.Handler {
		if !strings.Contains(r.URL.Path, "/repos/acme/vault/") {
			return nil
		}
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding")
			recorded := httptest.NewRecorder()
			forward.ServeHTTP(recorded, r)
			body, _ := io.ReadAll(recorded.Body)
			rw.Header().Set("Content-Type", recorded.Header().Get("Content-Type"))
			rw.WriteHeader(recorded.Code)
			_, _ = rw.Write(giteatest.Objects(body, lie))
		})
	}
}

func otherIDs(object map[string]any) {
	if object["full_name"] != nil {
		object["id"] = 99999
	}
	if object["repo_id"] != nil {
		object["repo_id"] = 99999
	}
}

func otherAddresses(object map[string]any) {
	for name, value := range object {
		if address, ok := value.(string); ok && strings.HasSuffix(name, "url") {
			object[name] = strings.Replace(address, "acme/vault/", "acme/other/", 1)
		}
	}
}
