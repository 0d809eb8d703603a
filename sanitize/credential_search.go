package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// find returns where in text the credentials are. If fresh is not nil, those that
// have no byte in it may be left out.
func (c *credentials) find(text string, fresh []leaks.Span) []leaks.Finding {
	if len(c.needles) == 0 || len(text) < keyLength {
		return nil
	}
	if fresh == nil {
		fresh = whole(text)
	}
	found := c.resolved(text, fresh, nil)
	if v, ok := unpercented(text); ok {
		// Other escapes may have been escaped in a URL.
		for _, f := range c.resolved(v.text, whole(v.text), nil) {
			f.Start, f.End = v.original(f.Start, f.End)
			f.MatchStart, f.MatchEnd = f.Start, f.End
			found = append(found, f)
		}
	}
	return found
}

func whole(text string) []leaks.Span { return []leaks.Span{{End: len(text)}} }

// widestUnit is more bytes than a unit goes on after its last one that has to be
// looked at.
const widestUnit = 80

// before returns an offset, of first or after it, such that no needle that begins
// before it, but after first, goes on to offset at: bytes that surely say
// themselves lie between, more than any needle has.
func (c *credentials) before(text string, at, first int) int {
	for said := 0; at > first && said < c.longest+widestUnit; at-- {
		switch unitKind[text[at-1]] {
		case unitPlain:
			said++
		case unitOther:
			said = 0
		}
	}
	return at
}

// unpercented returns the text with its percent-encoding resolved, and false if
// that says nothing new: if no backslash comes out of it.
func unpercented(text string) (view, bool) {
	if !strings.Contains(text, "%5c") && !strings.Contains(text, "%5C") {
		return view{}, false
	}
	var v view
	var b strings.Builder
	for i := 0; i < len(text); {
		value, ok := uint64(0), false
		if text[i] == '%' {
			value, ok = hexAt(text, i+1, 2)
		}
		if !ok {
			b.WriteByte(text[i])
			i++
			continue
		}
		b.WriteByte(byte(value))
		i += 3
		v.at, v.gone = append(v.at, b.Len()), append(v.gone, i-b.Len())
	}
	v.text = b.String()
	return v, true
}

// resolved looks for needles in what text says, and as they are: at least for those
// that have a byte in one of the spans, which are in order. It reads nothing twice.
func (c *credentials) resolved(text string, spans []leaks.Span, found []leaks.Finding) []leaks.Finding {
	var key uint64
	var begins [8]int // where the last bytes read were written
	read := 0         // in bits
	oldest := func() int { return begins[(read/8-keyLength)&7] }
	to := -1 // needles that begin before here may be in the span
	for i := 0; i < len(text); {
		if i >= to && (to < 0 || read >= 8*keyLength && oldest() >= to) {
			if len(spans) == 0 {
				break
			}
			if from := c.before(text, spans[0].Start, i); from > i {
				i, read = from, 0
			}
			to, spans = max(to, spans[0].End), spans[1:]
			continue
		}
		if r := c.reads[text[i]]; !r.look {
			// Nothing here depends on whether the byte says something: nobody
			// could foresee it.
			key = key<<(r.bits&63) | uint64(r.lower)
			begins[read/8&7] = i
			read += int(r.bits)
			i++
			if c.candidate(key) && r.bits > 0 && read >= 8*keyLength {
				found = c.verify(text, oldest(), key, found)
			}
			continue
		}
		u := unitAt(text, i)
		for _, b := range u.value[:u.n] {
			key = key<<8 | uint64(lowerByte(b))
			begins[read/8&7] = i
			read += 8
			if c.candidate(key) && read >= 8*keyLength {
				found = c.verify(text, oldest(), key, found)
			}
		}
		// What was read as one thing or not at all may be part of a needle.
		found = c.plain(text, i, i+u.width, found)
		i += u.width
	}
	return found
}

// plain looks for needles as they are of which the key overlaps text[from:to].
func (c *credentials) plain(text string, from, to int, found []leaks.Finding) []leaks.Finding {
	from, to = max(0, from-keyLength+1), min(len(text), to+keyLength-1)
	var key uint64
	for i := from; i < to; i++ {
		key = key<<8 | uint64(lowerByte(text[i]))
		if i-from >= keyLength-1 && c.candidate(key) {
			found = c.verify(text, i-keyLength+1, key, found)
		}
	}
	return found
}

// verify looks for the needles of a key at start.
func (c *credentials) verify(text string, start int, key uint64, found []leaks.Finding) []leaks.Finding {
	for _, n := range c.needles[key&keyMask] {
		if end := start + len(n.text); end <= len(text) && equalFold(text[start:end], n.text) {
			found = append(found, ownFinding(text, start, end, n))
		} else if end := saysAt(text, start, n.text); end > 0 {
			found = append(found, ownFinding(text, start, end, n))
		}
	}
	return found
}

// saysAt returns the end of needle where text says it from start on, 0 if it
// does not. The first unit may say more before the needle.
func saysAt(text string, start int, needle string) int {
	matched := 0
	first := true
	for i := start; i < len(text); {
		u := unitAt(text, i)
		value := u.value[:u.n]
		if first {
			for len(value) > 0 && lowerByte(value[0]) != needle[0] {
				value = value[1:]
			}
			first = false
		}
		for _, b := range value {
			if lowerByte(b) != needle[matched] {
				return 0
			}
			if matched++; matched == len(needle) {
				return i + u.width
			}
		}
		i += u.width
	}
	return 0
}

func ownFinding(text string, start, end int, n needle) leaks.Finding {
	if n.before > 0 && start > 0 && isBase64(text[start-1]) {
		start--
	}
	if n.after > 0 && end < len(text) && isBase64(text[end]) {
		end++
	}
	return leaks.Finding{Rule: ownCredential, Start: start, End: end, MatchStart: start, MatchEnd: end}
}

func equalFold(text, lowered string) bool {
	for i := range len(lowered) {
		if lowerByte(text[i]) != lowered[i] {
			return false
		}
	}
	return true
}
