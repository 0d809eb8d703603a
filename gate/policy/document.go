package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"aegis/internal/operatorfile"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const maxFile = 1 << 20 // bytes

// document reads one YAML document and returns its mapping, or nil and at
// least one error in p. Only mappings, lists and plain or quoted scalars pass:
// what lets one text mean another (anchors, aliases, merges, tags,
// directives, a second document) is refused before it is parsed.
func document(src []byte, p *problems) (root *ast.MappingNode, scalars map[*token.Token]bool) {
	if len(src) > maxFile {
		p.errorf(place{}, "the policy is larger than %d bytes", maxFile)
		return nil, nil
	}
	text, err := operatorfile.Decode(src)
	var wrong *operatorfile.TextError
	if errors.As(err, &wrong) {
		p.errorf(place{wrong.Line, wrong.Column}, "%s", wrong.Message)
		return nil, nil
	}
	if at, why := unreadable(text); why != "" {
		p.errorf(at, "%s", why)
		return nil, nil
	}
	// The parser is not ours. If it panics, the file is not loaded.
	defer func() {
		if recover() != nil {
			p.errorf(place{}, "cannot be parsed as YAML")
			root, scalars = nil, nil
		}
	}()
	tokens := lexer.Tokenize(text)
	scalars, ok := plain(tokens, text, p)
	if !ok {
		return nil, nil
	}
	var file *ast.File
	if long := longMapping(tokens); len(long.keys) > portion {
		if file = inPortions(tokens, long, portion); file == nil {
			tokens = lexer.Tokenize(text) // the parser has changed them
			scalars, _ = plain(tokens, text, p)
		}
	}
	if file == nil {
		if file, err = parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()); err != nil {
			syntax(err, p)
			return nil, nil
		}
	}
	var body ast.Node
	for i, doc := range file.Docs {
		if i > 0 {
			p.errorf(at(doc.Start), "a second document: a policy is one")
			return nil, nil
		}
		body = doc.Body
	}
	switch body := body.(type) {
	case *ast.MappingNode:
		return body, scalars
	case nil, *ast.NullNode:
		p.errorf(place{}, "the policy is empty; the least there is: version: 1")
	default:
		where := at(body.GetToken())
		if _, scalar := body.(ast.ScalarNode); scalar { // a token's file that was taken for one, and is not shown
			where = place{}
		}
		p.errorf(where, "a policy is a mapping that begins with: version: 1")
	}
	return nil, nil
}

// unreadable says why text is not that of a policy.
func unreadable(text string) (place, string) {
	if strings.TrimSpace(text) == "" {
		return place{}, "the policy is empty; the least there is: version: 1"
	}
	pos := place{1, 1}
	for _, r := range text {
		switch {
		case r == '\t':
			return pos, "a tab: readers of YAML differ on what it means; write spaces"
		case unicode.IsControl(r) && r != '\n', r == '\u2028', r == '\u2029', r == '\ufeff':
			return pos, fmt.Sprintf("the invisible character %U", r)
		case unicode.Is(unicode.Bidi_Control, r):
			return pos, fmt.Sprintf("the character %U, which makes text read otherwise than it is", r)
		}
		pos.column++
		if r == '\n' {
			pos = place{pos.line + 1, 1}
		}
	}
	return place{}, ""
}

// syntax tells the parser's own complaint.
func syntax(err error, p *problems) {
	var known *yaml.SyntaxError
	if !errors.As(err, &known) {
		p.errorf(place{}, "cannot be parsed as YAML")
		return
	}
	where, hint := at(known.Token), ""
	if line := where.line; 0 < line && line <= len(p.source) {
		if rest := []rune(p.source[line-1]); where.column <= len(rest) && strings.ContainsRune("*&!%@`?", rest[max(0, where.column-1)]) {
			hint = "; text that begins with one of * & ! % @ ` ? must be quoted"
		}
	}
	p.errorf(where, "%s%s", strings.ReplaceAll(known.Message, "\t", `\t`), hint)
}

func at(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{}
	}
	return place{t.Position.Line, t.Position.Column}
}
