package document

import (
	"strings"

	"github.com/goccy/go-yaml/token"
)

// plain notes the first token that has no place in a file, and keeps those that carry
// text.
func (r *Reader) plain(tokens token.Tokens) bool {
	if len(tokens) > maxTokens {
		r.Errorf(Place{}, "the file has more than %d words and signs", maxTokens)
		return false
	}
	var (
		open   []token.Type
		dashes int
		before token.Type
		seen   strings.Builder
	)
	for _, t := range tokens {
		seen.WriteString(t.Origin)
		if t.Type == token.CommentType {
			continue
		}
		why := foreign(t, before)
		switch t.Type {
		case token.SequenceEntryType:
			dashes++
		case token.SequenceStartType, token.MappingStartType:
			open, dashes = append(open, t.Type), 0
		case token.SequenceEndType, token.MappingEndType:
			if len(open) == 0 {
				why = "a closing bracket without its opening one"
				break
			}
			open = open[:len(open)-1]
		default:
			dashes = 0
		}
		if len(open) > maxDepth || dashes > maxDepth {
			why = "nested too deeply"
		}
		if why != "" {
			r.Errorf(placeOf(t), "%s", why)
			return false
		}
		if carriesText(t) {
			r.unread[t] = true
		}
		before = t.Type
	}
	if squeeze(seen.String()) != squeeze(r.text) {
		r.Errorf(Place{}, "not all of this can be read as YAML; is something left over at the end?")
		return false
	}
	return true
}

// foreign says why a token belongs in no file.
func foreign(t *token.Token, before token.Type) string {
	switch t.Type {
	case token.AnchorType:
		return "an anchor (&) is not allowed; write the value out, or in quotes if it begins with &"
	case token.AliasType:
		return "an alias (*) is not allowed; a pattern that begins with a star must be quoted, as in \"*/app\""
	case token.MergeKeyType:
		return "a merge key (<<) is not allowed; write its keys out"
	case token.TagType:
		return "a tag (!) is not allowed; text that begins with '!' must be quoted"
	case token.DirectiveType:
		return "a directive (%) is not allowed; remove it"
	case token.MappingKeyType:
		return "a complex key (?) is not allowed; write key: value"
	case token.DoubleQuoteType:
		if strings.Contains(t.Origin, `\`) {
			return `an escape (\) is not allowed; write the character itself, and text of several lines as a block (|)`
		}
	case token.FoldedType:
		return "a folded block (>) is not allowed; write a block that keeps its lines (|)"
	case token.StringType:
		inBlock := before == token.LiteralType
		if !inBlock && t.Value != "" && strings.Contains("*&!%@`?|>,:#[]{}\"'", t.Value[:1]) {
			return "text that begins with " + t.Value[:1] + " must be quoted"
		}
	case token.CollectEntryType:
		switch before {
		case token.CollectEntryType, token.SequenceStartType, token.MappingStartType:
			return "a comma with nothing before it; remove it"
		}
	}
	return ""
}

func carriesText(t *token.Token) bool {
	switch t.Type {
	case token.StringType, token.SingleQuoteType, token.DoubleQuoteType, token.BoolType, token.NullType,
		token.IntegerType, token.BinaryIntegerType, token.OctetIntegerType, token.HexIntegerType, token.FloatType,
		token.InfinityType, token.NanType:
		return true
	}
	return false
}

// squeeze removes white space.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' {
			return -1
		}
		return r
	}, text)
}
