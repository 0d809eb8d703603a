package leaks

import (
	"slices"
	"strings"
)

// A dictionary finds all occurrences of many words in one pass over a text,
// ignoring case (Aho-Corasick, as a table). Words are ASCII in lower case.
type dictionary struct {
	class  [256]uint8
	shift  uint8    // a row of next has 1<<shift columns
	next   []uint16 // next[state<<shift | class]
	quiet  uint16   // states below this one end no word
	ending [][]uint16
	names  []string
	most   int // the length of the longest word
}

func newDictionary(words []string) *dictionary {
	d := &dictionary{names: words}
	classes := uint8(1) // 0: occurs in no word
	for _, w := range words {
		d.most = max(d.most, len(w))
		for i := range len(w) {
			if d.class[w[i]] == 0 {
				d.class[w[i]] = classes
				classes++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		d.class[c] = d.class[c+'a'-'A']
	}
	for 1<<d.shift < int(classes) {
		d.shift++
	}

	states, before := 1, ""
	for _, w := range slices.Sorted(slices.Values(words)) {
		shared := 0
		for shared < len(before) && shared < len(w) && before[shared] == w[shared] {
			shared++
		}
		states, before = states+len(w)-shared, w
	}

	// The trie; 0 is the root and also "no such child".
	width := 1 << d.shift
	trie := make([]uint16, width, states<<d.shift)
	ends := make([][]uint16, 1, states)
	for n, w := range words {
		s := 0
		for i := range len(w) {
			at := s<<d.shift | int(d.class[w[i]])
			if trie[at] == 0 {
				trie[at] = uint16(len(ends))
				ends = append(ends, nil)
				trie = trie[:len(trie)+width]
			}
			s = int(trie[at])
		}
		ends[s] = append(ends[s], uint16(n))
	}

	// Breadth first, every missing child becomes that of the longest proper
	// suffix, whose words end here, too.
	suffix := make([]uint16, len(ends))
	queue := make([]uint16, 0, len(ends))
	for c := range width {
		if child := trie[c]; child != 0 {
			queue = append(queue, child)
		}
	}
	for head := 0; head < len(queue); head++ {
		s := queue[head]
		ends[s] = append(ends[s], ends[suffix[s]]...)
		for c := range width {
			at, fallback := int(s)<<d.shift|c, trie[int(suffix[s])<<d.shift|c]
			if child := trie[at]; child != 0 {
				suffix[child] = fallback
				queue = append(queue, child)
			} else {
				trie[at] = fallback
			}
		}
	}

	// Renumber, so that one comparison tells whether a word ends.
	number := make([]uint16, len(ends))
	for s, e := range ends {
		if e == nil {
			number[s] = d.quiet
			d.quiet++
		}
	}
	loud := d.quiet
	for s, e := range ends {
		if e != nil {
			number[s] = loud
			loud++
			d.ending = append(d.ending, e)
		}
	}
	d.next = make([]uint16, len(trie))
	for s := range ends {
		for c := range width {
			d.next[int(number[s])<<d.shift|c] = number[trie[s<<d.shift|c]]
		}
	}
	return d
}

// A hit is a word found in a text, by its number and the offset of its begin.
type hit struct {
	word uint16
	at   int32
}

// lanes is how many parts of a text are looked at side by side. A step from state
// to state waits for the one before, and a processor has time for several while it
// waits.
const lanes = 4

// each appends every word that is in text to found, by the part of the text that it
// ends in: parts are in order, and so are the ends of the words in each.
func (d *dictionary) each(text string, found *[lanes][]hit) {
	part := 0 // of the last, all that remains
	if len(text) > 8*d.most {
		part = len(text) / lanes
	}
	// What ends in a part may begin before it.
	var first [lanes]uint16
	for lane := 1; lane < lanes && part > 0; lane++ {
		first[lane] = d.walk(text[part*lane-d.most : part*lane])
	}
	next, class, shift := d.next, &d.class, d.shift
	s0, s1, s2, s3 := first[0], first[1], first[2], first[3]
	t0, t1, t2, t3 := text[:part], text[part:][:part], text[2*part:][:part], text[3*part:]
	for i := range part {
		s0 = next[int(s0)<<shift|int(class[t0[i]])]
		s1 = next[int(s1)<<shift|int(class[t1[i]])]
		s2 = next[int(s2)<<shift|int(class[t2[i]])]
		s3 = next[int(s3)<<shift|int(class[t3[i]])]
		if s0 < d.quiet && s1 < d.quiet && s2 < d.quiet && s3 < d.quiet {
			continue
		}
		found[0] = d.hits(s0, i+1, found[0])
		found[1] = d.hits(s1, i+1+part, found[1])
		found[2] = d.hits(s2, i+1+2*part, found[2])
		found[3] = d.hits(s3, i+1+3*part, found[3])
	}
	for i := part; i < len(t3); i++ {
		s3 = next[int(s3)<<shift|int(class[t3[i]])]
		if s3 >= d.quiet {
			found[3] = d.hits(s3, i+1+3*part, found[3])
		}
	}
}

// walk returns the state in which text ends.
func (d *dictionary) walk(text string) uint16 {
	state := uint16(0)
	for i := range len(text) {
		state = d.next[int(state)<<d.shift|int(d.class[text[i]])]
	}
	return state
}

// hits appends the words that end at end, where the state is the given one.
func (d *dictionary) hits(state uint16, end int, found []hit) []hit {
	if state < d.quiet {
		return found
	}
	for _, word := range d.ending[state-d.quiet] {
		found = append(found, hit{word, int32(end - len(d.names[word]))})
	}
	return found
}

// in reports whether one of the words occurs in text.
func (d *dictionary) in(text string) bool {
	state := uint16(0)
	for i := range len(text) {
		state = d.next[int(state)<<d.shift|int(d.class[text[i]])]
		if state >= d.quiet {
			return true
		}
	}
	return false
}

// A folding is a text in which the few characters beyond ASCII that count as
// ASCII letters are replaced by these, and the way back.
type folding struct {
	text string
	at   []int // offsets in text after a replaced character, ascending
	lost []int // bytes that went away before at
}

func folded(text string) folding {
	if !strings.Contains(text, string(kelvin)) && !strings.Contains(text, string(longS)) && !strings.Contains(text, string(dottedI)) {
		return folding{text: text}
	}
	var f folding
	var b strings.Builder
	lost := 0
	for i, r := range text {
		if r == kelvin || r == longS || r == dottedI {
			b.WriteByte(byte(fold(r)))
			lost += len(string(r)) - 1
			f.at, f.lost = append(f.at, b.Len()), append(f.lost, lost)
		} else if r == '\uFFFD' {
			b.WriteByte(text[i])
			if strings.HasPrefix(text[i:], "\uFFFD") {
				b.WriteString(text[i+1 : i+3])
			}
		} else {
			b.WriteRune(r)
		}
	}
	f.text = b.String()
	return f
}

// original returns where offset i of the folded text is in the original.
func (f *folding) original(i int) int {
	lo, hi := 0, len(f.at)
	for lo < hi {
		if mid := (lo + hi) / 2; f.at[mid] <= i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return i
	}
	return i + f.lost[lo-1]
}
