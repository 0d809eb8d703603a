package remote

import (
	"html"
	"net/url"
	"path"
	"strings"
)

var (
	hasScheme = lazy(`^[a-z][a-z0-9+.-]*:`)
	// counted is the path of what Gitea counts the downloads of.
	counted = lazy(`(?:^|/)(?:attachments/[0-9a-f]{8}-|releases/download/|api/packages/)`)
	// served is the path of what the server answers for itself: files, and what it is
	// made of. Another page may lead a browser on: to a wiki elsewhere, to an application.
	served = lazy(`^/(?:[^/]+/[^/]+/(?:raw|media|src)/(?:branch|tag|commit)/|assets/|avatars/|repo-avatars/|:raw/|:media/)`)
	// leads is a part of such a page's path, and image the ending of a file's.
	leads  = lazy(`(?:^|/)(?:wiki|issues|pulls|labels|milestones|projects|login|user)(?:/|$)`)
	image  = lazy(images + `$`)
	blanks = strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/")
)

// elsewhere reports whether a browser that fetches address asks another host for it, or
// may be led to one, or has Gitea count it.
func (r *reader) elsewhere(address string) bool {
	// As browsers do: what is blank within counts for nothing, and a backslash is a slash.
	address = strings.ToLower(blanks.Replace(strings.TrimFunc(html.UnescapeString(address), func(r rune) bool { return r <= ' ' || r == '"' || r == '\'' })))
	switch {
	case strings.HasPrefix(address, "data:"):
		return false // it is the image itself
	case strings.HasPrefix(address, "//"), hasScheme().MatchString(address):
		own := false
		for _, instance := range r.instances {
			if rest, ok := strings.CutPrefix(address, strings.ToLower(instance.Scheme+"://"+instance.Host)+"/"); ok && !own {
				own, address = true, "/"+rest
			}
		}
		if !own {
			return true
		}
	}
	address, _, _ = strings.Cut(address, "#")
	name, query, _ := strings.Cut(address, "?")
	if plain, err := url.PathUnescape(name); err == nil {
		name = blanks.Replace(plain)
	}
	if name == "" {
		return query != ""
	}
	return r.led(path.Clean(name), query)
}

// led reports whether what is at a path on the server leads elsewhere, or is counted. A
// path within the repository does not lead out of it.
func (r *reader) led(name, query string) bool {
	switch {
	case counted().MatchString(name):
		return true
	case strings.HasPrefix(name, "/"):
		for _, instance := range r.instances {
			folder := strings.TrimSuffix(strings.ToLower(instance.Path), "/")
			if rest, ok := strings.CutPrefix(name, folder); ok && served().MatchString(rest) {
				return false
			}
		}
		return !served().MatchString(name)
	case strings.HasPrefix(name, "../"):
		return query != "" || leads().MatchString(name) || !image().MatchString(name)
	}
	return false
}
