//go:build unix

package operatorfile

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

// What only an administrator may change: no group may write to it, nor the user who runs.
func TestManagedFilesBelongToAdministrators(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root has files that belong to root")
	}
	const other = 4242
	for _, c := range []struct {
		name  string
		given string
		mode  map[string]fs.FileMode
		file  string
		want  string
	}{
		{"root's own", "", nil, "a/b/file", ""},
		{"by links", "", nil, "links/in/first/file", ""},
		{"a user's file", "a/b/file", nil, "a/b/file", "the file belongs to another user (uid 4242), and only an administrator may change it"},
		{"a user's folder", "a/b", nil, "a/b/file", "a/b belongs to another user"},
		{"a user's folder above", "a", nil, "a/b/file", "a belongs to another user"},
		{"a user's link on the way", "way/c/next", map[string]fs.FileMode{"way/c": 0o777 | fs.ModeSticky}, "links/in/first/file", "c is world-writable"},
		{"a group's file", "", map[string]fs.FileMode{"a/b/file": 0o664}, "a/b/file", "the file is group-writable (mode 0664)"},
		{"a group's folder", "", map[string]fs.FileMode{"a": 0o775}, "a/b/file", "a is group-writable"},
		{"everybody's file", "", map[string]fs.FileMode{"a/b/file": 0o666}, "a/b/file", "the file is world-writable"},
		{"everybody may read", "", map[string]fs.FileMode{"a/b/file": 0o644, "a": 0o755}, "a/b/file", ""},
	} {
		p := newPlace(t)
		if c.given != "" {
			p.do(t, os.Lchown(p.at(c.given), other, other))
		}
		for name, mode := range c.mode {
			p.do(t, os.Chmod(p.at(name), mode))
		}
		f, err := ReadManaged(p.at(c.file), 100)
		switch {
		case c.want == "" && (err != nil || string(f.Raw) != "x" || len(f.Warnings) > 0):
			t.Errorf("%s: %q, %v, %v", c.name, f.Raw, f.Warnings, err)
		case c.want != "" && (err == nil || f.Raw != nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %q, %v", c.name, f.Raw, err)
		}
	}
}

// A file of the user who runs is one for operators, and is none for administrators.
func TestTheUserWhoRunsIsNoAdministrator(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	info, err := os.Lstat(p.at("a/b/file"))
	p.do(t, err)
	for _, c := range []struct {
		who  owners
		want bool
	}{
		{operators(), true},
		{owners{ids: []int{4242}, managed: true}, false},
		{administrators(), os.Geteuid() == 0},
	} {
		if _, err := c.who.judgeFile("file", info); (err == nil) != c.want {
			t.Errorf("%+v: %v", c.who, err)
		}
	}
}
