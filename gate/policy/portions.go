package policy

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The parser's time grows with the square of a mapping's keys. So a long mapping below a
// key of the file is cut into portions of its entries, each is parsed as a mapping of its
// own, and they are put together again. That is done only if each key is found where it
// was cut; else, and where anything is wrong, the file is parsed whole.

// portion is how many entries of a mapping are parsed at once.
const portion = 200

// inPortions parses tokens so, in which there is a mapping of more than a portion; nil if
// they have to be parsed whole.
func inPortions(tokens token.Tokens, long long, portion int) *ast.File {
	first := long.keys[portion]
	file, err := parser.Parse(slices.Concat(tokens[:first], tokens[long.end:]), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil
	}
	whole := mappingFrom(file, tokens[long.keys[0]])
	if whole == nil || !begins(whole, tokens, long.keys[:portion]) {
		return nil
	}
	for from := portion; from < len(long.keys); from += portion {
		keys, end := long.keys[from:], long.end
		if len(keys) > portion {
			keys, end = keys[:portion], keys[portion]
		}
		part, err := parser.Parse(tokens[keys[0]:end], 0, parser.AllowDuplicateMapKey())
		if err != nil || len(part.Docs) != 1 {
			return nil
		}
		mapping, ok := part.Docs[0].Body.(*ast.MappingNode)
		if !ok || !begins(mapping, tokens, keys) {
			return nil
		}
		whole.Values = append(whole.Values, mapping.Values...)
	}
	return file
}

// long is where the keys of a mapping stand among a file's tokens, and where it ends.
type long struct {
	keys []int
	end  int
}

// longMapping finds the longest mapping without brackets that stands below a key of the
// file.
func longMapping(tokens token.Tokens) (longest long) {
	var (
		found       long
		top, column int // of the file's keys, and of the mapping's
		brackets    int
		before      *token.Token
	)
	ends := func(at int) {
		if found.end = at; len(found.keys) > len(longest.keys) {
			longest = found
		}
		found, column = long{}, 0
	}
	for i, t := range tokens {
		switch t.Type {
		case token.CommentType, token.DocumentHeaderType:
			continue
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		}
		at, isKey := t.Position.Column, followed(tokens, i)
		switch {
		case brackets > 0 || before != nil && (before.Position.Line == t.Position.Line || text(before)):
		case top == 0:
			top = at
		case column > 0 && at < column:
			ends(i)
		case column == 0 && at > top && isKey && before.Type == token.MappingValueType:
			column, found.keys = at, []int{i}
		case column > 0 && at == column && isKey:
			found.keys = append(found.keys, i)
		}
		before = t
	}
	ends(len(tokens))
	return longest
}

// followed reports whether a token has its colon right behind it, as a key has.
func followed(tokens token.Tokens, i int) bool {
	return carriesText(tokens[i]) && i+1 < len(tokens) && tokens[i+1].Type == token.MappingValueType
}

// text reports whether a text over several lines follows.
func text(t *token.Token) bool {
	return t.Type == token.LiteralType || t.Type == token.FoldedType
}

// mappingFrom is the mapping below a key of a file that begins with a token, nil if there
// is none.
func mappingFrom(file *ast.File, key *token.Token) *ast.MappingNode {
	if len(file.Docs) != 1 {
		return nil
	}
	root, ok := file.Docs[0].Body.(*ast.MappingNode)
	if !ok {
		return nil
	}
	for _, v := range root.Values {
		if below, ok := v.Value.(*ast.MappingNode); ok && len(below.Values) > 0 && below.Values[0].Key.GetToken() == key {
			return below
		}
	}
	return nil
}

// begins reports whether a mapping's keys are those tokens, and no others.
func begins(mapping *ast.MappingNode, tokens token.Tokens, keys []int) bool {
	if mapping.IsFlowStyle || len(mapping.Values) != len(keys) {
		return false
	}
	for i, v := range mapping.Values {
		if v.Key.GetToken() != tokens[keys[i]] {
			return false
		}
	}
	return true
}
