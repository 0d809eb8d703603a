package reference

import (
	"net/url"
	"strconv"
	"strings"
)

// A place is where Gitea may believe to be.
type place struct {
	host   string // in lower case, with its port unless that is any; "" for any host
	path   string // begins and ends with a slash
	anyone bool   // whether the port is any
}

// placesOf returns the places that instances may stand for: what they say, and what
// is left if a port or a folder is added on the way to Gitea. Without instances it may
// be anywhere.
func placesOf(instances []*url.URL) (all []place) {
	for _, instance := range instances {
		if instance == nil || instance.Hostname() == "" {
			continue
		}
		paths := []string{strings.TrimRight(instance.EscapedPath(), "/") + "/"}
		if paths[0] != "/" {
			paths = append(paths, "/")
		}
		for _, path := range paths {
			all = append(all, place{strings.ToLower(instance.Host), path, false}, place{hostOf(instance.Hostname()), path, true})
		}
	}
	if len(all) == 0 {
		return []place{{path: "/", anyone: true}, {anyone: true}}
	}
	return all
}

// has reports whether an address is the place's, by its host: one without is.
func (p place) has(u *url.URL) bool {
	switch {
	case u.Host == "" || p.host == "":
		return true
	case p.anyone:
		return hostOf(u.Hostname()) == p.host
	}
	return strings.ToLower(u.Host) == p.host
}

func hostOf(host string) string { return strings.TrimRight(strings.ToLower(host), ".") }

// here reports whether a host is one of the instance's.
func (f *finder) here(host string) bool {
	for _, p := range f.places {
		if p.host == "" || p.anyone && p.host == hostOf(host) {
			return true
		}
	}
	return false
}

// link finds what the destination of a link refers to.
func (f *finder) link(destination string) {
	u, err := url.Parse(destination)
	if err != nil || u.Host != "" && !f.here(u.Hostname()) {
		return
	}
	if issue, ok := issueOf(u.EscapedPath()); ok {
		if _, err := strconv.ParseInt(issue.number, 10, 64); err == nil {
			f.add(strings.ToLower(issue.owner), strings.ToLower(issue.name), true)
		}
	}
}

// inText returns what an address in angle brackets, or a bare one, leaves in the text,
// for a Gitea at p. It means to cut the instance's folder off the path, and does so
// with a slash too much: what is left counts only if it still begins with one.
func (p place) inText(address string) (text string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || !p.has(u) {
		return "", false
	}
	issue, ok := issueOf(strings.TrimPrefix(u.EscapedPath(), p.path))
	return issue.owner + "/" + issue.name + issue.sign + issue.number, ok
}

// An issue is what the path of an address names; its parts may hold anything.
type issue struct{ owner, name, sign, number string }

func issueOf(path string) (issue, bool) {
	parts := strings.Split(path, "/")
	if len(parts) != 5 || parts[0] != "" {
		return issue{}, false
	}
	switch parts[3] {
	case "issues":
		return issue{parts[1], parts[2], "#", parts[4]}, true
	case "pulls":
		return issue{parts[1], parts[2], "!", parts[4]}, true
	}
	return issue{}, false
}
