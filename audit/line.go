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
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

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

// member describes one member of a line.
type member struct {
	name     string
	optional bool
	value    func(*scanner) bool
	keep     func(l *line, value []byte) bool // stores a value the chain needs
}

// members are those between the version and prev_hash, in their order. One may
// be added, if it is optional: lines without it are what they were.
var members = []member{
	{"seq", false, (*scanner).number, keepSeq},
	{"time", false, (*scanner).text, keepTime},
	{"kind", false, (*scanner).text, keepKind},
	{"session", false, (*scanner).text, nil},
	{"principal", true, (*scanner).text, nil},
	{"call", true, (*scanner).text, nil},
	{"request", true, (*scanner).numberOrText, nil},
	{"client", true, (*scanner).text, nil},
	{"connection", true, (*scanner).text, nil},
	{"job", true, (*scanner).text, nil},
	{"trigger", true, (*scanner).text, nil},
	{"delivery", true, (*scanner).text, nil},
	{"run", true, (*scanner).number, nil},
	{"tool", true, (*scanner).text, nil},
	{"capability", true, (*scanner).text, nil},
	{"dry_run", true, (*scanner).affirmed, nil},
	{"repo", true, (*scanner).text, nil},
	{"repo_id", true, (*scanner).number, nil},
	{"second", true, (*scanner).text, nil},
	{"paths", true, (*scanner).texts, nil},
	{"paths_total", true, (*scanner).number, nil},
	{"ref", true, (*scanner).text, nil},
	{"stage", true, (*scanner).text, nil},
	{"decision", true, (*scanner).text, nil},
	{"of", true, (*scanner).text, nil},
	{"of_paths", true, (*scanner).texts, nil},
	{"of_paths_total", true, (*scanner).number, nil},
	{"folder", true, (*scanner).affirmed, nil},
	{"branch", true, (*scanner).text, nil},
	{"default_branch", true, (*scanner).text, nil},
	{"asks", true, (*scanner).text, nil},
	{"lineage", true, (*scanner).texts, nil},
	{"visibility", true, (*scanner).text, nil},
	{"reaches", true, (*scanner).text, nil},
	{"marks", true, (*scanner).texts, nil},
	{"carries", true, (*scanner).texts, nil},
	{"unasked", true, (*scanner).texts, nil},
	{"cut", true, (*scanner).affirmed, nil},
	{"code", true, (*scanner).text, nil},
	{"rule", true, (*scanner).text, nil},
	{"policy_sha256", true, (*scanner).text, nil},
	{"floor_sha256", true, (*scanner).text, nil},
	{"own_policy_sha256", true, (*scanner).text, nil},
	{"gitea_status", true, (*scanner).number, nil},
	{"redactions", true, (*scanner).counts, nil},
	{"exceptions", true, (*scanner).counts, nil},
	{"withheld", true, (*scanner).number, nil},
	{"written", true, (*scanner).number, nil},
	{"bytes", true, (*scanner).number, nil},
	{"duration_ms", true, (*scanner).number, nil},
	{"args_hmac", true, (*scanner).text, nil},
	{"shown_sha256", true, (*scanner).text, nil},
	{"reason", true, (*scanner).text, keepReason},
	{"fragment_bytes", true, (*scanner).number, keepFragmentBytes},
	{"fragment_sha256", true, (*scanner).text, keepFragmentSHA},
}

func keepSeq(l *line, value []byte) bool {
	s := scanner{buf: value}
	seq, ok := s.integer()
	l.seq = seq
	return ok && seq > 0 && s.pos == len(value)
}

func keepTime(l *line, value []byte) bool {
	l.time = value[1 : len(value)-1]
	return validTime(l.time)
}

func keepKind(l *line, value []byte) bool {
	for _, kind := range kinds {
		if string(value[1:len(value)-1]) == string(kind) {
			l.kind = kind
			return true
		}
	}
	return false
}

func keepReason(l *line, value []byte) bool {
	l.reason = value
	return true
}

func keepFragmentBytes(l *line, value []byte) bool {
	s := scanner{buf: value}
	n, ok := s.integer()
	l.fragmentBytes = n
	return ok && n > 0 && s.pos == len(value) && l.kind == KindRecovery
}

func keepFragmentSHA(l *line, value []byte) bool {
	l.fragmentSHA = value[1 : len(value)-1]
	return l.fragmentBytes > 0 && len(l.fragmentSHA) == hashDigits && isLowerHex(l.fragmentSHA)
}
