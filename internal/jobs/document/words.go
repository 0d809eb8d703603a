package document

import (
	"strconv"
	"unicode/utf8"
)

// Quote quotes a name for an error, of which it shows at most 60 characters.
func Quote(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

// Closest suggests the known word that text is one or two slips away from, in brackets
// behind a space; "" if there is none.
func Closest(text string, known []string) string {
	best, at := 3, ""
	for _, word := range known {
		if d := distance(text, word); d < best && d < len(word) {
			best, at = d, word
		}
	}
	if at == "" {
		return ""
	}
	return " (did you mean " + at + "?)"
}

// distance is the number of edits between two words, 3 or more if many.
func distance(a, b string) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
