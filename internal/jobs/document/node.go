package document

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"aegis/internal/operatorfile"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Node is a value of a document. The zero Node is none.
type Node struct{ node ast.Node }

// IsZero reports whether there is no such value.
func (n Node) IsZero() bool { return n.node == nil }

// Place is where the value begins. A block mapping's own token is its first colon.
func (n Node) Place() Place {
	if m, ok := n.node.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return placeOf(m.Values[0].Key.GetToken())
	}
	if n.node == nil {
		return Place{}
	}
	return placeOf(n.node.GetToken())
}

// IsList reports whether the value is a list, IsMapping whether it is a mapping.
func (n Node) IsList() bool    { _, ok := n.node.(*ast.SequenceNode); return ok }
func (n Node) IsMapping() bool { _, ok := n.node.(*ast.MappingNode); return ok }

// Member is a key of a mapping and its value.
type Member struct {
	Key   string
	At    Place // of the key
	Value Node
}

// Members reads a mapping's keys, in the file's order, of which none may come twice.
// known nil lets any through. Unknown ones and those without a value are left out, with
// a problem.
func (r *Reader) Members(what string, n Node, known []string) (all []Member) {
	mapping, ok := n.node.(*ast.MappingNode)
	if !ok {
		r.Errorf(n.Place(), "%s must be a mapping, as in key: value", what)
		r.skip(n.node)
		return nil
	}
	seen := make(map[string]int)
	for _, v := range mapping.Values {
		key, ok := r.Word("a key of "+what, Node{v.Key})
		if !ok {
			r.skip(v.Value)
			continue
		}
		at := placeOf(v.Key.GetToken())
		_, null := v.Value.(*ast.NullNode)
		switch line, twice := seen[key]; {
		case twice:
			r.Errorf(at, "the key %s is already on line %d; remove one of the two", Quote(key), line)
		case known != nil && !slices.Contains(known, key):
			r.Errorf(at, "%s has no key %s%s; it may have: %s", what, Quote(key), Closest(key, known), strings.Join(known, ", "))
		case null || v.Value == nil:
			r.Errorf(at, "%s has no value; leave the key out to say nothing", Quote(key))
		case r.glued(v):
			r.Errorf(placeOf(v.Start), "a space is missing after the colon")
		default:
			seen[key] = at.Line
			all = append(all, Member{key, at, Node{v.Value}})
			continue
		}
		seen[key] = at.Line
		r.skip(v.Value)
	}
	return all
}

// glued reports whether a value follows its unquoted key's colon without a space, as
// in {a:b}, which other readers of YAML take for one word.
func (r *Reader) glued(v *ast.MappingValueNode) bool {
	key, value := v.Key.GetToken(), v.Value.GetToken()
	if key.Type == token.SingleQuoteType || key.Type == token.DoubleQuoteType || v.Start == nil || value == nil {
		return false
	}
	colon, next := placeOf(v.Start), placeOf(value)
	return colon.Line == next.Line && colon.Column+1 == next.Column
}

// List returns the elements of a list, which must have one at least.
func (r *Reader) List(what string, n Node) (all []Node) {
	sequence, ok := n.node.(*ast.SequenceNode)
	if !ok || len(sequence.Values) == 0 {
		r.Errorf(n.Place(), "%s must be a list with something in it, as in [a, b]; leave the key out to say nothing", what)
		r.skip(n.node)
		return nil
	}
	for _, v := range sequence.Values {
		all = append(all, Node{v})
	}
	return all
}

// Word reads text on one line, of characters that can be seen.
func (r *Reader) Word(what string, n Node) (string, bool) {
	s, ok := n.node.(*ast.StringNode)
	if !ok {
		r.wrong(n, what+" must be text on one line; a number or a truth value that is meant as text must be quoted")
		return "", false
	}
	delete(r.unread, s.Token)
	switch {
	case s.Value == "":
		r.Errorf(n.Place(), "%s is empty; leave the key out to say nothing", what)
	case strings.Contains(strings.TrimSpace(s.Token.Origin), "\n"):
		r.Errorf(n.Place(), "%s runs over more than one line; write it on one", what)
	case strings.ContainsFunc(s.Value, operatorfile.Unseen):
		r.Errorf(n.Place(), "%s holds a character that can't be seen; remove it", what)
	case s.Value != strings.TrimSpace(s.Value):
		r.Errorf(n.Place(), "%s begins or ends with a space; remove it", what)
	default:
		return s.Value, true
	}
	return "", false
}

