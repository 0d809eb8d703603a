package keys

import (
	"errors"
	"slices"
	"strings"

	"aegis/internal/operatorfile"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// reader turns nodes into values and notes what is wrong with them. The parser
// forgives much by reading on without what it does not understand: so each word has to
// be looked at, and one that nobody has looked at is an error.
type reader struct {
	problems
	unread map[*token.Token]bool
}

// document reads one YAML document that is a mapping, nil if there is none. What lets
// one text mean another is refused before it is parsed.
func (r *reader) document(raw []byte) (root *ast.MappingNode) {
	text, err := operatorfile.Decode(raw)
	var wrong *operatorfile.TextError
	if errors.As(err, &wrong) {
		r.errorf(&token.Token{Position: &token.Position{Line: wrong.Line, Column: wrong.Column}}, "%s", wrong.Message)
		return nil
	}
	if strings.Contains(text, "\t") {
		r.errorf(nil, "a tab: readers of YAML differ on what it means; write spaces")
		return nil
	}
	defer func() { // the parser is not ours
		if recover() != nil {
			r.errorf(nil, "cannot be parsed as YAML")
			root = nil
		}
	}()
	tokens := lexer.Tokenize(text)
	r.unread = make(map[*token.Token]bool)
	for _, t := range tokens {
		if why := foreign[t.Type]; why != "" || t.Type == token.DoubleQuoteType && strings.Contains(t.Origin, `\`) {
			r.errorf(t, "%s is not allowed here", cmpOr(why, `an escape (\)`))
			return nil
		}
		switch t.Type {
		case token.StringType, token.SingleQuoteType, token.DoubleQuoteType, token.BoolType, token.NullType, token.IntegerType, token.FloatType,
			token.OctetIntegerType, token.HexIntegerType, token.BinaryIntegerType, token.InfinityType, token.NanType:
			r.unread[t] = true
		}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		var known *yaml.SyntaxError
		if errors.As(err, &known) {
			r.errorf(known.Token, "cannot be parsed as YAML: %s", withoutQuotes(known.Message))
		} else {
			r.errorf(nil, "cannot be parsed as YAML")
		}
		return nil
	}
	if len(file.Docs) > 1 {
		r.errorf(file.Docs[1].Start, "a second document: a file of keys is one")
		return nil
	}
	if len(file.Docs) == 1 {
		root, _ = file.Docs[0].Body.(*ast.MappingNode)
	}
	if root == nil {
		r.errorf(nil, "the file says nothing; the least there is: version: 1")
	}
	return root
}

// foreign says why a token belongs in no file of keys.
var foreign = map[token.Type]string{
	token.AnchorType: "an anchor (&)", token.AliasType: "an alias (*)", token.MergeKeyType: "a merge key (<<)", token.TagType: "a tag (!)",
	token.DirectiveType: "a directive (%)", token.MappingKeyType: "a complex key (?)", token.LiteralType: "a block of text (|)", token.FoldedType: "a block of text (>)",
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// withoutQuotes leaves out what a message quotes of the file.
func withoutQuotes(message string) string {
	if at := strings.IndexAny(message, "\"'`\n"); at >= 0 {
		return strings.TrimRight(message[:at], " :")
	}
	return message
}

// leftover notes a word that nobody has looked at.
func (r *reader) leftover() {
	var first *token.Token
	for t := range r.unread {
		if first == nil || t.Position.Offset < first.Position.Offset {
			first = t
		}
	}
	if first != nil {
		r.errorf(first, "this is out of place")
	}
}

// members calls each of some functions with the value of the key that it is for, if
// that key is there. Unknown and doubled keys are errors.
func (r *reader) members(what string, node ast.Node, known map[string]func(ast.Node)) {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		r.errorf(begins(node), "%s must be a mapping, as in name: value", what)
		r.skip(node)
		return
	}
	seen := make(map[string]bool)
	for _, value := range mapping.Values {
		key := value.Key.GetToken()
		delete(r.unread, key)
		read := known[key.Value]
		switch {
		case seen[key.Value]:
			r.errorf(key, "%s comes twice", key.Value)
			r.skip(value.Value)
			continue
		case read == nil:
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			r.errorf(key, "unknown key; known here: %s", strings.Join(names, ", "))
			r.skip(value.Value)
			continue
		}
		seen[key.Value] = true
		read(value.Value)
	}
}

// list calls read with each element of a list, which must have one at least.
func (r *reader) list(what string, node ast.Node, read func(ast.Node)) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok || len(sequence.Values) == 0 {
		r.errorf(begins(node), "%s must be a list with something in it; leave the key out to say nothing", what)
		r.skip(node)
		return
	}
	for _, each := range sequence.Values {
		read(each)
	}
}

// text reads a word, "" with an error if it is none.
func (r *reader) text(what string, node ast.Node) string {
	switch node := node.(type) {
	case *ast.StringNode:
		delete(r.unread, node.Token)
		if !strings.ContainsFunc(node.Value, operatorfile.Unseen) && node.Value != "" && !strings.Contains(strings.TrimSpace(node.Token.Origin), "\n") {
			return node.Value
		}
	case *ast.IntegerNode: // a name or a hash of digits alone
		delete(r.unread, node.Token)
		return node.Token.Value
	default:
		r.skip(node)
	}
	r.errorf(begins(node), "%s must be a word on one line, of characters that can be seen", what)
	return ""
}

// skip marks all words of a node that is wrong anyway as looked at.
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
	default:
		delete(r.unread, node.GetToken())
	}
}
