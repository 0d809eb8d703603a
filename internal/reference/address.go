package reference

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// addresses finds ".../owner/repo/issues/1" and ".../owner/repo/pulls/1" in text in
// lower case, with a host and without.
func (f *finder) addresses(text string, exact bool) {
	for at := 0; ; {
		i := strings.Index(text[at:], "/issues/")
		if j := strings.Index(text[at:], "/pulls/"); j >= 0 && (i < 0 || j < i) {
			i = j
		}
		if i < 0 {
			return
		}
		f.address(text, at+i, exact)
		at += i + len("/pulls")
	}
}

// longestAddress bounds what of an address is looked at before the number's folder,
// in bytes. A longer one is not known to lead elsewhere.
const longestAddress = 300

// address looks at the address of which the number's folder begins at offset at.
func (f *finder) address(text string, at int, exact bool) {
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
	parts := strings.Split(text[begin:at], "/")
	if len(parts) < 3 {
		return
	}
	owner, name := parts[len(parts)-2], parts[len(parts)-1]
	rest := strings.Join(parts[:len(parts)-2], "/")
	whole := begin == 0 || endsAddress(text[begin-1])
	if whole && (before().scheme.MatchString(rest) || f.elsewhere(rest)) {
		return // or the owner is the host
	}
	f.add(owner, name, exact)
}

// endsAddress reports whether no address goes on over b.
func endsAddress(b byte) bool { return b <= ' ' || strings.IndexByte("<>()[]\"'`", b) >= 0 }

// before is what may stand before the owner in an address. It is compiled when it is
// first needed: few sessions write.
var before = sync.OnceValue(func() (p struct{ scheme, absolute, relative *regexp.Regexp }) {
	p.scheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:/$`) // before a host, but for a slash
	// An address with a host that can be taken for nothing else, and one without.
	p.absolute = regexp.MustCompile(`^(?:https?|ftp)://([a-z0-9.-]+)(?::[0-9]*)?(?:/[a-z0-9._~%-]+)*$`)
	p.relative = regexp.MustCompile(`^/?[a-z0-9][a-z0-9._~-]*(?:/[a-z0-9._~-]+)*$`)
	return p
})

// elsewhere reports whether what stands before the owner in an address leads to no
// repository of this instance.
func (f *finder) elsewhere(rest string) bool {
	if match := before().absolute.FindStringSubmatch(rest); match != nil {
		return !f.here(match[1])
	}
	if !before().relative.MatchString(rest) {
		return false
	}
	// An owner is the first part of a path, or follows the folder of the instance.
	folder := func(p place) bool { return p.path == rest+"/" }
	return !slices.ContainsFunc(f.places, folder) && !slices.ContainsFunc(strings.Split(rest, "/"), f.here)
}
