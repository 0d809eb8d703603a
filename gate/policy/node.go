package policy

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"aegis/internal/operatorfile"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// reader turns nodes into values and notes what is wrong with them. A value
// that is wrong is the zero value; a policy with a problem is never built, so
// nobody sees it.
type reader struct {
	*problems
	unread  map[*token.Token]bool // scalars not looked at yet
	lenient bool                  // rules may have no effect
}

// member is a key of a mapping and its value.
type member struct {
	key   string
	at    place
	value ast.Node
}

// members reads a mapping's keys, of which none may come twice. Unknown and
// valueless ones are left out, with an error.
func (r *reader) members(where string, node ast.Node, known ...string) []member {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		r.wrong(node, where+" must be a mapping, as in key: value")
		return nil
	}
	seen := make(map[string]int)
	var all []member
	for _, v := range mapping.Values {
		key, ok := r.word(v.Key, "a key of "+where, misspelt)
		if !ok {
			continue
		}
		where := at(v.Key.GetToken())
		if r.glued(v) {
			r.errorf(at(v.Start), "a space is missing after the colon")
			r.skip(v.Value)
			continue
		}
		if line, twice := seen[key]; twice {
			r.errorf(where, "the key %s is already on line %d", quote(key), line)
			continue
		}
		seen[key] = where.line
		if known != nil && !slices.Contains(known, key) {
			r.errorf(where, "unknown key %s%s; known here: %s", quote(key), closest(key, known), strings.Join(known, ", "))
			r.skip(v.Value)
			continue
		}
		if _, null := v.Value.(*ast.NullNode); null || v.Value == nil {
			r.errorf(where, "%s has no value; leave the key out to say nothing", quote(key))
			continue
		}
		all = append(all, member{key, where, v.Value})
	}
	return all
}

// glued reports whether a value follows its unquoted key's colon without a
// space, as in {read:deny}. Other YAML parsers take that for one word, and what
// two readers read differently is not a policy.
func (r *reader) glued(v *ast.MappingValueNode) bool {
	if key := v.Key.GetToken(); key.Type == token.SingleQuoteType || key.Type == token.DoubleQuoteType {
		return false
	}
	colon := at(v.Start)
	if colon.line < 1 || colon.line > len(r.source) {
		return false
	}
	line := []rune(r.source[colon.line-1])
	return colon.column < len(line) && line[colon.column] != ' ' && line[colon.column] != '\t'
}

// text reads a plain or quoted string on one line.
func (r *reader) text(node ast.Node, what string) (string, bool) {
	s, ok := node.(*ast.StringNode)
	if !ok {
		r.wrong(node, what+" must be a string")
		return "", false
	}
	delete(r.unread, s.Token)
	if strings.Contains(strings.TrimSpace(s.Token.Origin), "\n") {
		r.errorf(at(s.Token), "%s runs over more than one line", what)
		return "", false
	}
	return s.Value, true
}

// word is text that check finds nothing against.
func (r *reader) word(node ast.Node, what string, check spelling) (string, bool) {
	text, ok := r.text(node, what)
	if !ok {
		return "", false
	}
	if found, why := check(text); why != "" {
		r.errorf(r.within(at(node.GetToken()), found), "%s %s", what, why)
		return "", false
	}
	return text, true
}

// within is where a character first stands from a place on, on its line; the
// place itself if it does not.
func (r *reader) within(from place, char rune) place {
	if from.line < 1 || from.line > len(r.source) {
		return from
	}
	line := []rune(r.source[from.line-1])
	for i := max(0, from.column-1); i < len(line); i++ {
		if line[i] == char {
			return place{from.line, i + 1}
		}
	}
	return from
}

// prose reads a string that may run over several lines, and makes it one.
func (r *reader) prose(m member, limit int) string {
	var text string
	switch node := m.value.(type) {
	case *ast.StringNode:
		delete(r.unread, node.Token)
		text = node.Value
	case *ast.LiteralNode:
		delete(r.unread, node.Value.Token)
		text = node.Value.Value
	default:
		r.wrong(m.value, m.key+" must be a string")
		return ""
	}
	for _, c := range text {
		if operatorfile.Unseen(c) && !unicode.IsSpace(c) && !joins(c) {
			r.errorf(m.at, "%s holds %s, which %s; remove it", m.key, codePoint(c), operatorfile.SeenAs(c))
			return ""
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || len(text) > limit {
		r.errorf(m.at, "%s must have 1 to %d bytes", m.key, limit)
	}
	return text
}

// strings reads a list of strings and their places.
func (r *reader) strings(m member, what string, check spelling) (texts []string, places []place) {
	sequence, ok := m.value.(*ast.SequenceNode)
	if !ok {
		r.wrong(m.value, m.key+" must be a list, as in "+m.key+": [a, b]")
		return nil, nil
	}
	for _, node := range sequence.Values {
		if text, ok := r.word(node, what, check); ok {
			texts, places = append(texts, text), append(places, at(node.GetToken()))
		}
	}
	return texts, places
}

// choice reads one of some words.
func (r *reader) choice(m member, words ...string) string {
	s, ok := m.value.(*ast.StringNode)
	if !ok || !slices.Contains(words, s.Value) {
		r.wrong(m.value, m.key+" must be "+strings.Join(words, " or "))
		return ""
	}
	delete(r.unread, s.Token)
	return s.Value
}

// number reads a decimal number between two bounds.
func (r *reader) number(m member, low, high int64) int64 {
	node, ok := m.value.(*ast.IntegerNode)
	if !ok {
		r.wrong(m.value, m.key+" must be a number")
		return 0
	}
	delete(r.unread, node.Token)
	text := node.Token.Value
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text || n < low || n > high {
		r.errorf(at(node.Token), "%s must be a decimal number from %d to %d", m.key, low, high)
		return 0
	}
	return n
}

// wrong notes that a node is not what it should be, and skips it.
func (r *reader) wrong(node ast.Node, message string) {
	if node == nil {
		r.errorf(place{}, "%s", message)
		return
	}
	r.errorf(beginning(node), "%s, not %s", message, kind(node))
	r.skip(node)
}

// skip marks all scalars of a node that is wrong anyway as looked at.
func (r *reader) skip(node ast.Node) {
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

// leftover notes a scalar that nobody has looked at: the parser has dropped
// it, so what it says is not what the author meant.
func (r *reader) leftover() {
	var first *token.Token
	for t := range r.unread {
		if first == nil || t.Position.Offset < first.Position.Offset {
			first = t
		}
	}
	if first != nil {
		r.errorf(at(first), "this is out of place")
	}
}
