package serve

import (
	"net/url"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/tools"
)

// formatURI is the one spelling of an address that every other has.
func formatURI(a address) string {
	segments := func(path string) string {
		parts := strings.Split(path, "/")
		for i, part := range parts {
			parts[i] = url.PathEscape(part)
		}
		return strings.Join(parts, "/")
	}
	for _, t := range templates {
		if t.tool != a.tool {
			continue
		}
		uri := scheme + segments(a.args["owner"]) + "/" + segments(a.args["repo"]) + "/" + t.kind + "/" + segments(a.args[t.argument])
		if ref, ok := a.args["ref"]; ok {
			uri += "?ref=" + strings.ReplaceAll(url.QueryEscape(ref), "+", "%20")
		}
		return uri
	}
	return ""
}

// What is accepted addresses exactly one repository and one thing in it, in
// canonical form, and is the same again when it is written out.
func FuzzResourceURI(f *testing.F) {
	for _, seed := range []string{
		"gitea://acme/website/file/README.md", "gitea://ACME/Website/file/docs/a%20b.md?ref=refs/heads/main",
		"gitea://acme/website/issue/7", "gitea://acme/website/pull/9", "gitea://acme/website/commit/183d5768d454fa6021f0c56bf889fa94fd4cdc9d",
		"gitea://acme/website/file/%2e%2e/x", "gitea://acme/website/file/%252e%252e/x", "gitea://acme/website/file/a%2Fb", "gitea://a@b:1/c/file/x#y",
		"gitea://acme/website/file/x?ref=a&ref=b", "gitea://acme/website/file/%", "gitea://acme/website/file/%C3%A4?ref=%C3%A4", "gitea://acme/website/file/%FF",
		"gitea://acme//file/x", "gitea://acme/website/file//x", "gitea://acme/website/issue/007", "gitea://acme/website/issue/9007199254740993",
	} {
		f.Add(seed)
	}
	known := make(map[string]tools.Tool)
	for _, tool := range tools.All() {
		known[tool.Name] = tool
	}
	f.Fuzz(func(t *testing.T, uri string) {
		at, ok := parseURI(uri)
		if !ok {
			return
		}
		tool, ok := known[at.tool]
		if !ok {
			t.Fatalf("%q is for %q, which is no tool", uri, at.tool)
		}
		if at.bad != "" {
			if len(uri) > 40 && strings.Contains(at.bad, uri) {
				t.Fatalf("%q is quoted: %s", uri, at.bad)
			}
			return
		}
		if _, err := tool.Prepare(tool.Arguments(at.args)); err != nil {
			return // refused by the tool, as from any other caller
		}
		repo, err := canon.ParseRepo(at.args["owner"], at.args["repo"])
		if err != nil {
			t.Fatalf("%q has no repository: %v", uri, err)
		}
		if !strings.HasPrefix(strings.ToLower(unescaped(t, uri)), scheme+repo.String()+"/") {
			t.Fatalf("%q is taken for %s", uri, repo)
		}
		if path, ok := at.args["path"]; ok {
			if parsed, err := canon.ParsePath(path); err != nil || parsed.String() != path {
				t.Fatalf("%q has the path %q: %v", uri, path, err)
			}
		}
		if ref, ok := at.args["ref"]; ok {
			if _, err := canon.ParseRef(ref); err != nil {
				t.Fatalf("%q has the ref %q: %v", uri, ref, err)
			}
		}
		written := formatURI(at)
		again, ok := parseURI(written)
		if !ok || again.bad != "" || again.tool != at.tool || len(again.args) != len(at.args) {
			t.Fatalf("%q is written as %q, which is %+v", uri, written, again)
		}
		for name, value := range at.args {
			if again.args[name] != value {
				t.Fatalf("%q has %s %q, written as %q it has %q", uri, name, value, written, again.args[name])
			}
		}
		if formatURI(again) != written {
			t.Fatalf("%q is written as %q and as %q", uri, written, formatURI(again))
		}
	})
}

// unescaped decodes by the standard library, to hold ours against it.
func unescaped(t *testing.T, uri string) string {
	t.Helper()
	text, err := url.PathUnescape(uri)
	if err != nil {
		t.Fatalf("%q is accepted: %v", uri, err)
	}
	return text
}