// Text reads text that may have several lines.
func (r *Reader) Text(what string, n Node) (string, bool) {
	literal, ok := n.node.(*ast.LiteralNode)
	if !ok {
		return r.Word(what, n)
	}
	delete(r.unread, literal.Value.Token)
	text := strings.TrimRight(literal.Value.Value, "\n")
	switch {
	case strings.TrimSpace(text) == "":
		r.Errorf(n.Place(), "%s is empty; leave the key out to say nothing", what)
	case strings.ContainsFunc(text, func(c rune) bool { return operatorfile.Unseen(c) && !unicode.IsSpace(c) }):
		r.Errorf(n.Place(), "%s holds a character that can't be seen; remove it", what)
	default:
		return text, true
	}
	return "", false
}

// Number reads a decimal number between two bounds.
func (r *Reader) Number(what string, n Node, low, high int64) (int64, bool) {
	node, ok := n.node.(*ast.IntegerNode)
	if ok {
		delete(r.unread, node.Token)
		text := node.Token.Value
		if value, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(value, 10) == text && low <= value && value <= high {
			return value, true
		}
	}
	r.wrong(n, what+" must be a number from "+strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10)+", in decimal digits")
	return 0, false
}

// Bool reads true or false.
func (r *Reader) Bool(what string, n Node) (value, ok bool) {
	if node, ok := n.node.(*ast.BoolNode); ok && (node.Token.Value == "true" || node.Token.Value == "false") {
		delete(r.unread, node.Token)
		return node.Value, true
	}
	r.wrong(n, what+" must be true or false")
	return false, false
}

// Choice reads one of some words, "" with a problem if it is none of them.
func (r *Reader) Choice(what string, n Node, words []string) string {
	if s, ok := n.node.(*ast.StringNode); ok && slices.Contains(words, s.Value) {
		delete(r.unread, s.Token)
		return s.Value
	}
	r.wrong(n, what+" must be "+strings.Join(words, ", or "))
	return ""
}

// Skip leaves a value out that is wrong anyway.
func (r *Reader) Skip(n Node) { r.skip(n.node) }

// wrong notes that a value is not what it should be, and skips it.
func (r *Reader) wrong(n Node, message string) {
	r.Errorf(n.Place(), "%s", message)
	r.skip(n.node)
}

func (r *Reader) skip(node ast.Node) {
	switch n := node.(type) {
	case nil:
	case *ast.MappingNode:
		for _, v := range n.Values {
			r.skip(v.Key)
			r.skip(v.Value)
		}
	case *ast.SequenceNode:
		for _, v := range n.Values {
			r.skip(v)
		}
	case *ast.LiteralNode:
		r.skip(n.Value)
	default:
		delete(r.unread, node.GetToken())
	}
}

// Find is where a text stands first from a place on, the place itself if it does not.
func (r *Reader) Find(from Place, text string) Place {
	line, number := "", 0
	for line = range strings.Lines(r.text) {
		if number++; number < from.Line {
			continue
		}
		runes, start := []rune(line), 0
		if number == from.Line {
			start = min(max(from.Column-1, 0), len(runes))
		}
		if before, _, found := strings.Cut(string(runes[start:]), text); found {
			return Place{number, start + utf8.RuneCountInString(before) + 1}
		}
	}
	return from
}

// Peek returns a text without looking at it: it is still to be read.
func (n Node) Peek() (string, bool) {
	s, ok := n.node.(*ast.StringNode)
	if !ok {
		return "", false
	}
	return s.Value, true
}
