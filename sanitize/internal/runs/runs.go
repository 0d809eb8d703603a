// Package runs finds long runs of certain bytes in a text without looking at most
// of it: a run of forty has a byte at every fortieth place.
package runs

// Next returns the first run in text[from:] of at least that many bytes of the set,
// as far to the right as it goes, and to the left as far as from. It returns
// false if there is none.
func Next(text string, of *[256]bool, from, least int) (start, end int, ok bool) {
	for start, seen := from, from; start+least <= len(text); { // text[start:seen] is of the set
		last := start + least - 1
		i := last
		for i >= seen && of[text[i]] {
			i--
		}
		if i >= seen {
			start, seen = i+1, last+1
			continue
		}
		end := last + 1
		for end < len(text) && of[text[end]] {
			end++
		}
		return start, end, true
	}
	return 0, 0, false
}
