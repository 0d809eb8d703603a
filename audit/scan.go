package audit

import "bytes"

// scanner reads the JSON tokens of a line, without allocating and without
// tolerance. Each method reads one token at pos, or reports false and leaves
// pos anywhere.
type scanner struct {
	buf []byte
	pos int
}

func (s *scanner) literal(want string) bool {
	if !bytes.HasPrefix(s.buf[s.pos:], []byte(want)) {
		return false
	}
	s.pos += len(want)
	return true
}

func (s *scanner) next() byte {
	if s.pos >= len(s.buf) {
		return 0
	}
	c := s.buf[s.pos]
	s.pos++
	return c
}

func (s *scanner) peek() byte {
	if s.pos >= len(s.buf) {
		return 0
	}
	return s.buf[s.pos]
}

// memberName reads `,"name":`. Names of members have no escapes.
func (s *scanner) memberName() ([]byte, bool) {
	rest := s.buf[s.pos:]
	if len(rest) < 2 || rest[0] != ',' || rest[1] != '"' {
		return nil, false
	}
	for i := 2; i+1 < len(rest); i++ { // names are short
		if rest[i] == '"' {
			s.pos += i + 2
			return rest[2:i], rest[i+1] == ':'
		}
	}
	return nil, false
}

// integer reads a positive integer of at most 18 digits.
func (s *scanner) integer() (int64, bool) {
	start, n := s.pos, int64(0)
	for s.pos < len(s.buf) && isDigit(s.buf[s.pos]) {
		n = n*10 + int64(s.buf[s.pos]-'0')
		if s.pos++; s.pos-start > 18 {
			return 0, false
		}
	}
	return n, s.pos > start && s.buf[start] != '0'
}

// number reads a JSON number.
func (s *scanner) number() bool {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return false
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.buf) && isDigit(s.buf[s.pos]) {
		s.pos++
	}
	return s.pos > start
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// text reads a JSON string.
func (s *scanner) text() bool {
	if s.next() != '"' {
		return false
	}
	for {
		at := s.pos
		for at < len(s.buf) && ordinary[s.buf[at]] {
			at++
		}
		s.pos = at
		switch c := s.next(); {
		case c == '"':
			return true
		case c != '\\' || !s.escape():
			return false
		}
	}
}

// ordinary has the bytes that stand for themselves in a string.
var ordinary = func() (bytes [256]bool) {
	for c := range bytes {
		bytes[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return bytes
}()

func (s *scanner) escape() bool {
	switch s.next() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if c := s.next(); !isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
		return true
	}
	return false
}

func (s *scanner) numberOrText() bool {
	if s.peek() == '"' {
		return s.text()
	}
	return s.number()
}

// affirmed reads true, the one value of a member that is left out when false.
func (s *scanner) affirmed() bool { return s.literal("true") }

// texts reads an array of strings, not empty.
func (s *scanner) texts() bool {
	if s.next() != '[' {
		return false
	}
	for {
		if !s.text() {
			return false
		}
		switch s.next() {
		case ']':
			return true
		case ',':
		default:
			return false
		}
	}
}

// counts reads an object of numbers, not empty, its names plain and in ascending
// order, which leaves no room for a double.
func (s *scanner) counts() bool {
	if s.next() != '{' {
		return false
	}
	var last []byte
	for {
		if s.next() != '"' {
			return false
		}
		start := s.pos
		for isPlain(rune(s.peek())) {
			s.pos++
		}
		name := s.buf[start:s.pos]
		if last != nil && bytes.Compare(last, name) >= 0 {
			return false
		}
		last = name
		if !s.literal(`":`) || !s.number() {
			return false
		}
		switch s.next() {
		case '}':
			return true
		case ',':
		default:
			return false
		}
	}
}

// validTime reports whether b is a time as timeLayout writes it.
func validTime(b []byte) bool {
	if len(b) != len(timeLayout) {
		return false
	}
	for i, c := range b {
		switch want := timeLayout[i]; {
		case isDigit(want) && !isDigit(c):
			return false
		case !isDigit(want) && c != want:
			return false
		}
	}
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) &&
		two(11) < 24 && two(14) < 60 && two(17) < 60
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
