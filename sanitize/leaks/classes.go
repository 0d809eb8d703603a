package leaks

import (
	"errors"
	"regexp/syntax"
	"unicode/utf8"
)

// errForeign: the expression tells characters beyond ASCII apart.
var errForeign = errors.New("expression distinguishes characters beyond ASCII")

// classify finds out which characters the expression can't tell apart.
func (a *automaton) classify() error {
	type shared struct {
		first *rune
		n     int
		arg   uint32
	}
	var distinct []*syntax.Inst
	seen := make(map[shared]bool)
	for i := range a.prog.Inst {
		inst := &a.prog.Inst[i]
		if inst.Op != syntax.InstRune && inst.Op != syntax.InstRune1 {
			continue // InstRuneAny* differ in the newline only
		}
		key := shared{&inst.Rune[0], len(inst.Rune), inst.Arg}
		if !seen[key] {
			seen[key] = true
			distinct = append(distinct, inst)
		}
	}
	number := make(map[string]uint8)
	classOf := func(r rune) uint8 {
		signature := make([]byte, 0, len(distinct)+2)
		for _, inst := range distinct {
			signature = append(signature, bit(inst.MatchRune(r)))
		}
		signature = append(signature, bit(syntax.IsWordChar(r)), bit(r == '\n'))
		n, ok := number[string(signature)]
		if !ok {
			n = uint8(len(number))
			number[string(signature)] = n
			a.sample = append(a.sample, r)
		}
		return n
	}
	for r := range rune(utf8.RuneSelf) {
		a.class[r] = classOf(r)
	}
	a.longS, a.kelvin = classOf(longS), classOf(kelvin)
	a.other = classOf(utf8.RuneError)
	// Everything else must be in the class of the others: an instruction matches
	// all of it or nothing.
	for _, inst := range distinct {
		if n := foreign(inst); n != 0 && n != utf8.MaxRune+1-utf8.RuneSelf-2 {
			return errForeign
		}
	}
	a.classes = len(number) + 1
	a.sample = append(a.sample, endOfText)
	return nil
}

// foreign counts the characters beyond ASCII, other than ſ and K, that inst
// matches.
func foreign(inst *syntax.Inst) int {
	if len(inst.Rune) == 1 {
		if r := inst.Rune[0]; r >= utf8.RuneSelf && r != longS && r != kelvin {
			return 1
		}
		return 0
	}
	n := 0
	for i := 0; i < len(inst.Rune); i += 2 {
		lo, hi := max(inst.Rune[i], utf8.RuneSelf), inst.Rune[i+1]
		if lo > hi {
			continue
		}
		n += int(hi-lo) + 1
		for _, r := range [...]rune{longS, kelvin} {
			if lo <= r && r <= hi {
				n--
			}
		}
	}
	return n
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// classAt returns the class and length of the character at offset i.
func (a *automaton) classAt(text string, i int) (class uint8, width int) {
	if i >= len(text) {
		return uint8(a.classes - 1), 0
	}
	if b := text[i]; b < utf8.RuneSelf {
		return a.class[b], 1
	}
	switch r, width := utf8.DecodeRuneInString(text[i:]); r {
	case longS:
		return a.longS, width
	case kelvin:
		return a.kelvin, width
	default:
		return a.other, width
	}
}
