package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxPattern      = 1024 // bytes of a pattern as it is written
	maxAlternatives = 128  // after braces are expanded
	maxSegments     = 63   // one bit each and one for "matched"
)

// compile makes a glob of doublestar's syntax: "*" and "?" within a segment,
// "[a-z]", "[!a-z]", "{this,that}", and "**" as a segment of its own. It
// refuses what is malformed and what no canonical name can match; never tells
// so of what a pattern stands for once its braces are expanded. There is no
// escaping, since no canonical name holds a backslash: "[*]" is a star.
func compile(pattern string, never func(row string) error) (glob, error) {
	switch {
	case pattern == "":
		return glob{}, errors.New("is empty and can never match")
	case len(pattern) > maxPattern:
		return glob{}, fmt.Errorf("is longer than %d bytes", maxPattern)
	case !utf8.ValidString(pattern):
		return glob{}, errors.New("is not valid UTF-8")
	case strings.ContainsFunc(pattern, unicode.IsControl):
		return glob{}, errors.New("contains a control character and can never match")
	case strings.Contains(pattern, `\`):
		return glob{}, errors.New("contains a backslash and can never match; separate with '/', and write [*] for a star that is meant literally")
	case !norm.NFC.IsNormalString(pattern):
		return glob{}, errors.New("is not in Unicode normal form C and can never match")
	}
	rows, err := expand(pattern, nil)
	if err != nil {
		return glob{}, err
	}
	var g glob
	for _, row := range rows {
		segments, err := compileRow(row)
		if err == nil {
			err = never(row)
		}
		if err != nil {
			if row != pattern {
				err = fmt.Errorf("stands for %q, which %w", row, err)
			}
			return glob{}, err
		}
		g.alternatives = append(g.alternatives, segments)
	}
	return g, nil
}

// expand appends to rows what pattern's first pair of braces, and then all
// others, stand for.
func expand(pattern string, rows []string) ([]string, error) {
	open, close, commas, err := braces(pattern)
	if err != nil {
		return nil, err
	}
	if open < 0 {
		if len(rows) == maxAlternatives {
			return nil, fmt.Errorf("stands for more than %d alternatives", maxAlternatives)
		}
		return append(rows, pattern), nil
	}
	if len(commas) == 0 {
		return nil, errors.New("has braces around a single thing, which choose nothing: write it without them, or [{] for a brace that is meant literally")
	}
	from := open + 1
	for _, to := range append(commas, close) {
		rows, err = expand(pattern[:open]+pattern[from:to]+pattern[close+1:], rows)
		if err != nil {
			return nil, err
		}
		from = to + 1
	}
	return rows, nil
}

// braces finds the first pair of braces outside classes and the commas between
// them; open is -1 if there is none.
func braces(pattern string) (open, close int, commas []int, err error) {
	open, depth := -1, 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 {
				return 0, 0, nil, errors.New("has a '[' without its ']'")
			}
			i += end
		case '{':
			if depth == 0 {
				open = i
			}
			depth++
		case ',':
			if depth == 1 {
				commas = append(commas, i)
			}
		case '}':
			depth--
			switch {
			case depth < 0:
				return 0, 0, nil, errors.New("has a '}' without its '{'")
			case depth == 0:
				return open, i, commas, nil
			}
		}
	}
	if depth > 0 {
		return 0, 0, nil, errors.New("has a '{' without its '}'")
	}
	return -1, 0, nil, nil
}

func compileRow(row string) ([]segment, error) {
	if row == "" {
		return nil, errors.New("is empty and can never match")
	}
	if folder, ok := strings.CutSuffix(row, "/"); ok && folder != "" && !strings.HasSuffix(folder, "/") {
		return nil, errors.New("ends in a slash and can never match; end it in /** for what is in the folder")
	}
	var segments []segment
	for text := range strings.SplitSeq(row, "/") {
		switch {
		case text == "":
			return nil, errors.New("has a leading, trailing or doubled slash and can never match")
		case len(segments) == maxSegments:
			return nil, fmt.Errorf("has more than %d segments", maxSegments)
		}
		s, err := compileSegment(text)
		if err != nil {
			return nil, err
		}
		segments = append(segments, s)
	}
	return segments, nil
}

func compileSegment(text string) (segment, error) {
	if text == "**" {
		return segment{any: true}, nil
	}
	if !strings.ContainsAny(text, "*?[") {
		return segment{literal: text}, nil
	}
	var s segment
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch r {
		case '*':
			if n := len(s.terms); n == 0 || !s.terms[n-1].star {
				s.terms = append(s.terms, term{star: true})
			}
		case '?':
			s.terms = append(s.terms, term{class: class{negated: true}})
		case '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return segment{}, errors.New("has a '[' without its ']' in the same segment")
			}
			c, err := compileClass(rest[1:end])
			if err != nil {
				return segment{}, err
			}
			s.terms = append(s.terms, term{class: c})
			size = end + 1
		default:
			s.terms = append(s.terms, term{class: class{ranges: []rang{{r, r}}}})
		}
		rest = rest[size:]
	}
	s.withStar(text)
	return s, nil
}

// compileClass reads what stands between '[' and ']'.
func compileClass(text string) (class, error) {
	var c class
	if text != "" && (text[0] == '!' || text[0] == '^') {
		c.negated, text = true, text[1:]
	}
	if text == "" {
		return class{}, errors.New("has an empty class []")
	}
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		low, high := runes[i], runes[i]
		if i+2 < len(runes) && runes[i+1] == '-' {
			high = runes[i+2]
			i += 2
		}
		if low > high {
			return class{}, fmt.Errorf("has the range %c-%c, which holds nothing", low, high)
		}
		c.ranges = append(c.ranges, rang{low, high})
	}
	return c, nil
}
