package remote

import (
	"html"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"aegis/internal/markdown"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// pages is the parser that Gitea makes pages with, but for its formulas.
var pages = sync.OnceValue(func() parser.Parser {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.DefinitionList, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAttribute()),
	).Parser()
})

// markdown looks through Markdown.
func (r *reader) markdown(source string) {
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n") // as Gitea does
	read := r.page(source)
	if body, ok := withoutMetadata(source); ok {
		read = r.page(body) && read
	}
	r.shortLinks(source)
	if !read || r.unfinished || formulas(source) {
		r.everything(source)
	}
}

// page looks at the page that the library makes, and reports whether it makes one.
func (r *reader) page(source string) bool {
	raw := []byte(source)
	root, ok := markdown.Parse(pages(), raw)
	if !ok {
		return false
	}
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			r.node(node, raw)
		}
		return ast.WalkContinue, nil
	})
	return true
}

// withoutMetadata returns source without what Gitea takes for metadata at its begin,
// if there may be some.
func withoutMetadata(source string) (body string, ok bool) {
	if !strings.HasPrefix(strings.TrimLeftFunc(source, unicode.IsSpace), "---") {
		return "", false
	}
	at := metadataEnd().FindStringIndex(source[min(len(source), strings.Index(source, "---")+3):])
	if at == nil {
		return "", false
	}
	return source[strings.Index(source, "---")+3+at[1]:], true
}

// formulas reports whether source has any that may hold what the library takes for the
// begin of code or of a tag. Gitea makes formulas of them, and of what follows
// something else.
func formulas(source string) bool {
	if strings.Contains(source, "$$") || strings.Contains(source, `\[`) {
		return true
	}
	return (strings.Contains(source, "$") || strings.Contains(source, `\(`)) && strings.ContainsAny(source, "`<~")
}

// node looks at a part of a page.
func (r *reader) node(node ast.Node, source []byte) {
	of := func(lines *text.Segments) string {
		var b strings.Builder
		for i := range lines.Len() {
			line := lines.At(i)
			b.Write(line.Value(source))
		}
		return b.String()
	}
	switch n := node.(type) {
	case *ast.Image:
		r.see(string(n.Destination))
		r.see(string(util.UnescapePunctuations(n.Destination)))
	case *ast.RawHTML:
		r.html(of(n.Segments))
	case *ast.HTMLBlock:
		tags := of(n.Lines())
		if n.HasClosure() {
			tags += string(n.ClosureLine.Value(source))
		}
		r.html(tags)
	case *ast.FencedCodeBlock:
		if n.Info != nil && strings.Contains(strings.ToLower(string(n.Info.Value(source))), "mermaid") {
			r.diagram(of(n.Lines()))
		}
	}
}

// images are the formats that a link is shown as an image or a film by.
const images = `\.(?:png|jpe?g|jfif|gif|svgz?|webp|tiff?|bmp|ico|avif|apng|heic|webm|mp4|m4v|og[gmv]|mov|mp3|wav)`

var (
	metadataEnd = lazy(`\n[\s\x{a0}]*---+[ \t]*(?:\n|$)`)
	inline      = lazy(`\]\s*\(\s*<?\s*([^\s)>]+)`)
	definition  = lazy(`\]:\s*<?\s*([^\s>]+)`)
	pictured    = lazy(`(?i)(?:[a-z][a-z0-9+.-]*:)?//[^\s\]"<>|]*` + images)
	mentioned   = lazy(`(?i)(?:\$ref|\buri|\burl|\binit_from|\bmtllib)["']?\s*[:=>\s]\s*["'\[]*\s*((?:[a-z][a-z0-9+.-]*:)?//[^\s"']+)`)
	shortLink   = lazy(`\[\[(.*?)\]\]`)
)

// everything looks at all in Markdown that might be fetched, whatever it stands in.
func (r *reader) everything(source string) {
	for _, paragraph := range strings.Split(source, "\n\n") {
		if _, images, ok := strings.Cut(paragraph, "!["); ok {
			r.all(inline(), images)
		}
	}
	if strings.Contains(source, "![") {
		r.all(definition(), source)
	}
	r.attributes(source)
	r.shortLinks(source)
	if at := diagrams().FindStringIndex(source); at != nil {
		r.diagram(source[at[1]:])
	}
}

// rendered looks at all that might be fetched of what is no Markdown.
func (r *reader) rendered(source string) {
	r.everything(source)
	r.all(pictured(), source)
	r.all(mentioned(), source)
}

// all sees whatever pattern finds: its first group, or all of it.
func (r *reader) all(pattern *regexp.Regexp, source string) {
	for _, match := range pattern.FindAllStringSubmatch(source, -1) {
		r.see(match[len(match)-1])
	}
}

// shortLinks looks at "[[address]]", which is an image if the address has the ending of
// one.
func (r *reader) shortLinks(source string) {
	for _, reading := range []string{source, html.UnescapeString(strings.ReplaceAll(source, `\`, ""))} {
		for _, match := range shortLink().FindAllString(reading, -1) {
			r.all(pictured(), match)
		}
	}
}

// diagrams is the begin of one.
var diagrams = lazy("(?i)(?:```|~~~)[^\\n]*mermaid")

// fetching is what a diagram, or its style, may fetch by. It is drawn in the reader's
// browser, of a text with escapes of its own.
var fetching = lazy(`(?i)//[^\s"'<>)]*|\\|url\s*\(|@import|\b(?:https?|ftp):|#\d+;|<\s*img`)

// diagram looks at what is drawn of a text. Nothing in it may lead anywhere.
func (r *reader) diagram(source string) {
	if match := fetching().FindString(source); match != "" && r.found == "" {
		r.found = match
	}
}
