package policy

import (
	"strings"
	"testing"
)

func TestPathGlob(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		glob, path string
		want       bool
	}{
		{"src", "src", true},
		{"src", "src/a/b.go", true},
		{"src/a", "src/a/b.go", true},
		{"src", "srcs/b.go", false},
		{"src", "a/src/b.go", false},
		{"SRC", "src/b.go", false},
		{"src/*", "src/b.go", true},
		{"src/*", "src/a/b.go", false},
		{"src/**", "src/a/b.go", true},
		{"**/*.go", "b.go", true},
		{"**/*.go", "src/a/b.go", true},
		{"*.go", "src/b.go", false},
		{"*", "src/b.go", false},
		{"{src,docs}", "docs", true},
		{"{src,docs}", "docs/a", false},
		{"{src,docs}/**", "docs/a", true},
		{"[a-c].txt", "b.txt", true},
		{"[!a-c].txt", "b.txt", false},
		{"ü*/?", "üb/ä", true},
	} {
		g, err := ParsePathGlob(row.glob)
		if err != nil || g.Match(path(row.path)) != row.want {
			t.Errorf("%s and %s: want %t, %v", row.glob, row.path, row.want, err)
		}
	}
	if (PathGlob{}).Match(path("a")) {
		t.Error("the zero glob matches")
	}
	for _, bad := range []string{"", "/private", "private/", "a//private", "private/../a", "./private", ".git/private", "private[", "private{", "{private/../x,a}", `private\*`, "%2e%2e/private", "private\x00", strings.Repeat("private/", 70) + "x"} {
		if _, err := ParsePathGlob(bad); err == nil || strings.Contains(err.Error(), "private") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
