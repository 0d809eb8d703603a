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
	attribute = lazy(`(?i)(?:^|[^a-z0-9_-])(?:src|srcset|imagesrcset|poster|background|data|lowsrc|dynsrc)\s*=\s*`)
	imageHref = lazy(`(?i)<(?:image|use|feimage|link|base)\b[^>]*?href\s*=\s*`)
	style     = lazy(`(?i)(?:^|[^a-z0-9_-])style\s*=|<style`)
	cssURL    = lazy(`(?i)url\s*\(|image-set\s*\(|@import`)
)

// html looks at a piece of HTML. One that is not finished goes on over what follows it
// in the page, which then may become a part of it.
func (r *reader) html(piece string) {
	r.attributes(piece)
	rest := tag().ReplaceAllString(comment().ReplaceAllString(piece, ""), "")
	r.unfinished = r.unfinished || begins().MatchString(rest)
}

// attributes looks at what may be attributes of HTML in source. Where one begins is not
// known for certain, and so not where it ends.
func (r *reader) attributes(source string) {
	for _, pattern := range []*regexp.Regexp{attribute(), imageHref()} {
		for _, at := range pattern.FindAllStringIndex(source, -1) {
			r.value(source[at[1]:])
		}
	}
	if style().MatchString(source) {
		for _, at := range cssURL().FindAllStringIndex(source, -1) {
			r.value(strings.TrimLeft(source[at[1]:], " \t\n\f"))
		}
	}
}

// longestValue bounds what of an attribute is looked at.
const longestValue = 4096

// value looks at the value that source begins with: an address, or several.
func (r *reader) value(source string) {
	source = source[:min(len(source), longestValue)]
	ends := "\"'>) \t\n\f"
	if source != "" && (source[0] == '"' || source[0] == '\'') {
		source, ends = source[1:], source[:1]
	}
	if end := strings.IndexAny(source, ends); end >= 0 {
		source = source[:end]
	} else if len(source) >= longestValue-1 && r.found == "" {
		r.found = source // what follows is not looked at
	}
	r.see(source)
	for _, one := range strings.FieldsFunc(source, func(r rune) bool { return r <= ' ' || r == ',' }) {
		r.see(one) // of a srcset
	}
}
