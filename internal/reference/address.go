package reference

import (
	"regexp"
	"slices"
	"strings"
)

// addresses finds ".../owner/repo/issues/1" and ".../owner/repo/pulls/1", with a
// host and without.
func (f *finder) addresses(text string) {
	for at := 0; ; {
		i := strings.Index(text[at:], "/issues/")
		if j := strings.Index(text[at:], "/pulls/"); j >= 0 && (i < 0 || j < i) {
			i = j
		}
		if i < 0 {
			return
		}
		f.address(text, at+i)
		at += i + len("/pulls")
	}
}

const (
	// longestAddress bounds what of an address is looked at before the number's folder,
	// in bytes. A longer one is not known to lead elsewhere.
	longestAddress = 300
	// longestLine bounds what of a line is looked at before an address.
	longestLine = 2048
)

// address looks at the address of which the number's folder begins at offset at.
func (f *finder) address(text string, at int) {
	number := text[at+1:]
	number = number[strings.IndexByte(number, '/')+1:]
	if number != "" && (number[0] == '+' || number[0] == '-') {
		number = number[1:]
	}
	if number == "" || number[0] < '0' || number[0] > '9' {
		return
	}
	begin := at
	for begin > 0 && at-begin < longestAddress && !endsAddress(text[begin-1]) {
		begin--
	}
	path := text[begin:at]
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return
	}
	rest, name := path[:i], path[i+1:]
	i = strings.LastIndexByte(rest, '/')
	if i < 0 {
		// No path of its own, but it may be the end of another one.
		line := text[max(0, begin-longestLine):begin]
		line = line[strings.LastIndexByte(line, '\n')+1:]
		f.unclear = f.unclear || f.syntax == Markdown && (strings.Contains(line, "//") || len(line) == longestLine)
		return
	}
	before, owner := rest[:i], rest[i+1:]
	whole := begin == 0 || endsAddress(text[begin-1])
	if whole && (scheme.MatchString(before) || f.elsewhere(before)) {
		return // or the owner is the host
	}
	f.add(owner, name)
	f.unclear = f.unclear || f.syntax == Markdown && f.runsOn(before)
}

// runsOn reports whether Gitea may put owner and name right behind whatever text
// stands before the address, and so name another owner. It means to cut the
// instance's folder off the path, and does so with a slash too much: what is left of
// it counts only if it still begins with one.
func (f *finder) runsOn(before string) bool {
	if before == "" || strings.HasSuffix(before, "/") {
		return before != ""
	}
	if len(f.folders) > 0 && !slices.ContainsFunc(f.folders, func(folder string) bool { return folder != "" }) {
		return false
	}
	return !slices.ContainsFunc(f.folders, func(folder string) bool { return folder != "" && strings.HasSuffix(before, folder) })
}

// endsAddress reports whether no address goes on over b.
func endsAddress(b byte) bool { return b <= ' ' || strings.IndexByte("<>()[]\"'`", b) >= 0 }

var (
	// scheme is what stands before a host, but for a slash.
	scheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:/$`)
	// absolute is an address with a host that can be taken for nothing else.
	absolute = regexp.MustCompile(`^(?:https?|ftp)://([a-z0-9.-]+)(?::[0-9]*)?(?:/[a-z0-9._~%-]+)*$`)
	// relative is one without.
	relative = regexp.MustCompile(`^/?[a-z0-9][a-z0-9._~-]*(?:/[a-z0-9._~-]+)*$`)
)

// elsewhere reports whether what stands before the owner in an address leads to no
// repository of this instance.
func (f *finder) elsewhere(before string) bool {
	if match := absolute.FindStringSubmatch(before); match != nil {
		return !f.here(match[1])
	}
	if !relative.MatchString(before) {
		return false
	}
	// An owner is the first part of a path, or follows the folder of the instance.
	return !slices.Contains(f.folders, before) && !slices.ContainsFunc(strings.Split(before, "/"), f.here)
}

// here reports whether a host is the instance's.
func (f *finder) here(host string) bool {
	return len(f.hosts) == 0 || slices.Contains(f.hosts, hostOf(host))
}

func hostOf(host string) string { return strings.TrimRight(strings.ToLower(host), ".") }
