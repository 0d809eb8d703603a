package readtest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

const unlimited = "\nlimits: {calls_per_minute: 100000, calls_per_minute_per_tool: 100000}\n"

func search(d *gatetest.Door, repo, query string, more ...any) gatetest.Answer {
	owner, name, _ := strings.Cut(repo, "/")
	args := object{"owner": owner, "repo": name, "query": query}
	for i := 0; i < len(more); i += 2 {
		args[more[i].(string)] = more[i+1]
	}
	return d.Ask("search_code", args)
}

// hits are an answer's rows as "path:line".
func hits(t *testing.T, a gatetest.Answer) []string {
	t.Helper()
	all := []string{}
	for _, row := range ok(t, a).Items() {
		all = append(all, fmt.Sprintf("%v:%v", row["path"], row["line"]))
	}
	return all
}

func TestSearchCode(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	f := s.World.Files
	d := door(t, s, hidesPeople+unlimited)
	const repo = "acme/service-a"
	for _, row := range []struct {
		name, query string
		more        []any
		want        []string
	}{
		{"a text", `println("hello")`, nil, []string{f.Source + ":3"}},
		{"a regexp in a folder", `^(one|two)$`, []any{"regexp", true, "path", "text"}, []string{f.CRLF + ":1", f.CRLF + ":2", f.NoNewline + ":1", f.NoNewline + ":2"}},
		{"by a glob", "unicode", []any{"path", "names/*"}, []string{f.Unicode + ":1"}},
		{"with a percent in its name", "percent", []any{"path", "names"}, []string{f.Percent + ":1"}},
		{"in Latin-1", "über", nil, []string{f.Latin1 + ":1"}},
		{"in UTF-16", "hi", []any{"path", f.UTF16}, []string{f.UTF16 + ":1"}},
		{"a denied file's text", "not-for-agents", nil, []string{}},
		{"a denied folder", "deeper", []any{"path", "secrets"}, []string{}},
		{"below a denied folder", ".", []any{"path", "secrets/**", "regexp", true}, []string{}},
		{"a link's target", "secrets/prod.txt", nil, []string{}},
		{"of a link", ".", []any{"path", "link-*", "regexp", true}, []string{}},
		{"a submodule", ".", []any{"path", "vendor/**", "regexp", true}, []string{}},
		{"an LFS pointer", "git-lfs", nil, []string{}},
		{"a name in form D", "normal form D", nil, []string{}},
		{"an older commit", "A guide, edition 1", []any{"ref", s.World.ServiceA.Objects["first"]}, nil},
	} {
		got := hits(t, search(d, repo, row.query, row.more...))
		if row.want != nil && !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
	for name, secret := range map[string]string{
		"a key": s.World.Plant.AWS, "a token": s.World.Plant.PAT, "in base64": s.World.Plant.Base64, "allowed": s.World.Plant.Allowed,
		"our own token": s.World.Reader.Token, "a private key": strings.Split(s.World.Plant.PEM, "\n")[3],
	} {
		for _, part := range []string{secret, secret[:12], secret[len(secret)-12:]} {
			if a := search(d, repo, part); len(hits(t, a)) != 0 || a.Fields["total_hits"] != 0.0 {
				t.Errorf("%s is found: %s", name, a.Object)
			}
		}
	}
	around := ok(t, search(d, repo, "region = eu-central-1", "context_lines", 2))
	if !strings.Contains(around.All, "[redacted:aws-access-token]") || strings.Contains(around.All, s.World.Plant.AWS) || around.Fields["redacted"] == nil {
		t.Errorf("around a secret: %s", around.Object)
	}
	all := ok(t, search(d, repo, "e", "path", "**", "limit", 50, "page", 2))
	skipped, _ := json.Marshal(all.Fields["files_skipped"])
	if string(skipped) != `{"binary":1,"lfs":1,"too_large":1,"unnameable":1}` || all.Fields["has_more"] != true || len(all.Items()) != 50 || all.Fields["withheld"] != nil {
		t.Errorf("%s: %s", skipped, all.Object)
	}
	// Every hit is what a reader of the file sees.
	for _, row := range all.Items() {
		file := ok(t, d.Ask("get_file_contents", object{"owner": "acme", "repo": "service-a", "path": row["path"], "start_line": row["line"], "end_line": row["line"]}))
		if text, _ := row["text"].(string); !strings.Contains(file.Text, strings.Trim(text, "…")) {
			t.Errorf("%v: %q", row, file.Text)
		}
	}
}

func TestSearchCodeOfForks(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	forker, contractor := s.World.Forker.Token, s.World.Contractor.Token
	refused(t, search(doorOf(t, s, forker, hidesPeople), "forker/people-copy", "Raise"), "policy_denied")
	refused(t, search(doorOf(t, s, contractor, hidesPeople), "forker/people-copy", "Raise"), "policy_denied")
	refused(t, search(doorOf(t, s, s.World.Outsider.Token, "version: 1\n"), "acme/service-a", "e"), "not_found")
	if none := ok(t, search(door(t, s, "version: 1\n"), "acme/empty", "e")); len(none.Items()) != 0 {
		t.Errorf("an empty repository: %s", none.Object)
	}
	refused(t, search(door(t, s, "version: 1\n"), "acme/renamed-old", "e"), "moved")
	refused(t, search(door(t, s, "version: 1\ntools: {deny: [search_code]}\n"), "acme/service-a", "e"), "policy_denied")
	refused(t, search(door(t, s, "version: 1\n"), "acme/service-a", "e", "ref", s.World.ServiceA.Objects["tree"]), "not_found")

	open := doorOf(t, s, forker, "version: 1\n")
	if got := hits(t, search(open, "forker/people-copy", ".", "regexp", true)); len(got) == 0 {
		t.Fatal("the fork holds nothing")
	}
	paths := "version: 1\n" + `repositories: {"acme/hr-people": {paths: {deny: ["**"]}}}`
	for _, token := range []string{forker, contractor} { // who reads the parent, and who does not
		if got := hits(t, search(doorOf(t, s, token, paths), "forker/people-copy", ".", "regexp", true)); len(got) != 0 {
			t.Errorf("the parent's rules on paths don't hold in the fork: %q", got)
		}
	}
}

// A branch or a tag whose name is a commit's id does not take the commit's place.
func TestSearchCodeAtAShadowedCommit(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	b := s.World.Branchy
	d := door(t, s, "version: 1\n")
	for _, name := range []string{"first", "second", "shadowed by a branch", "shadowed by a tag"} {
		id := b.Objects[name]
		a := ok(t, search(d, b.FullName, ".", "regexp", true, "ref", id))
		if a.Fields["commit"] != id || a.Fields["files_skipped"] != nil {
			t.Errorf("%s: %s", name, a.Object)
		}
		for _, row := range a.Items() {
			file := ok(t, d.Ask("get_file_tree", object{"owner": "acme", "repo": "branchy", "ref": id, "recursive": true}))
			if !slices.Contains(column(file, "path"), fmt.Sprint(row["path"])) {
				t.Errorf("%s: %v is in no tree of it", name, row["path"])
			}
		}
	}
}

// Three thousand files, twice: what was read once is there.
func TestSearchCodeOfManyFiles(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	proxy := s.Proxy(t)
	d := gatetest.Open(t, gatetest.Config{URL: proxy.URL, Token: s.World.Reader.Token, Policy: "version: 1\n"})
	first := ok(t, search(d, s.World.ManyFiles.FullName, ".", "regexp", true))
	proxy.Reset()
	begin := time.Now()
	second := ok(t, search(d, s.World.ManyFiles.FullName, ".", "regexp", true))
	took := time.Since(begin)
	if first.Fields["files_searched"] != float64(giteatest.ManyFilesCount) || second.Fields["total_hits"] != first.Fields["total_hits"] || len(second.Items()) != 30 {
		t.Errorf("%s\n%s", first.Object, second.Object)
	}
	if requests := proxy.Requests(); len(requests) > 3 {
		t.Errorf("the second search made %d requests", len(requests))
	}
	t.Logf("the second search took %s", took)
}

// tricky is acme/tricky, whose attributes change what git archives.
var tricky struct {
	once sync.Once
	err  error
}

func TestSearchCodeOfFilesThatAreArchivedOtherwise(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	tricky.once.Do(func() { tricky.err = pushTricky(t, s) })
	if tricky.err != nil {
		t.Fatal(tricky.err)
	}
	d := doorOf(t, s, s.World.Keeper.Token, hidesPeople)
	a := search(d, "acme/tricky", "needle")
	want := []string{"crlf.bat:1", "plain.txt:1", "tricky/plain.txt:1"}
	if got := hits(t, a); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	skipped, _ := json.Marshal(a.Fields["files_skipped"])
	if string(skipped) != `{"not_archived":2}` || strings.Contains(a.All, "secrets") {
		t.Errorf("%s: %s", skipped, a.Object)
	}

	// The archive's top folder is called like the repository, and now also like
	// what is hidden in it.
	keeper := s.As(s.World.Keeper.Token)
	if err := keeper.Into(t.Context(), http.MethodPatch, "/repos/acme/tricky", object{"name": "secrets"}, nil); err != nil {
		t.Fatal(err)
	}
	packed, err := keeper.Do(t.Context(), http.MethodGet, "/repos/acme/secrets/archive/"+fmt.Sprint(a.Fields["commit"])+".tar.gz", nil)
	if err != nil {
		t.Fatal(err)
	}
	if top := topFolder(t, packed.Body); top != "secrets/" {
		t.Errorf("the archive's top folder is %q", top)
	}
	again := search(doorOf(t, s, s.World.Keeper.Token, hidesPeople), "acme/secrets", "needle")
	if got := hits(t, again); !slices.Equal(got, want) {
		t.Errorf("after a rename: %q, want %q", got, want)
	}
}

func topFolder(t *testing.T, packed []byte) string {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(unpacked)
	for {
		header, err := archive.Next()
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeDir {
			return header.Name
		}
	}
}

func pushTricky(t *testing.T, s *giteatest.Server) error {
	keeper := s.As(s.World.Keeper.Token)
	if err := keeper.Into(t.Context(), http.MethodPost, "/orgs/acme/repos", object{"name": "tricky", "private": true, "default_branch": "main"}, nil); err != nil {
		return err
	}
	folder := t.TempDir()
	for name, content := range map[string]string{
		".gitattributes":    "ignored.txt export-ignore\nsubst.txt export-subst\n*.bat eol=crlf\n",
		"ignored.txt":       "needle that is ignored\n",
		"subst.txt":         "needle $Format:%H %B$\n",
		"crlf.bat":          "needle in a batch file\n",
		"plain.txt":         "needle in the plain\n",
		"tricky/plain.txt":  "needle below a folder that is called like the repository\n",
		"secrets/prod.txt":  "needle in hiding\n",
		"tricky/secrets/so": "no match\n",
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"}, {"add", "-A"}, {"commit", "--quiet", "-m", "All"},
		{"push", "--quiet", s.URL + "/acme/tricky.git", "main"},
	} {
		basic := base64.StdEncoding.EncodeToString([]byte("x:" + s.World.Keeper.Token))
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+folder, "GIT_AUTHOR_NAME=d", "GIT_AUTHOR_EMAIL=d@acme.test",
			"GIT_COMMITTER_NAME=d", "GIT_COMMITTER_EMAIL=d@acme.test", "GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+basic)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, stderr.String())
		}
	}
	return s.Settle(t.Context())
}
