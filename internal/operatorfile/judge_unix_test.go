//go:build unix

package operatorfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// place is a tree of folders with a file at its end and links to it: real is
// the file's own way, by the folders a and a/b.
type place struct{ root string }

func newPlace(t *testing.T) place {
	t.Helper()
	p := place{t.TempDir()}
	for _, folder := range []string{"a", "a/b", "links", "links/in", "way", "way/c"} {
		p.do(t, os.Mkdir(p.at(folder), 0o700))
	}
	p.do(t, os.WriteFile(p.at("a/b/file"), []byte("x"), 0o600))
	p.do(t, os.Symlink("../../way/c/next", p.at("links/in/first")))
	p.do(t, os.Symlink(p.at("a/b"), p.at("way/c/next")))
	return p
}

func (p place) at(name string) string { return filepath.Join(p.root, name) }

func (p place) do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Whoever can write a folder on the way can put another file at its end: to the
// file, to each link, and to what a link in between leads to.
func TestEachFolderOnTheWayIsJudged(t *testing.T) {
	t.Parallel()
	const direct, linked = "a/b/file", "links/in/first/file"
	for _, c := range []struct {
		change string
		mode   fs.FileMode
		name   string
		want   string // in the error, or in the only warning after "warning: "
	}{
		{"", 0, direct, ""},
		{"", 0, linked, ""},
		{"a/b/file", 0o602, direct, "the file is world-writable (mode 0602)"},
		{"a/b/file", 0o602, linked, "the file is world-writable (mode 0602)"},
		{"a/b", 0o703, direct, "a/b is world-writable"},
		{"a", 0o703, direct, "a is world-writable"},
		{"a", 0o703, linked, "a is world-writable"},
		{"links", 0o707, linked, "links is world-writable"},
		{"links/in", 0o707, linked, "in is world-writable"},
		{"way", 0o707, linked, "way is world-writable"},
		{"way/c", 0o707, linked, "c is world-writable"},
		{"way/c", 0o707, direct, ""},              // not on the way
		{"links", 0o707, "links/../a/b/file", ""}, // nothing in it is looked up
		{"a", 0o707 | fs.ModeSticky, direct, ""},
		{"way/c", 0o777 | fs.ModeSticky, linked, ""},
		{"a/b/file", 0o660, direct, "warning: the file is group-writable (mode 0660)"},
		{"a", 0o770, direct, "warning: the folder"},
		{"way/c", 0o770, linked, "warning: the folder"},
		{"a", 0o770 | fs.ModeSticky, direct, ""},
	} {
		p := newPlace(t)
		if c.change != "" {
			p.do(t, os.Chmod(p.at(c.change), c.mode))
		}
		f, err := Read(p.root+"/"+c.name, 100) // not cleaned
		said := strings.Join(f.Warnings, "; ")
		if said != "" {
			said = "warning: " + said
		}
		if err != nil {
			said = err.Error()
		}
		refused := c.want != "" && !strings.HasPrefix(c.want, "warning: ")
		if (err != nil) != refused || !strings.Contains(said, c.want) || c.want == "" && said != "" || len(f.Warnings) > 1 {
			t.Errorf("%s is %v, read by %s: %q", c.change, c.mode, c.name, said)
		}
	}
}

// Only root can give files away, so what belongs to others is made where the
// tests run as root.
func TestOwnersAreJudged(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const other = 4242
	for _, c := range []struct {
		given string
		mode  fs.FileMode // of "a", which holds the rest
		name  string
		want  string
	}{
		{"a/b/file", 0o755, "a/b/file", "the file belongs to another user (uid 4242)"},
		{"a/b", 0o755, "a/b/file", "a/b belongs to another user (uid 4242)"},
		{"a", 0o755, "a/b/file", "a belongs to another user (uid 4242)"},
		{"way", 0o755, "links/in/first/file", "way belongs to another user"},
		{"a/b", 0o777 | fs.ModeSticky, "a/b/file", "a is world-writable"}, // its owner can move it away
		{"way/c", 0o755, "a/b/file", ""},
	} {
		p := newPlace(t)
		p.do(t, os.Chmod(p.at("a"), c.mode))
		p.do(t, os.Lchown(p.at(c.given), other, other))
		_, err := Read(p.at(c.name), 100)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s given away: %v", c.given, err)
		}
	}
	p := newPlace(t) // a link that somebody else put into a folder like /tmp
	p.do(t, os.Chmod(p.at("links"), 0o777|fs.ModeSticky))
	p.do(t, os.Symlink(p.at("a/b/file"), p.at("links/planted")))
	p.do(t, os.Lchown(p.at("links/planted"), other, other))
	if _, err := Read(p.at("links/planted"), 100); err == nil || !strings.Contains(err.Error(), "links is world-writable") {
		t.Errorf("a planted link: %v", err)
	}
}

func TestPipesAndEndlessLinksAreRefused(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.do(t, syscall.Mkfifo(p.at("pipe"), 0o600))
	p.do(t, os.Symlink("pipe", p.at("to-pipe")))
	p.do(t, os.Symlink("round", p.at("round")))
	p.do(t, os.Symlink("gone", p.at("dangling")))
	for _, name := range []string{"pipe", "to-pipe", "round", "dangling"} {
		if f, err := Read(p.at(name), 100); err == nil {
			t.Errorf("%s is read: %q", name, f.Raw)
		}
	}
}

func TestRelativeNamesAreFollowed(t *testing.T) {
	t.Parallel()
	if f, err := Read("judge_unix_test.go", 1<<20); err != nil || !strings.HasPrefix(string(f.Raw), "//go:build") {
		t.Skipf("where these tests lie is not this user's own: %v", err)
	}
	if _, err := Read("../operatorfile/judge_unix_test.go", 1<<20); err != nil {
		t.Error(err)
	}
}
