// Package markdown runs the library that Gitea parses Markdown with on texts that
// anybody may have written: it neither panics nor takes the square of a text's length.
// What goes in is a parser and a text, what comes out its tree; a text that nobody
// writes and that would cost seconds is refused.
package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Parse returns the tree of source, and false if there is none to be had.
func Parse(p parser.Parser, source []byte) (root ast.Node, ok bool) {
	if slow(source) {
		return nil, false
	}
	defer func() {
		if recover() != nil {
			root, ok = nil, false
		}
	}()
	return p.Parse(text.NewReader(source)), true
}

// Bounds on what the library takes the square of.
const (
	mostQuotes = 100    // in quotes
	mostMarks  = 20_000 // of emphasis and links in a paragraph
	mostSteps  = 1 << 25
	mostTags   = 1 << 30 // comments and the like, each of which is looked for an end of
)

// slow reports whether a text holds what the library needs seconds for.
func slow(source []byte) bool {
	quotes, marks, word, longest := 0, 0, 0, 0
	for i, c := range source {
		word++
		switch c {
		case '>':
			quotes++
		case ' ', '\t':
			word = 0
		case '\n':
			quotes, word = 0, 0
			if i > 0 && source[i-1] == '\n' {
				marks = 0
			}
		case '*', '_', '~', '[':
			marks++
			quotes = 0
		default:
			quotes = 0
		}
		if longest = max(longest, word); quotes > mostQuotes || marks > mostMarks {
			return true
		}
	}
	if tags := bytes.Count(source, []byte("<!")) + bytes.Count(source, []byte("<?")); tags*len(source) > mostTags {
		return true
	}
	return longest*bytes.Count(source, []byte("](")) > mostSteps || bytes.Count(source, []byte("]:")) > mostMarks
}
