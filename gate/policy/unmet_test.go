package policy

import "testing"

// FuzzMeets: two patterns of which nothing is said to match both match no path together.
func FuzzMeets(f *testing.F) {
	for _, seed := range [][3]string{
		{"docs/**", "**/*.md", "docs/a.md"}, {"a*c", "ab*", "abc"}, {"**", "x", "x"}, {"**/b/**", "a/**/c", "a/b/c"}, {"[ab]?/x", "a*/*", "ab/x"}, {"{a,b}/**", "b", "b"}, {"é*", "?*", "éa"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, one, other, path string) {
		a, err := compilePath(one)
		if err != nil {
			return
		}
		b, err := compilePath(other)
		if err != nil {
			return
		}
		if a.fit(path, false).whole && b.fit(path, false).whole && !(list{entries: []entry{{glob: a}}}).meets(b) {
			t.Errorf("%q and %q both match %q", one, other, path)
		}
	})
}
