package policy

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/token"
)

const (
	maxDepth  = 16      // of brackets, and of "- - -" on one line
	maxTokens = 300_000 // of a file: some 15,000 sections
	maxKeys   = 12_000  // of one mapping; the parser's time grows with their square
)

// plain refuses every token that a policy has no use for, and tokens where
// none belongs: the parser forgives much, by reading on without what it does
// not understand. It returns the tokens that carry text, so that it can be
// told afterwards if the parser overlooked one.
func plain(tokens token.Tokens, src string, p *problems) (scalars map[*token.Token]bool, ok bool) {
	if len(tokens) > maxTokens {
		p.errorf(place{}, "the policy has more than %d words and signs", maxTokens)
		return nil, false
	}
	scalars = make(map[*token.Token]bool)
	var s structure
	var seen strings.Builder
	for _, t := range tokens {
		refused := foreign(t)
		if refused == "" {
			refused = s.follow(t)
		}
		if refused != "" {
			p.errorf(at(t), "%s", refused)
			return nil, false
		}
		if carriesText(t) {
			scalars[t] = true
		}
		seen.WriteString(t.Origin)
	}
	if squeeze(seen.String()) != squeeze(src) {
		p.errorf(place{}, "not all of this can be read as YAML; is something left over at the end?")
		return nil, false
	}
	return scalars, true
}

// foreign says why a token belongs in no policy.
func foreign(t *token.Token) string {
	switch t.Type {
	case token.AnchorType:
		return "an anchor (&): anchors and aliases are not allowed"
	case token.AliasType:
		return "an alias (*): a pattern that begins with a star must be quoted, as in \"*.pem\""
	case token.MergeKeyType:
		return "a merge key (<<) is not allowed"
	case token.TagType:
		return "a tag (!) is not allowed; a pattern that begins with '!' must be quoted"
	case token.DirectiveType:
		return "a directive (%) is not allowed"
	case token.MappingKeyType:
		return "a complex key (?) is not allowed; a pattern that begins with '?' must be quoted"
	case token.DoubleQuoteType:
		if strings.Contains(t.Origin, `\`) {
			return `an escape (\) is not allowed; write the character itself`
		}
	}
	return ""
}

// structure follows brackets, commas, dashes and document marks.
type structure struct {
	open    []token.Type // brackets
	blocks  []block      // mappings without brackets that are open, outermost first
	dashes  int          // in a row
	content bool
	before  token.Type // the last token but comments
}

// block is a mapping without brackets: the column of its keys and how many
// there are so far.
type block struct{ column, keys int }

// follow says why a token is out of place.
func (s *structure) follow(t *token.Token) string {
	before := s.before
	if t.Type != token.CommentType {
		s.before = t.Type
	}
	if t.Type == token.SequenceEntryType {
		s.dashes++
	} else if t.Type != token.CommentType {
		s.dashes = 0
	}
	switch t.Type {
	case token.CommentType:
		return ""
	case token.DocumentHeaderType:
		if s.content {
			return "a second document: a policy is one"
		}
	case token.StringType:
		inBlock := before == token.LiteralType || before == token.FoldedType
		if !inBlock && t.Value != "" && strings.Contains("*&!%@`?|>,:#[]{}\"'", t.Value[:1]) {
			return "text that begins with " + t.Value[:1] + " must be quoted"
		}
	case token.SequenceStartType, token.MappingStartType:
		s.open = append(s.open, t.Type)
	case token.SequenceEndType, token.MappingEndType:
		opened := token.SequenceStartType
		if t.Type == token.MappingEndType {
			opened = token.MappingStartType
		}
		last := len(s.open) - 1
		if last < 0 || s.open[last] != opened {
			return "a closing bracket without its opening one"
		}
		s.open = s.open[:last]
	case token.SequenceEntryType:
		if len(s.open) > 0 {
			return "a dash between brackets"
		}
	case token.MappingValueType:
		if s.key(t) > maxKeys {
			return fmt.Sprintf("more than %d keys in one mapping", maxKeys)
		}
	case token.CollectEntryType:
		switch before {
		case token.CollectEntryType, token.SequenceStartType, token.MappingStartType:
			return "a comma with nothing before it"
		}
		if len(s.open) == 0 {
			return "a comma that separates nothing"
		}
	}
	s.content = true
	if len(s.open) > maxDepth || s.dashes > maxDepth {
		return "nested too deeply"
	}
	return ""
}

// key counts a key by its colon and returns how many its mapping has so far.
func (s *structure) key(colon *token.Token) int {
	if len(s.open) > 0 || colon.Prev == nil {
		return 0
	}
	column := at(colon.Prev).column
	for len(s.blocks) > 0 && s.blocks[len(s.blocks)-1].column > column {
		s.blocks = s.blocks[:len(s.blocks)-1]
	}
	if len(s.blocks) == 0 || s.blocks[len(s.blocks)-1].column < column {
		s.blocks = append(s.blocks, block{column: column})
	}
	top := &s.blocks[len(s.blocks)-1]
	top.keys++
	return top.keys
}

// squeeze removes white space.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \n\r", r) {
			return -1
		}
		return r
	}, text)
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
