package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"
)

// line is what the chain needs of one stored entry. Its slices point into the
// bytes it was parsed from.
type line struct {
	seq           int64
	time          []byte
	kind          Kind
	reason        []byte // still escaped
	fragmentBytes int64
	fragmentSHA   []byte // nil if the entry names no fragment
	archived      []byte // still escaped; nil but in the last entry of a file that was rotated
	continues     []byte // likewise; nil but in the first entry of a file that follows another
	keptFrom      int64
	checkpoint    []byte // still escaped; nil but in a checkpoint
	hashed        []byte // what entry_hash is the hash of
	prev, hash    []byte // 64 lower-case hex digits each

	// values, if not nil, are those of the members, in the order of the table
	// and as they are stored. Whoever wants them makes room; the chain does not.
	values [][]byte

	raw     []byte
	scanner scanner
}

// parse takes one line apart, without its newline. It accepts exactly what
// appendLine writes: known members in their order, each once, no space between
// tokens, every value of its type, prev_hash and entry_hash last. There is one
// way to read such a line, whatever reads it. It does not check the hash. On
// failure the reason is a clause to follow "the line".
func (l *line) parse(b []byte) (reason string) {
	clear(l.values)
	*l = line{raw: b, values: l.values, scanner: scanner{buf: b}}
	s := &l.scanner
	if len(b) > MaxLine {
		return fmt.Sprintf("is longer than %d bytes", MaxLine)
	}
	if !s.literal(`{"v":`) {
		return "does not begin with a version"
	}
	if v, ok := s.integer(); !ok {
		return "does not begin with a version"
	} else if v != version {
		return fmt.Sprintf("has version %d, which this Aegis does not know", v)
	}
	if !utf8.Valid(b) {
		return "is not UTF-8"
	}
	var ok bool
	if l.hash, ok = lastHash(b, hashMember, `"}`); !ok {
		return "does not end with entry_hash"
	}
	l.hashed = b[:len(b)-hashLength]
	if l.prev, ok = lastHash(l.hashed, prevMember, `"`); !ok {
		return "has no prev_hash before entry_hash"
	}
	if s.buf = l.hashed[:len(l.hashed)-prevLength]; s.pos > len(s.buf) {
		return "is not JSON as Aegis writes it"
	}
	return l.members()
}

// lastHash returns the hash that ends b between member and quote.
func lastHash(b []byte, member, quote string) ([]byte, bool) {
	tail := b[max(0, len(b)-len(member)-hashDigits-len(quote)):]
	rest, ok := bytes.CutPrefix(tail, []byte(member))
	if !ok || len(rest) != hashDigits+len(quote) || string(rest[hashDigits:]) != quote {
		return nil, false
	}
	return rest[:hashDigits], isLowerHex(rest[:hashDigits])
}

func isLowerHex(b []byte) bool {
	for _, c := range b {
		if !lowerHex[c] {
			return false
		}
	}
	return true
}

// lowerHex has the lower-case hex digits. Two hashes a line are looked up in it.
var lowerHex = func() (digits [256]bool) {
	for _, c := range "0123456789abcdef" {
		digits[c] = true
	}
	return digits
}()

// intact reports whether the stored bytes hash to entry_hash.
func (l *line) intact() bool {
	var digits hexHash
	sum := sha256.Sum256(l.hashed)
	hex.Encode(digits[:], sum[:])
	return bytes.Equal(digits[:], l.hash)
}

// members reads what lies between the version and prev_hash.
func (l *line) members() (reason string) {
	s, next := &l.scanner, 0
	for s.pos < len(s.buf) {
		name, ok := s.memberName()
		if !ok {
			return "is not JSON as Aegis writes it"
		}
		at := next
		for at < len(members) && members[at].name != string(name) {
			if !members[at].optional {
				return "lacks " + members[at].name
			}
			at++
		}
		if at == len(members) {
			return fmt.Sprintf("has a member %+.40q that is unknown, doubled or out of place", name)
		}
		start := s.pos
		if !members[at].value(s) {
			return "has no valid " + members[at].name
		}
		if keep := members[at].keep; keep != nil && !keep(l, s.buf[start:s.pos]) {
			return "has no valid " + members[at].name
		}
		if l.values != nil {
			l.values[at] = s.buf[start:s.pos]
		}
		next = at + 1
	}
	for _, m := range members[next:] {
		if !m.optional {
			return "lacks " + m.name
		}
	}
	return ""
}
