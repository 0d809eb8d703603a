package sanitize

import "aegis/sanitize/leaks"

// fragment reports whether what a rule captures is but a piece of the secret:
// whether in the match, with nothing between that parts words, there is more
// beside it that looks as random. The expressions of some rules have groups for
// their own ends, and gitleaks takes the first for the secret: four digits of
// an identifier in the midst of a webhook's address.
func fragment(text string, f leaks.Finding) bool {
	start, end := f.Start, f.End
	for start > f.MatchStart && !parts(text[start-1]) {
		start--
	}
	for end < f.MatchEnd && !parts(text[end]) {
		end++
	}
	return random(text[start:f.Start])+random(text[f.End:end]) > (f.End-f.Start)/2
}

// parts reports whether b ends what is written in one piece.
func parts(b byte) bool {
	switch b {
	case '"', '\'', '`', '=', ',', ';', '<', '>', '(', ')', '[', ']', '{', '}', '|':
		return true
	}
	return isSpace(b)
}

// random counts the letters and digits of s that stand in runs that are no
// words: of 12 or more with two digits, or of 20 or more in both cases.
func random(s string) int {
	sum := 0
	var run tally
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isAlphanumeric[s[i]] {
			run.add(s[i])
			continue
		}
		if run.n >= 12 && run.digits >= 2 || run.n >= 20 && run.upper > 0 && run.lower > 0 {
			sum += run.n
		}
		run = tally{}
	}
	return sum
}

// A tally counts letters and digits.
type tally struct{ n, digits, upper, lower int }

func (t *tally) add(b byte) {
	switch {
	case '0' <= b && b <= '9':
		t.digits++
	case 'A' <= b && b <= 'Z':
		t.upper++
	case 'a' <= b && b <= 'z':
		t.lower++
	default:
		return
	}
	t.n++
}
