package reference

import "strings"

// short finds "owner/repo#1" and "owner/repo!1" in text in lower case. Gitea wants
// certain signs before and after; here nearly any will do.
func (f *finder) short(text string, exact bool) {
	type run struct{ start, end int } // of characters of names
	var name, owner run
	for i := 0; i < len(text); i++ {
		if isName(text[i]) {
			if name.end != i {
				owner, name = name, run{i, i}
			}
			name.end = i + 1
			continue
		}
		if text[i] != '#' && text[i] != '!' || name.end != i || name.start == 0 || text[name.start-1] != '/' ||
			owner.end != name.start-1 || owner.end == owner.start || !numbered(text[i+1:]) {
			continue
		}
		before := byte(' ')
		if owner.start > 0 {
			before = text[owner.start-1]
		}
		if before == '/' { // it is the middle of a path
			continue
		}
		f.add(text[owner.start:owner.end], text[name.start:name.end], exact && strings.IndexByte(" \t\n\f\r([", before) >= 0)
	}
}

// numbered reports whether text begins with the number of an issue that may end
// there.
func numbered(text string) bool {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	if n == 0 || n == len(text) {
		return n > 0
	}
	return !('a' <= text[n] && text[n] <= 'z') && strings.IndexByte("-/=%+@", text[n]) < 0
}

func isName(b byte) bool {
	return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || b == '-' || b == '_' || b == '.'
}

// nameable reports whether Gitea takes name for that of an owner or a repository. None
// is called like a step in a path.
func nameable(name string) bool {
	for i := range len(name) {
		if !isName(name[i]) {
			return false
		}
	}
	return name != "" && name != "." && name != ".."
}
