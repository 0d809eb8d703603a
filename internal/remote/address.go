package remote

import (
	"html"
	"net/url"
	"strings"
)

var (
	hasScheme = lazy(`^[a-z][a-z0-9+.-]*:`)
	// counted is the path of what Gitea counts the downloads of.
	counted = lazy(`(?:^|/)(?:attachments/[0-9a-f]{8}-|releases/download/|api/packages/)`)
	blanks  = strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/")
)

// elsewhere reports whether a browser that fetches address asks another host for it, or
// has Gitea count it.
func (r *reader) elsewhere(address string) bool {
	// As browsers do: what is blank within counts for nothing, and a backslash is a slash.
	address = strings.ToLower(blanks.Replace(strings.TrimFunc(html.UnescapeString(address), func(r rune) bool { return r <= ' ' || r == '"' || r == '\'' })))
	switch {
	case strings.HasPrefix(address, "data:"):
		return false // it is the image itself
	case strings.HasPrefix(address, "//"), hasScheme().MatchString(address):
		own := false
		for _, instance := range r.instances {
			own = own || strings.HasPrefix(address, strings.ToLower(instance.Scheme+"://"+instance.Host)+"/")
		}
		if !own {
			return true
		}
	}
	if plain, err := url.PathUnescape(address); err == nil {
		address = plain
	}
	return counted().MatchString(strings.ReplaceAll(address, "/./", "/"))
}
