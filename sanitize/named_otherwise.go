package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

var (
	// defaulted is what stands before the default of a variable.
	defaulted = leaks.NewPattern(`^\$\{[\w.]+(?::?[-=]|:)`)
	// instead is what stands before a literal that is the value after all: a type, or
	// an expression and what the program takes if it is empty.
	instead = leaks.NewPattern(`^[\w.<>?!&*\[\]: |]{1,60}?=[ \t]*|^[\w.$\[\]"'(), :?]{1,100}?(?:\|\||\?\?|\bor\b)[ \t]*`)
)

// otherwise makes the value that stands in for one that is elsewhere:
// ${NAME:-VALUE}, env("NAME") || "VALUE", NAME: String = "VALUE".
func (v *namedValue) otherwise(text string) bool {
	rest := text[v.start:min(len(text), v.start+160)]
	if line := strings.IndexByte(rest, '\n'); line >= 0 {
		rest = rest[:line]
	}
	if begin := defaulted.Prefix(rest); begin >= 0 && begin < len(rest) && strings.IndexByte("?+$", rest[begin]) < 0 {
		end := strings.IndexByte(rest[begin:], '}')
		*v = namedValue{start: v.start + begin, end: v.start + begin + max(end, 0), quoted: true, place: inSetting}
		return v.end > v.start
	}
	if v.quoted || !strings.ContainsAny(rest, "\"'`") {
		return false
	}
	begin := instead.Prefix(rest)
	literal := namedValue{place: inCode}
	if begin < 0 || !literal.quote(text, v.start+begin) {
		return false
	}
	*v = literal
	return v.end > v.start
}
