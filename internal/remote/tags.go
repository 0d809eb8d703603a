package remote

import (
	"regexp"
	"strings"
)

var (
	// comment and tag are HTML that ends where it seems to.
	comment = lazy(`(?s)<!--.*?-->`)
	tag     = lazy("</?[a-zA-Z][a-zA-Z0-9-]*(?:\\s+[a-zA-Z_:][a-zA-Z0-9_:.-]*(?:\\s*=\\s*(?:\"[^\"]*\"|'[^']*'|[^\\s\"'=<>`]+))?)*\\s*/?>")
	begins  = lazy(`<[a-zA-Z/!?]`)
	// attribute is one that a browser fetches, in whatever element it is.
	attribute = lazy(`(?i)(?:^|[^a-z0-9_-])(?:src|srcset|imagesrcset|poster|background|data|lowsrc|dynsrc|style)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)`)
	imageHref = lazy(`(?i)<(?:image|use|feimage|link|base)\b[^>]*?href\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)`)
	cssURL    = lazy(`(?i)(?:url\s*\(|image-set\s*\(|@import)\s*["']?([^"')]*)`)
)

// html looks at a piece of HTML. One that is not finished goes on over what follows it
// in the page, which then may become a part of it.
func (r *reader) html(piece string) {
	r.attributes(piece)
	rest := tag().ReplaceAllString(comment().ReplaceAllString(piece, ""), "")
	r.unfinished = r.unfinished || begins().MatchString(rest)
}

// attributes looks at what may be attributes of HTML in source.
func (r *reader) attributes(source string) {
	for _, pattern := range []*regexp.Regexp{attribute(), imageHref()} {
		for _, match := range pattern.FindAllStringSubmatch(source, -1) {
			value := strings.Trim(match[1], `"'`)
			if css := cssURL().FindAllStringSubmatch(value, -1); css != nil {
				for _, address := range css {
					r.see(address[1])
				}
			} else if !strings.HasPrefix(strings.ToLower(strings.TrimLeft(match[0], " \t\n\"'/<")), "style") {
				r.see(value)
				for _, candidate := range strings.FieldsFunc(value, func(r rune) bool { return r <= ' ' || r == ',' }) {
					r.see(candidate) // of a srcset
				}
			}
		}
	}
}
