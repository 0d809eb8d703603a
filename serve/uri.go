package serve

import (
	"strings"
	"unicode/utf8"
)

// scheme is what every resource's URI begins with.
const scheme = "gitea://"

// maxURI bounds a resource's URI in bytes. The longest that could be good, every
// byte of it escaped, is shorter.
const maxURI = 4096

// address is what a resource's URI stands for: a call of a tool.
type address struct {
	tool string
	args map[string]string
	// bad says why the URI is refused although it is known what it is for, ""
	// if it is not. It quotes nothing of the URI.
	bad string
}

// parseURI reads gitea://OWNER/REPO/KIND/REST. It reports false for what is no
// URI of a resource.
//
// A URI is taken apart first, at the slashes and the question mark that stand
// in it, and each part is decoded then, once. What comes out is given to the
// tool as if a caller had written it: the tool parses it into canonical form
// or refuses it. So nothing that a URI may hold besides (a user, a port, dot
// segments, escapes in escapes) has a meaning here, and there is nothing to
// clean.
func parseURI(uri string) (address, bool) {
	rest, ok := strings.CutPrefix(uri, scheme)
	if !ok || len(uri) > maxURI {
		return address{}, false
	}
	path, tail := rest, ""
	if at := strings.IndexAny(rest, "?#"); at >= 0 {
		path, tail = rest[:at], rest[at:]
	}
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 4 {
		return address{}, false
	}
	t := templateOf(parts[2])
	if t == nil {
		return address{}, false
	}
	at := address{tool: t.tool, args: make(map[string]string)}
	at.readTail(t, tail)
	at.set("owner", parts[0])
	at.set("repo", parts[1])
	at.set(t.argument, parts[3])
	if t.argument == "number" && !plainNumber(parts[3]) {
		at.fail("number must be an integer from 1, in digits")
	}
	return at, true
}

// readTail reads what follows the path: ?ref=REF behind a file's, nothing behind
// any other.
func (a *address) readTail(t *template, tail string) {
	switch {
	case tail == "":
		return
	case strings.Contains(tail, "#"):
		a.fail("the URI must not have a fragment; write %23 for a # in a name")
		return
	}
	value, ok := strings.CutPrefix(tail, "?ref=")
	if ok && value == "" { // one address for one thing
		a.fail("the URI has a ?ref= without a ref; leave it out for the default branch")
		return
	}
	if !ok || t.argument != "path" || strings.ContainsAny(value, "?&") {
		a.fail("the URI must not have a query but a file's ?ref=; write %3F for a question mark and %26 for an ampersand in a name")
		return
	}
	a.set("ref", value)
}

func (a *address) fail(reason string) {
	if a.bad == "" {
		a.bad = reason
	}
}

// set decodes a part of the URI, once.
func (a *address) set(name, part string) {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		c := part[i]
		switch {
		case c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0:
			a.fail(name + " holds a character that has to be percent-encoded in a URI")
			return
		case c != '%':
			b.WriteByte(c)
		case i+2 < len(part) && isHex(part[i+1]) && isHex(part[i+2]):
			b.WriteByte(unhex(part[i+1])<<4 | unhex(part[i+2]))
			i += 2
		default:
			a.fail(name + " has a percent sign without two hex digits behind it; write %25 for a percent sign in a name")
			return
		}
	}
	if !utf8.ValidString(b.String()) {
		a.fail(name + " is not valid UTF-8")
		return
	}
	a.args[name] = b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}

// plainNumber reports whether s is an integer from 1 as JSON writes it.
func plainNumber(s string) bool {
	return s != "" && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}
