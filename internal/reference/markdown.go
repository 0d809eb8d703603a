package reference

import (
	"bytes"
	"strings"
	"sync"

	"aegis/internal/markdown"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	footnote "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
)

// stripper is the parser of Gitea's modules/markup/mdstripper, which decides what
// leaves an event. It is not the one that pages are made with.
var stripper = sync.OnceValue(func() parser.Parser {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.DefinitionList, extension.Footnote, linkify{}),
		goldmark.WithParserOptions(parser.WithAttribute()),
	).Parser()
})

// A document is a parsed text, as far as references go.
type document struct {
	source    string
	pieces    []piece // in their order
	autolinks bool    // whether there are any
	code      []span  // code spans, by their lines
	fenced    []span  // lines of fenced blocks
}

// A piece is a text, or an address.
type piece struct {
	kind   kind
	text   string
	joined bool // it follows a text without anything between
	breaks bool // a line ends behind it
}

type kind uint8

const (
	words kind = iota
	link       // the destination of one
	autolink
)

// A span is a part of the source.
type span struct{ start, stop int }

// parse parses a text. It is not ok if the library can't; then nothing is known of it.
func parse(source string) (d *document, ok bool) {
	d = &document{source: source}
	raw := []byte(source)
	root, ok := markdown.Parse(stripper(), raw)
	if !ok {
		return d, false
	}
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		return d.add(node, raw), nil
	})
	return d, true
}

// add notes what a node is to references.
func (d *document) add(node ast.Node, source []byte) ast.WalkStatus {
	switch n := node.(type) {
	case *ast.Text:
		if n.IsRaw() {
			d.code = append(d.code, span{n.Segment.Start, n.Segment.Stop})
			break
		}
		if _, note := n.NextSibling().(*footnote.FootnoteLink); note && n.Segment.Len() == 1 && isMark(source[n.Segment.Start:]) {
			break // Gitea's footnotes swallow the sign before them, and nothing else
		}
		_, joined := n.PreviousSibling().(*ast.Text)
		d.pieces = append(d.pieces, piece{words, string(n.Value(source)), joined, n.SoftLineBreak()})
	case *ast.Link:
		d.pieces = append(d.pieces, piece{kind: link, text: string(n.Destination)})
		return ast.WalkSkipChildren
	case *ast.AutoLink:
		d.pieces = append(d.pieces, piece{kind: autolink, text: string(n.URL(source))})
		d.autolinks = true
		return ast.WalkSkipChildren
	case *ast.FencedCodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			d.fenced = append(d.fenced, span{line.Start, line.Stop})
		}
	}
	return ast.WalkContinue
}

// isMark reports whether source begins with the mark of a footnote with a sign before
// it. Neither the library nor Gitea looks at the bracket.
func isMark(source []byte) bool { return len(source) > 2 && source[0] == '!' && source[2] == '^' }

// strip returns the document without markup and code, and the destinations of its
// links, as a Gitea at p sees them: parts that stand in no one piece are on lines of
// their own, and the address of an issue is put in short.
func (d *document) strip(p place) (text string, links []string) {
	var b strings.Builder
	any := false // whether there was any text
	for _, piece := range d.pieces {
		switch piece.kind {
		case words:
			if !piece.joined && any {
				b.WriteByte('\n')
			}
			b.WriteString(piece.text)
			if any = true; piece.breaks {
				b.WriteByte('\n')
			}
		case link:
			links = append(links, piece.text)
		case autolink:
			if short, ok := p.inText(piece.text); ok {
				b.WriteString(short)
			} else {
				links = append(links, piece.text)
			}
		}
	}
	return b.String(), links
}

// withoutCode returns the source with what is code replaced by spaces: fenced blocks
// and code spans, or only those that are plainly ones.
func (d *document) withoutCode(plainly bool) string {
	source := []byte(d.source)
	for _, block := range d.fenced {
		blank(source, block)
	}
	for _, code := range d.code {
		if !plainly {
			blank(source, code)
		} else if all := ticked(source, code); plain(source, all) {
			blank(source, all)
		}
	}
	return string(source)
}

func blank(source []byte, part span) {
	for i := part.start; i < part.stop; i++ {
		source[i] = ' '
	}
}

// ticked returns a code span with the backticks around it.
func ticked(source []byte, code span) span {
	for code.start > 0 && (source[code.start-1] == '`' || source[code.start-1] == ' ' && code.start > 1 && source[code.start-2] == '`') {
		code.start--
	}
	for code.stop < len(source) && (source[code.stop] == '`' || source[code.stop] == ' ' && code.stop+1 < len(source) && source[code.stop+1] == '`') {
		code.stop++
	}
	return code
}

// plain reports whether a code span is one to every reader: on one line, and nothing
// before it in its paragraph might take its backtick for a part.
func plain(source []byte, code span) bool {
	before := source[bytes.LastIndex(source[:code.start], []byte("\n\n"))+1 : code.start]
	return bytes.IndexByte(source[code.start:code.stop], '\n') < 0 && !bytes.ContainsAny(before, "`<]|\\{@$~") &&
		!bytes.Contains(before, []byte("://")) && !bytes.Contains(before, []byte("www."))
}
