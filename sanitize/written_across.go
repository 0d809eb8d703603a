package sanitize

import (
	"slices"
	"strings"

	"aegis/sanitize/leaks"
)

const (
	// acrossEnds is how many bytes of either end of a text are held against those
	// of its neighbours.
	acrossEnds = 4 << 10
	// acrossMany is up to how many texts each is held against each other, and not
	// only against its neighbours.
	acrossMany = 8
	// acrossName and acrossValue are how many bytes of a name and of a value are
	// looked at then.
	acrossName, acrossValue = 128, 512
)

// joints are what may stand between the text of one field and that of the next
// where somebody puts them together, or reads them one after the other.
var joints = []string{"", "\n", "=", ": "}

// across finds the secrets that only several texts together hold.
func (s *Scrubber) across(texts []Written) []Secret {
	if s == nil || s.own == nil {
		return nil
	}
	texts = slices.DeleteFunc(slices.Clone(texts), func(w Written) bool { return strings.TrimSpace(w.Text) == "" })
	if len(texts) < 2 {
		return nil
	}
	var all []Secret
	for _, joint := range joints {
		all = s.acrossJoined(chained(texts, joint), all)
		if len(texts) <= acrossMany {
			all = s.acrossJoined(paired(texts, joint), all)
		}
	}
	return all
}

// A joined text is put together of pieces of several.
type joined struct {
	strings.Builder
	pieces []piece
}

// A piece is joined text of one field.
type piece struct {
	field      string
	start, end int
}

func (j *joined) add(field, text string) {
	start := j.Len()
	j.WriteString(text)
	j.pieces = append(j.pieces, piece{field, start, j.Len()})
}

// gap parts what does not belong together: nothing is found across it.
const gap = "\n\n ---- \n\n"

// chained joins all texts in their order. Of a long one only the ends are there.
func chained(texts []Written, joint string) *joined {
	var j joined
	for i, w := range texts {
		if i > 0 {
			j.WriteString(joint)
		}
		text := strings.ToValidUTF8(w.Text, "\uFFFD")
		if len(text) > 2*acrossEnds {
			j.add(w.Field, head(text, acrossEnds))
			j.WriteString(gap)
			text = tail(text, acrossEnds)
		}
		j.add(w.Field, text)
	}
	return &j
}

// paired joins the end of each text with the begin of each other.
func paired(texts []Written, joint string) *joined {
	var j joined
	for a, name := range texts {
		for b, value := range texts {
			if a != b {
				j.add(name.Field, tail(strings.ToValidUTF8(name.Text, "\uFFFD"), acrossName))
				j.WriteString(joint)
				j.add(value.Field, head(strings.ToValidUTF8(value.Text, "\uFFFD"), acrossValue))
				j.WriteString(gap)
			}
		}
	}
	return &j
}

func head(text string, n int) string {
	return strings.ToValidUTF8(text[:min(n, len(text))], "")
}

func tail(text string, n int) string {
	return strings.ToValidUTF8(text[len(text)-min(n, len(text)):], "")
}

// acrossJoined adds what is found in j because of what stands beside a piece of it.
func (s *Scrubber) acrossJoined(j *joined, all []Secret) []Secret {
	text := j.String()
	s = s.working(2 * len(text))
	found, _ := s.find(text)
	known := make(map[int]bool) // whether a piece holds a secret without the others
	alone := func(i int) bool {
		if _, looked := known[i]; !looked {
			found, _ := s.find(text[j.pieces[i].start:j.pieces[i].end])
			known[i] = len(found) > 0
		}
		return known[i]
	}
	for _, f := range found {
		if f.Rule == namedSecretRule {
			continue // a title that ends in a name says nothing of what another field holds
		}
		within := j.within(f.Start, f.End)
		said := true
		for i := within.first; i <= within.last && said; i++ {
			said = alone(i)
		}
		if said {
			continue
		}
		// Some rules look beside what they match, and do not say where. What is far
		// from it is another text: a word in one file makes no secret in another.
		if match := j.within(f.MatchStart, f.MatchEnd); match.last > match.first {
			within = match
		} else if !s.findsNear(text, f) {
			continue
		} else if within.last == within.first && within.first > 0 {
			within.first--
		}
		secret := Secret{f.Rule, j.fields(within)}
		if len(secret.Fields) > 1 && !slices.ContainsFunc(all, secret.equal) {
			all = append(all, secret)
		}
	}
	if s.work.Ended() { // not all was found
		all = append(all, Secret{Unclean, j.fields(pieces{0, len(j.pieces) - 1})})
	}
	return all
}

// findsNear reports whether a rule finds something in what stands around a finding.
func (s *Scrubber) findsNear(text string, f leaks.Finding) bool {
	from, to := max(0, f.MatchStart-acrossName), min(len(text), f.MatchEnd+acrossName)
	found, _ := s.find(strings.ToValidUTF8(text[from:to], ""))
	return slices.ContainsFunc(found, func(near leaks.Finding) bool { return near.Rule == f.Rule })
}

func (a Secret) equal(b Secret) bool { return a.Rule == b.Rule && slices.Equal(a.Fields, b.Fields) }

// pieces are some in a row.
type pieces struct{ first, last int }

// within returns the pieces of which the span has a byte.
func (j *joined) within(start, end int) pieces {
	first, _ := slices.BinarySearchFunc(j.pieces, start, func(p piece, at int) int { return p.end - at - 1 })
	first = min(first, len(j.pieces)-1)
	last := first
	for last+1 < len(j.pieces) && j.pieces[last+1].start < end {
		last++
	}
	return pieces{first, last}
}

// fields returns the fields of pieces, sorted.
func (j *joined) fields(of pieces) []string {
	var fields []string
	for _, p := range j.pieces[of.first : of.last+1] {
		fields = append(fields, p.field)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
