package sanitize

import "strings"

// partAt reads what stands between two pieces of one token.
func partAt(text string, i int) disguise {
	end := i
	switch b := text[i]; b {
	case '\n', '\r':
		end = brokenLine(text, i)
	case '"', '\'':
		end = concatenation(text, i)
	case '<':
		end = inlineTag(text, i)
	case '*', '`', '~':
		if b == '`' {
			if end = concatenation(text, i); end > i {
				break
			}
		}
		for end < len(text) && end-i < 3 && text[end] == b {
			end++
		}
		if b == '~' && end-i != 2 {
			end = i
		}
	}
	return disguise{width: end - i, loose: true}
}

func skipSpace(text string, i int) int {
	for limit := i + 200; i < len(text) && i < limit && isSpace(text[i]); {
		i++
	}
	return i
}

// isJoin has what stands after the first of two literals that are joined.
var isJoin = set("\"'`\\" + joins + " \t\n\v\f\r")

// joins has the operators that join literals, a byte of them each.
const joins = "+.&|~<>"

// concatenation returns the end of what joins two literals of a program, from
// the quote that ends the first to the one that begins the second; i, if there
// is nothing of that sort. Quotes may be escaped.
func concatenation(text string, i int) int {
	opened := quoteAt(text, i)
	if opened == i || opened < len(text) && !isJoin[text[opened]] {
		return i
	}
	j := skipSpace(text, opened)
	operated := j
	if strings.HasPrefix(text[j:], "\\\n") {
		j = skipSpace(text, j+1) // adjacent literals, in a macro
	}
	for j < len(text) && j-operated < 3 && strings.IndexByte(joins, text[j]) >= 0 {
		j = skipSpace(text, j+1) // a diff has its sign besides
	}
	closed := quoteAt(text, j)
	if closed == j || j == operated && text[opened-1] != text[closed-1] {
		return i
	}
	return closed
}

// quoteAt returns the offset after the quote at i; i, if there is none.
func quoteAt(text string, i int) int {
	j := i
	for j < len(text) && j-i < maxEscaped && text[j] == '\\' {
		j++
	}
	if j < len(text) && (text[j] == '"' || text[j] == '\'' || text[j] == '`') {
		return j + 1
	}
	return i
}

// inline are the elements of HTML that part no words.
var inline = map[string]bool{
	"a": true, "b": true, "big": true, "bdi": true, "bdo": true, "code": true, "del": true, "em": true, "font": true, "i": true,
	"ins": true, "kbd": true, "mark": true, "s": true, "samp": true, "small": true, "span": true, "strike": true,
	"strong": true, "sub": true, "sup": true, "tt": true, "u": true, "var": true, "wbr": true,
}

// inlineTag returns the end of the tag of such an element, or of the comment,
// that begins at i; i, if there is none.
func inlineTag(text string, i int) int {
	if strings.HasPrefix(text[i:], commentBegin) {
		if n := strings.Index(text[i:min(len(text), i+200)], commentEnd); n >= 0 {
			return i + n + len(commentEnd)
		}
		return i
	}
	start := i + 1
	if start < len(text) && text[start] == '/' {
		start++
	}
	end := start
	for end < len(text) && end-start < 8 && isAlphanumeric[text[end]] {
		end++
	}
	if !inline[strings.ToLower(text[start:end])] {
		return i
	}
	n := strings.IndexAny(text[end:min(len(text), end+160)], "<>")
	if n < 0 || text[end+n] == '<' || n > 0 && !isSpace(text[end]) && text[end] != '/' {
		return i
	}
	return end + n + 1
}
