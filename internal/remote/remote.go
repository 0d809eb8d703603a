// Package remote finds what a page that is made of a text makes each reader's browser
// fetch from somewhere else.
//
// Gitea shows an image of another host as it was written: whoever opens the issue
// fetches it, and its address says to that host whatever the writer put into it. What
// goes in is a text and how Gitea shows it; what comes out is the first address that
// is fetched without anybody following it, "" for none. Links are none: a reader has
// to click. Neither are images by a path on the instance itself, but for those that
// Gitea counts the downloads of: the count can be read by whoever owns the file.
//
// It errs to one side. Where Gitea's pages may be made of other parts than those seen
// here, with formulas, front matter or HTML that does not end, all of the text counts,
// code too.
package remote

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Format is how Gitea shows a text.
type Format uint8

const (
	// Source is shown as it is.
	Source Format = iota
	// Markdown is a body, a wiki page, release notes, or a file by its name.
	Markdown
	// Rendered is made a page of in another way: an Org file, a template of issues, a
	// description of an API, a scene.
	Rendered
)

var (
	markdownFiles = []string{".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext", ".livemd", ".mdx", ".rmd", ".qmd"}
	renderedFiles = []string{".org", ".gltf", ".dae", ".wrl", ".obj"}
	renderedNames = lazy(`^(?:openapi|swagger)\.(?:ya?ml|json)$|_template(?:/|\.)`)
)

// FormatOf returns how Gitea shows the file at a path.
func FormatOf(file string) Format {
	file = strings.ToLower(file)
	switch ext := path.Ext(file); {
	case slices.Contains(markdownFiles, ext):
		return Markdown
	case slices.Contains(renderedFiles, ext), renderedNames().MatchString(path.Base(file)), renderedNames().MatchString(file):
		return Rendered
	}
	return Source
}

// Loads returns the first address that is fetched from elsewhere by who looks at a
// text, as it was written, or "". An address with one of instances is not elsewhere.
func Loads(text string, as Format, instances ...*url.URL) string {
	r := &reader{instances: instances}
	switch as {
	case Markdown:
		r.markdown(text)
	case Rendered:
		r.rendered(text)
	}
	return r.found
}

// A reader looks through a text until it has found an address.
type reader struct {
	instances  []*url.URL
	found      string
	unfinished bool // whether HTML is, so that it goes on over what follows
}

// see notes an address if it is elsewhere.
func (r *reader) see(address string) {
	if r.found == "" && r.elsewhere(address) {
		r.found = strings.TrimSpace(address)
	}
}

// lazy compiles an expression when it is first needed: few sessions write.
func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
