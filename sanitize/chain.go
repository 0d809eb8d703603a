package sanitize

import (
	"encoding/base64"
	"slices"

	"aegis/sanitize/internal/runs"
)

// A chain is a stretch of text without a gap, in which a token may be: its
// characters, some of them disguised or parted.
type chain struct {
	start, end  int
	first, last int  // its edits, in order, among those of its text
	telling     bool // a rule might find something in it
	roomy       bool // an own credential might be in it
}

// An edit is a disguise in a text.
type edit struct {
	start, end int
	value      string
	loose      bool
}

// maxEdits is how many edits a chain has before it ends with the next line, or,
// if it has twice as many, with the next character that is none of a token. Nothing
// has more than maxChain. What goes on is another chain.
const (
	maxEdits = 1 << 11
	maxChain = 1 << 15
)

// ends reports whether a chain ends with its last edit, since it has too many.
func ends(edits []edit) bool {
	n := len(edits)
	if n < maxEdits {
		return false
	}
	said := edits[n-1].value
	return said == "\n" || n >= maxChain || n >= 2*maxEdits && said != "" && !isToken[said[0]]
}

// chains calls found for every chain of text, in order, with its edits, which
// are lent, as long as it returns true.
func chains(text string, found func(c chain, edits []edit) bool) {
	var edits, parted []edit
	done := 0 // the end of the chain before
	for i := 0; i < len(text); {
		if !disguiseFirst[text[i]] {
			i++
			continue
		}
		inside := i > done && isToken[text[i-1]]
		if !inside && partFirst[text[i]] || disguiseAt(text, i, inside).width == 0 {
			i++
			continue
		}
		start := i
		for start > done && isToken[text[start-1]] {
			start--
		}
		edits, parted = edits[:0], parted[:0]
		if start < i && (text[start] == '+' || text[start] == '-') && (start == 0 || text[start-1] == '\n') {
			edits = append(edits, edit{start, start + 1, "", true}) // the sign of a diff
		}
		signed := len(edits)
		end := i
		for j := i; j < len(text) && !ends(edits); {
			if disguiseFirst[text[j]] {
				if d := disguiseAt(text, j, j > start); d.width > 0 {
					e := edit{j, j + d.width, d.value, d.loose}
					j = e.end
					if d.value == "" {
						parted = append(parted, e)
						continue
					}
					edits = append(append(edits, parted...), e)
					parted, end = parted[:0], j
					continue
				}
			}
			if !isToken[text[j]] {
				break
			}
			edits, parted = append(edits, parted...), parted[:0]
			for j++; j < len(text) && isToken[text[j]] && !disguiseFirst[text[j]]; {
				j++
			}
			end = j
		}
		if len(edits) > signed && !found(chain{start: start, end: end}, edits) {
			return
		}
		if len(parted) > 0 && end == i {
			// Parts alone, up to what is no token: none of them begins one.
			end = parted[len(parted)-1].end
		}
		i = max(end, i+1)
		done = max(done, end)
	}
}

// value appends what the chain says.
func (c chain) value(b []byte, text string, edits []edit) []byte {
	b = slices.Grow(b, c.end-c.start)
	from := c.start
	for _, e := range edits {
		b = append(append(b, text[from:e.start]...), e.value...)
		from = e.end
	}
	return append(b, text[from:c.end]...)
}

// Bounds for what is worth looking at: no rule knows a secret shorter than the
// first, and what is longer than the second and encodes no text is none.
const (
	shortToken = 12
	longValue  = 4096
)

// telling reports whether a rule might find something in what a chain says:
// whether it has the length and the looks of a token.
func telling(value []byte) bool {
	if len(value) < shortToken {
		return false
	}
	if len(value) > longValue && !slices.ContainsFunc(value, func(b byte) bool { return !isBase64(b) && b != '=' }) {
		var head [12]byte
		n, _ := base64.StdEncoding.Decode(head[:], value[:16])
		return printable(head[:n])
	}
	var t tally
	for _, b := range value {
		t.add(b)
		if t.n >= shortToken && t.digits > 0 || t.n >= 20 && t.upper > 0 && t.lower > 0 {
			return true
		}
	}
	return false
}

// space reports whether the edit is white space and nothing else, as the line
// breaks of a long value.
func (e edit) space(text string) bool {
	for i := e.start; i < e.end; i++ {
		if !isSpace(text[i]) {
			return false
		}
	}
	return e.value == ""
}

// lettersOnly calls found for every value in base64 in text[from:to], where none
// is taken apart, that has letters only and
// encodes printable ASCII. gitleaks takes those for names, which hardly ever
// do.
func lettersOnly(text string, from, to int, found func(c chain, edits []edit)) {
	const least = 22 // padding apart
	for at := from; ; {
		start, end, ok := runs.Next(text[:to], &isLetter, at, least)
		if !ok {
			return
		}
		at = end
		if start > 0 && isBase64(text[start-1]) || end < len(text) && isBase64(text[end]) {
			continue
		}
		padded := end
		for padded < len(text) && padded-end < 2 && text[padded] == '=' {
			padded++
		}
		if decoded, ok := printableBase64(text[start:end]); ok {
			found(chain{start: start, end: padded, telling: true}, []edit{{start, padded, decoded, false}})
		}
	}
}

func printableBase64(value string) (string, bool) {
	var head [6]byte
	if n, err := base64.RawStdEncoding.Decode(head[:], []byte(value[:8])); err != nil || !printable(head[:n]) {
		return "", false
	}
	decoded, err := base64.RawStdEncoding.DecodeString(value)
	return string(decoded), err == nil && printable(decoded)
}

func printable(bytes []byte) bool {
	for _, b := range bytes {
		if b < '\t' || b >= 0x7f {
			return false
		}
	}
	return true
}
