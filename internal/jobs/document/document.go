// Package document reads one YAML document strictly, with the place of every word.
//
// Only mappings, lists, words, quoted text and blocks of text pass. What lets one text
// mean another (anchors, aliases, merges, tags, escapes, a second document) is refused
// before it is parsed. The parser forgives much by reading on without what it does not
// understand: so each word has to be looked at, and one that nobody has looked at is an
// error.
//
// A problem names its line and column and says what to write instead. It quotes keys
// and names, and no text of the file: somebody may have put a secret there.
package document

import (
	"errors"
	"strings"
	"unicode"

	"aegis/internal/operatorfile"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds on a file.
const (
	MaxBytes  = 1 << 20
	maxTokens = 40_000 // the parser's time grows with the square of a mapping's keys
	maxDepth  = 16
)

// Reader turns nodes into values and notes what is wrong with them. A value that is
// wrong is the zero value.
type Reader struct {
	problems
	text   string
	unread map[*token.Token]bool // words that were not looked at yet
}

// Open reads a document that is a mapping. Its node is nil if there is none, and the
// reader then has a problem.
func Open(name string, raw []byte) (*Reader, Node) {
	r := &Reader{problems: problems{file: name}, unread: make(map[*token.Token]bool)}
	if len(raw) > MaxBytes {
		r.Errorf(Place{}, "the file is larger than %d bytes", MaxBytes)
		return r, Node{}
	}
	text, err := operatorfile.Decode(raw)
	var wrong *operatorfile.TextError
	if errors.As(err, &wrong) {
		r.Errorf(Place{wrong.Line, wrong.Column}, "%s", wrong.Message)
		return r, Node{}
	}
	r.text = text
	if at, why := unreadable(text); why != "" {
		r.Errorf(at, "%s", why)
		return r, Node{}
	}
	return r, Node{r.parse()}
}

// Close notes a word that nobody has looked at: the parser has dropped it, so what it
// says is not what the author meant.
func (r *Reader) Close() error {
	var first *token.Token
	for t := range r.unread {
		if first == nil || t.Position.Offset < first.Position.Offset {
			first = t
		}
	}
	if first != nil && r.Found() == 0 {
		r.Errorf(placeOf(first), "this is out of place; hold its indentation against the lines around it")
	}
	return r.Err()
}

// parse makes nodes of the text, nil with a problem if it can't.
func (r *Reader) parse() (root ast.Node) {
	defer func() { // the parser is not ours
		if recover() != nil {
			r.Errorf(Place{}, "cannot be parsed as YAML")
			root = nil
		}
	}()
	tokens := lexer.Tokenize(r.text)
	if !r.plain(tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var known *yaml.SyntaxError
		if errors.As(err, &known) {
			r.Errorf(placeOf(known.Token), "cannot be parsed as YAML: %s", withoutQuotes(known.Message))
		} else {
			r.Errorf(Place{}, "cannot be parsed as YAML")
		}
		return nil
	}
	switch {
	case len(file.Docs) > 1:
		r.Errorf(placeOf(file.Docs[1].Start), "a second document; one file is one, so remove the line ---")
	case len(file.Docs) == 1:
		if mapping, ok := file.Docs[0].Body.(*ast.MappingNode); ok {
			return mapping
		}
		r.Errorf(Place{}, "the file must be a mapping that begins with: version: 1")
	default:
		r.Errorf(Place{}, "the file says nothing; the least there is: version: 1")
	}
	return nil
}

// unreadable says why text is not that of a file.
func unreadable(text string) (Place, string) {
	if strings.TrimSpace(text) == "" {
		return Place{}, "the file says nothing; the least there is: version: 1"
	}
	at := Place{1, 1}
	for _, r := range text {
		switch {
		case r == '\t':
			return at, "a tab: readers of YAML differ on what it means; write spaces"
		case r == '\n':
			at = Place{at.Line + 1, 1}
			continue
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff', unicode.Is(unicode.Bidi_Control, r):
			return at, "a character that can't be seen; remove it"
		}
		at.Column++
	}
	return Place{}, ""
}

// withoutQuotes leaves out what a message quotes of the file.
func withoutQuotes(message string) string {
	if at := strings.IndexAny(message, "\"'`\n"); at >= 0 {
		return strings.TrimRight(message[:at], " :")
	}
	return message
}

func placeOf(t *token.Token) Place {
	if t == nil || t.Position == nil {
		return Place{}
	}
	return Place{t.Position.Line, t.Position.Column}
}
