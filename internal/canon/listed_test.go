package canon

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FuzzListedPath: a name is its own path and nothing else's, or stands for one that nobody
// can ask for; and no spelling brings back what no path may have.
func FuzzListedPath(f *testing.F) {
	for _, name := range append(hostile, "a/b", "docs/caf\xe9.txt", "docs/Cafe\u0301.md", "docs/\ufffd.txt", ".gi\xfft/x", "a/\xff", "\xff/../x", "-x\xff", "e\u0301/../x") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		path, why, ok := ListedPath(name)
		own, err := ParsePath(name)
		switch {
		case !ok:
			if !path.IsRoot() || why != "" || err == nil {
				t.Fatalf("%q is no path, and %q (%s), %v", name, path, why, err)
			}
			return
		case why == "":
			if err != nil || own != path || path.String() != name {
				t.Fatalf("%q is listed as %q", name, path)
			}
			return
		}
		stand := path.String()
		if err == nil || !norm.NFC.IsNormalString(stand) || !utf8.ValidString(stand) {
			t.Fatalf("%q stands for %q (%s), %v", stand, name, why, err)
		}
		if again, err := ParsePath(stand); err == nil && (again != path || strings.ContainsRune(stand, utf8.RuneError)) {
			t.Fatalf("%q is a path, and stands for %q", stand, name)
		}
		for segment := range strings.SplitSeq(stand, "/") {
			if segment == "" || segment == "." || segment == ".." || strings.EqualFold(segment, ".git") {
				t.Fatalf("%q stands for %q", stand, name)
			}
		}
	})
}
