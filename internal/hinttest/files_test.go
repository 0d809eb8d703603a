package hinttest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"aegis/forge"
	"aegis/internal/giteatest"
)

// files are hints about what a file is kept as, and how much may be asked for.
func files(g *ground) {
	g.repo("kept", nil)
	const text, latin, lossy, binary = "one\ntwo", "caf\xe9\n", "th\xe9\n", "\x89PNG\r\n\x1a\n\x00\x00"
	large := strings.Repeat("0123456789abcde\n", 11<<16)
	g.push("kept", "work",
		giteatest.File{Path: "text.txt", Content: text}, giteatest.File{Path: "latin.txt", Content: latin}, giteatest.File{Path: "lossy.txt", Content: lossy},
		giteatest.File{Path: "image.png", Content: binary}, giteatest.File{Path: "large.txt", Content: large})
	sha := func(content string) string { return forge.BlobID([]byte(content)) }
	update := func(path, before, after, more string) step {
		return step{"commit_files", change("kept", "work", path, sha(before), after, more), ""}
	}
	refused := func(code string, s step) step { s.code = code; return s }
	d := g.door(open, "kept", "bulky")
	g.walk(d,
		trail{refused("conflict", update("text.txt", text, text+"\n", "")), "A file keeps its encoding, its line ends", []step{
			update("text.txt", text, "one\nthree\n", "")}},
		trail{refused("conflict", update("image.png", binary, "text\n", "")), "If all that it holds is to be lost", []step{
			update("image.png", binary, "text\n", `,"replace_binary":true`)}},
		trail{refused("too_large", update("large.txt", large, "short\n", "")), "With replace_binary: true it is replaced", []step{
			update("large.txt", large, "short\n", `,"replace_binary":true`)}},
		trail{refused("conflict", update("latin.txt", latin, "日本\n", "")), "Write it with other characters", []step{
			update("latin.txt", latin, "coffee\n", "")}},
		trail{refused("conflict", update("lossy.txt", lossy, "日本\n", "")), "Write it with other characters", []step{
			update("lossy.txt", lossy, "", ""), {"commit_files", added("kept", "work", "lossy.txt", "日本\n"), ""}}},
	)

	path := g.repo("bulky", nil)
	for range 21 {
		g.keeper("POST", path+"/issues", object{"title": "long", "body": strings.Repeat("word ", 200<<10)}, nil)
	}
	g.walk(d, trail{step{"list_issues", in("bulky", `,"limit":50`), "too_large"}, "Ask for less: a path, a smaller limit", []step{
		{"list_issues", in("bulky", `,"limit":2`), ""}}})
	g.largeRepository("large")
	g.walk(d, trail{step{"search_code", in("large", `,"query":"one"`), "too_large"}, "get_file_tree and get_file_contents read single files.", []step{
		{"get_file_tree", in("large", ""), ""}, {"get_file_contents", in("large", `,"path":"text.txt"`), ""}}})

	// Gitea gives archives out elsewhere where they are kept in an object store and it is
	// told so. There is none here: what it answers then is put in its place.
	proxy := g.s.Proxy(g)
	proxy.Rewrite = func(r *http.Request) http.Handler {
		if strings.Contains(r.URL.Path, "/archive/") {
			return http.RedirectHandler("http://store.example/archive.tar.gz", http.StatusTemporaryRedirect)
		}
		return nil
	}
	g.walk(g.doorTo(proxy.URL, open, "kept"), trail{step{"search_code", in("kept", `,"ref":"work","query":"one"`), "gitea_error"}, "get_file_tree and get_file_contents read single files; whoever operates", []step{
		{"get_file_tree", in("kept", `,"ref":"work"`), ""}, {"get_file_contents", in("kept", `,"ref":"work","path":"text.txt"`), ""}}})
}

// largeRepository makes one that unpacks to more than is searched: a file in many places, which git
// keeps once.
func (g *ground) largeRepository(name string) {
	g.Helper()
	g.repo(name, object{"auto_init": false})
	var stream bytes.Buffer
	size := forge.MaxArchive/20 + 1
	fmt.Fprintf(&stream, "blob\nmark :1\ndata %d\n%s\n", size, strings.Repeat("\x00", size))
	stream.WriteString("commit refs/heads/main\ncommitter a <a@example.test> 1700000000 +0000\ndata 1\nx\n")
	for i := range 20 {
		fmt.Fprintf(&stream, "M 100644 :1 %d.bin\n", i)
	}
	stream.WriteString("M 100644 inline text.txt\ndata 4\none\n\n")
	folder := g.TempDir()
	basic := base64.StdEncoding.EncodeToString([]byte("x:" + g.s.World.Keeper.Token))
	for _, args := range [][]string{{"init", "--quiet", "--bare"}, {"fast-import", "--quiet"}, {"push", "--quiet", g.s.URL + "/acme/" + name + ".git", "--all"}} {
		git := exec.CommandContext(g.Context(), "git", args...)
		git.Dir, git.Stdin = folder, bytes.NewReader(stream.Bytes())
		git.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+folder, "GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+basic)
		if out, err := git.CombinedOutput(); err != nil {
			g.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	if err := g.s.Settle(g.Context()); err != nil {
		g.Fatal(err)
	}
}

// firstCommits are hints about a repository without a commit.
func firstCommits(g *ground) {
	g.repo("unborn", object{"auto_init": false})
	d := g.door("version: 1\nrepositories: {\"acme/unborn\": {write: allow, branches: {allow: [main]}}}\n", "unborn")
	first := step{"commit_files", added("unborn", "main", "README.md", "Hello\n"), ""}
	g.walk(d,
		trail{step{"commit_files", change("unborn", "main", "README.md", strings.Repeat("a", 40), "Hello\n", ""), "conflict"}, "A first commit creates files", nil},
		trail{step{"get_file_contents", in("unborn", `,"path":"README.md"`), "not_found"}, "A first commit makes its first branch: commit_files", []step{
			first, {"get_file_contents", in("unborn", `,"path":"README.md"`), ""}}},
	)
}
