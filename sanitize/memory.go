package sanitize

import (
	"encoding/binary"
	"hash/maphash"
	"math/rand/v2"
	"strings"
	"sync"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// A Memory knows values that were cut before, so that they are cut wherever they
// stand: in the rest of a text that gave one away, and in whatever a caller is
// shown later. It keeps no value, but keyed hashes of it and of its first eight
// bytes; the keys are made with it and never leave the process. It keeps at most
// [maxRemembered] values and forgets the oldest first. The zero value is ready, and
// safe for concurrent use.
type Memory struct {
	mu      sync.RWMutex
	first   maphash.Seed
	second  maphash.Seed
	factor  uint64
	filter  []uint16 // how many values begin with a window of that hash
	windows map[uint64][]remembered
	order   []uint64 // the windows of all values, the oldest first
	learned uint64

	of *Memory // what this one knows and does not add to; nil if there is none
}

// A remembered value.
type remembered struct {
	length int
	sums   [2]uint64 // of its first bytes
	rule   string
	slot   uint32 // of its window in the filter
	loose  bool   // it is long enough to be meant where it is part of a word
}

const (
	// windowLength is the length of the shortest value that is remembered.
	windowLength  = 8
	maxRemembered = 2048
	// maxSummed is how much of a value is compared, in bytes; maxLength bounds values.
	maxSummed, maxLength = 64, 512
	// sameWindow bounds how many values may begin alike.
	sameWindow  = 4
	memoryBits  = 13
	leastRandom = 3.5 // bits a character, of what a generic rule found
)

// Remembering returns a view of the scrubber that cuts what m knows and tells m what
// it cuts. It costs next to nothing, and leaves s as it is.
func (s *Scrubber) Remembering(m *Memory) *Scrubber {
	if s == nil || m == nil {
		return s
	}
	view := *s
	view.memory = m
	return &view
}

// remembering is Remembering of a memory for one text, if there is none.
func (s *Scrubber) remembering() *Scrubber {
	if s == nil || s.memory != nil {
		return s
	}
	return s.Remembering(new(Memory))
}

// known is a memory that knows what s remembers, and keeps what it learns for itself.
func (s *Scrubber) known() *Memory {
	if s == nil {
		return nil
	}
	return &Memory{of: s.memory}
}

// Learned counts the values that came to be known. It grows if and only if what was
// scrubbed before may hold one of them.
func (m *Memory) Learned() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.learned
}

// learn remembers what was found in text.
func (m *Memory) learn(text string, found []leaks.Finding) {
	if m == nil {
		return
	}
	for _, f := range found {
		if f.Start < 0 || f.End > len(text) || f.Start >= f.End {
			continue
		}
		if value := text[f.Start:f.End]; memorable(value, f.Rule) {
			m.add(value, f.Rule)
		}
	}
}

// memorable reports whether a value is enough of a secret to be cut without what
// gave it away. A word is not: it would be cut from all that is said.
func memorable(value, rule string) bool {
	if len(value) < windowLength || len(value) > maxLength || rule == ownCredential || strings.ContainsAny(value, "\n\r") ||
		strings.Contains(value, markerBegin) || !utf8.ValidString(value) {
		return false
	}
	if byNameAlone(rule) && (len(value) < 16 || leaks.Entropy(value) < leastRandom || uuid.In(value)) {
		return false
	}
	l := looksOf(value)
	return l.classes() >= 2 && (l.digits > 0 || l.marks > 0) && !l.kebab && !exampleName(value) && !isReference(value)
}

// byNameAlone reports whether a rule takes for a secret whatever a name stands before.
func byNameAlone(rule string) bool {
	return strings.HasPrefix(rule, "generic") || rule == "hashicorp-tf-password"
}

var uuid = leaks.NewPattern(`^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func (m *Memory) add(value, rule string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.windows == nil {
		m.first, m.second, m.factor = maphash.MakeSeed(), maphash.MakeSeed(), rand.Uint64()|1
		m.filter, m.windows = make([]uint16, 1<<memoryBits), make(map[uint64][]remembered)
	}
	window := value[:windowLength]
	at := maphash.String(m.first, window)
	r := remembered{len(value), m.sums(value), rule, m.slot(binary.BigEndian.Uint64([]byte(window))), len(value) >= 16}
	for _, known := range m.windows[at] {
		if known.length == r.length && known.sums == r.sums {
			return
		}
	}
	if len(m.windows[at]) == sameWindow {
		return
	}
	if len(m.order) == maxRemembered {
		m.forget()
	}
	m.windows[at] = append(m.windows[at], r)
	m.order = append(m.order, at)
	m.filter[r.slot]++
	m.learned++
}

// forget drops the oldest value.
func (m *Memory) forget() {
	at := m.order[0]
	m.order = m.order[1:]
	alike := m.windows[at]
	m.filter[alike[0].slot]--
	if m.windows[at] = alike[1:]; len(alike) == 1 {
		delete(m.windows, at)
	}
}

func (m *Memory) slot(window uint64) uint32 { return uint32(window * m.factor >> (64 - memoryBits)) }

// sums are the hashes of the first bytes of a value.
func (m *Memory) sums(value string) [2]uint64 {
	value = value[:min(len(value), maxSummed)]
	return [2]uint64{maphash.String(m.first, value), maphash.String(m.second, value)}
}

// find returns where in text the known values are, in time that depends on the
// length of the text alone.
func (m *Memory) find(text string) []leaks.Finding {
	if m == nil {
		return nil
	}
	found := m.of.find(text)
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(m.order) == 0 {
		return found
	}
	var window uint64
	for i := range len(text) {
		window = window<<8 | uint64(text[i])
		if m.filter[m.slot(window)] == 0 || i+1 < windowLength {
			continue
		}
		start := i + 1 - windowLength
		for _, r := range m.windows[maphash.String(m.first, text[start:i+1])] {
			end := start + r.length
			if end > len(text) || m.sums(text[start:end]) != r.sums || !r.loose && !apart(text, start, end) {
				continue
			}
			found = append(found, ruleFinding(r.rule, start, end))
		}
	}
	return found
}

// apart reports whether a span begins and ends where no word goes on.
func apart(text string, start, end int) bool {
	return (start == 0 || !isAlphanumeric[text[start]] || !isAlphanumeric[text[start-1]]) &&
		(end == len(text) || !isAlphanumeric[text[end-1]] || !isAlphanumeric[text[end]])
}
