package giteatest

import (
	"net/url"
	"testing"
)

func TestGitea_CleansPaths(t *testing.T) {
	t.Parallel()
	s := Start(t)
	for sent, want := range map[string]string{
		"./README.md": "README.md", "x/../README.md": "README.md", "//README.md": "README.md", "README%2Emd": "README.md",
		"README.md/": "README.md", "%2e%2e/README.md": "README.md", "docs%2Fguide.md": "docs/guide.md",
		"docs/../../README.md": "README.md",
	} {
		got := get[contents](t, s, s.World.Reader.Token, "/repos/acme/service-a/contents/"+sent+"?ref="+s.World.ServiceA.Head)
		if got.Path != want {
			t.Errorf("%s answered %s, want %s", sent, got.Path, want)
		}
	}
	for _, sent := range []string{"readme.md", `docs\guide.md`, "docs%5Cguide.md", "link-to-folder/prod.txt", "vendor/lib/x", "names/Caf%C3%A9.txt"} {
		if a := ask(t, s, s.World.Reader.Token, "/repos/acme/service-a/contents/"+sent+"?ref="+s.World.ServiceA.Head); a.Status != 404 {
			t.Errorf("%s: %d, want 404", sent, a.Status)
		}
	}
}

// The path of a list of commits is a pathspec of git's.
func TestGitea_CommitPathsArePatterns(t *testing.T) {
	t.Parallel()
	s := Start(t)
	for path, want := range map[string]int{
		"docs/guide.md": 200, "*.md": 200, "docs/gu*": 200, "[d]ocs/guide.md": 200, ":(icase)DOCS/GUIDE.MD": 200, ":!docs": 200,
		":(literal)docs/guide.md": 200, ":(literal)*.md": 404, ":(literal)docs/gu*": 404, ":(literal):!docs": 404,
		":(literal)docs": 200, "nope": 404,
	} {
		a := ask(t, s, s.World.Reader.Token, "/repos/acme/service-a/commits?stat=false&sha="+s.World.ServiceA.Head+"&path="+url.QueryEscape(path))
		if a.Status != want {
			t.Errorf("%s: %d, want %d", path, a.Status, want)
		}
	}
	// With a path, pages are of 50 whatever the limit says.
	rows := get[[]any](t, s, s.World.Reader.Token, "/repos/acme/service-a/commits?stat=false&limit=3&path=docs&sha="+s.World.ServiceA.Head)
	if len(rows) != CommitCount {
		t.Errorf("limit=3 with a path: %d rows, want %d", len(rows), CommitCount)
	}
}

func TestGitea_KindsOfContents(t *testing.T) {
	t.Parallel()
	s := Start(t)
	w := s.World
	for path, target := range map[string]string{
		w.Files.LinkToSecret: "secrets/prod.txt", w.Files.LinkAbsolute: "/etc/passwd", w.Files.LinkDangling: "nowhere/at/all.txt",
		w.Files.LinkToFolder: "secrets", w.Files.LinkOutside: "../../x",
	} {
		c := read(t, s, w.ServiceA, path)
		if c.Type != "symlink" || c.Target == nil || *c.Target != target || c.Content != nil {
			t.Errorf("%s: %+v", path, c)
		}
	}
	if c := read(t, s, w.ServiceA, w.Files.Submodule); c.Type != "submodule" || c.SHA != submoduleCommit || c.Content != nil {
		t.Errorf("submodule: %+v", c)
	}
	if c := read(t, s, w.ServiceA, w.Files.LFS); c.Type != "file" || c.LFSID != lfsID(lfsContent) || c.LFSSize != len(lfsContent) ||
		string(c.text(t)) != string(lfsPointer(lfsContent)) {
		t.Errorf("LFS: %+v", c)
	}
	if c := read(t, s, w.BigFile, "big.txt"); c.Size != BigFileSize || c.Content != nil || c.Encoding != nil {
		t.Errorf("a file over Gitea's limit has content")
	}
	if c := read(t, s, w.ServiceA, w.Files.Large); c.Size != LargeSize || len(c.text(t)) != LargeSize {
		t.Errorf("a file of 5 MB is not whole")
	}
}

func TestGitea_TreesComeInPages(t *testing.T) {
	t.Parallel()
	s := Start(t)
	type tree struct {
		Tree       []any
		Truncated  bool
		TotalCount int `json:"total_count"`
	}
	for _, row := range []struct {
		query     string
		rows      int
		truncated bool
	}{
		{"recursive=true", 1000, true},
		{"recursive=true&per_page=5000", 1000, true},
		{"recursive=true&page=4", 31, false},
		{"recursive=true&page=5", 0, false},
		{"recursive=false", 1, false},
	} {
		got := get[tree](t, s, s.World.Reader.Token, "/repos/acme/manyfiles/git/trees/"+s.World.ManyFiles.Head+"?"+row.query)
		if len(got.Tree) != row.rows || got.Truncated != row.truncated {
			t.Errorf("%s: %d rows, truncated %v", row.query, len(got.Tree), got.Truncated)
		}
	}
}
