package tools

import (
	"strings"
	"testing"

	"aegis/internal/canon"
)

func FuzzNewRef(f *testing.F) {
	for _, s := range []string{"agent/x", "v1.0", "refs/heads/x", "HEADS/x", strings.Repeat("aB", 20), "a\u200bb", "x_HEAD", "ünï"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := canon.ParseRef(s)
		if err != nil {
			return
		}
		name, err := newRef("branch", ref)
		if err != nil {
			if s != "" && len(s) > 3 && strings.Contains(err.Error(), s) {
				t.Fatalf("%q is quoted: %v", s, err)
			}
			return
		}
		branch, isBranch := ref.Branch()
		tag, isTag := ref.Tag()
		if name != s || len(name) > maxNewRef || canon.IsCommitID(name) || !isBranch || !isTag || branch != name || tag != name || strings.HasPrefix(strings.ToLower(name), "refs/") {
			t.Fatalf("%q is %q", s, name)
		}
		if full := mustRef("refs/heads/" + name); full.String() != "refs/heads/"+name {
			t.Fatalf("%q is no branch", name)
		}
	})
}

func TestCommitsThatContradictThemselves(t *testing.T) {
	t.Parallel()
	text, id := "x", strings.Repeat("a", 40)
	file := func(operation, path string) commitFile {
		p, err := canon.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		f := commitFile{Operation: operation, Path: p}
		if operation != "delete" {
			f.Content = &text
		}
		if operation != "create" {
			f.SHA = id
		}
		return f
	}
	for name, c := range map[string]struct {
		files []commitFile
		want  string
	}{
		"one":                  {[]commitFile{file("create", "a")}, ""},
		"neighbours":           {[]commitFile{file("create", "a"), file("create", "ab"), file("create", "a.b/c")}, ""},
		"the same":             {[]commitFile{file("update", "a"), file("delete", "a")}, "files[1]: path is that of another file"},
		"another case":         {[]commitFile{file("update", "a/É"), file("delete", "A/é")}, "files[1]: path is that of another file"},
		"sharp s":              {[]commitFile{file("create", "ſ"), file("create", "S")}, "files[1]: path is that of another file"},
		"a folder, first":      {[]commitFile{file("create", "a"), file("create", "a/b")}, "files[0]: path is the folder"},
		"a folder, last":       {[]commitFile{file("create", "a/b/c/d"), file("create", "A/B")}, "files[1]: path is the folder"},
		"a file for a folder":  {[]commitFile{file("delete", "a"), file("create", "a/b")}, "files[0]: path is the folder"},
		"a folder for a file":  {[]commitFile{file("delete", "a/b"), file("create", "a")}, "files[1]: path is the folder"},
		"an upper-case digest": {[]commitFile{{Operation: "delete", Path: file("delete", "a").Path, SHA: strings.Repeat("A", 40)}}, "files[0]: sha is required"},
	} {
		err := (&commitFilesArgs{Files: c.files}).checkFiles()
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
