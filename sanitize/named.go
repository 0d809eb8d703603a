package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// namedSecretRule is the rule of values that are called password or secret. Its id
// ends in no such word, or the marker would be a name itself.
const namedSecretRule = "password-by-name"

// namedSecrets finds the values of settings that are called password or secret, in
// the places where people write settings. A value ends where its quote, its
// separator or its line ends. What stands for a value is none: a placeholder, a
// reference, a call, a type, a word of prose; see [namedValue.secret].
func namedSecrets(w *leaks.Work, text string) []leaks.Finding {
	var found []leaks.Finding
	names := newNameScan(text)
	for {
		n, ok := names.next()
		if !ok || !w.Spend(workOfName) {
			return found
		}
		names.at = n.end
		for _, read := range namedPlaces {
			v, ok := read(text, n)
			if !ok {
				continue
			}
			switch {
			case v.secret(text, n) || v.otherwise(text) && v.secret(text, n):
				found = append(found, ruleFinding(namedSecretRule, v.start, v.end))
				names.at = max(names.at, v.end)
			case !v.quoted && !strings.ContainsAny(text[v.start:v.end], " \t"):
				names.at = max(names.at, v.end) // a name in one word with this one is part of its value
			}
			break
		}
	}
}

// workOfName is what it takes to read what stands around a name.
const workOfName = 128

// A named is where a text has a name that ends in a word like password.
type named struct {
	start, end int
	soft       bool // the word is secret, which names things that are none, too
}

// A stem is what names of secrets have that other words rarely have. Wherever one
// stands, one of every three places in a text has two neighbours of its letters: a
// bit for each pair, so that most of a text is looked at but once in three bytes.
var stemFirst, stemSecond = func() (first, second [256]uint8) {
	for i, pair := range []string{"pa", "as", "ss", "se", "ec", "cr"} {
		for _, cased := range []string{pair, strings.ToUpper(pair), strings.ToUpper(pair[:1]) + pair[1:]} {
			first[cased[0]] |= 1 << i
			second[cased[1]] |= 1 << i
		}
	}
	return first, second
}()

// A nameScan goes through the names of a text.
type nameScan struct {
	text         string
	at           int // names that end after here are left
	lower, upper int // where "pwd" and "PWD" stand next: each is looked for on its own, or the rare one over and over
}

func newNameScan(text string) nameScan {
	return nameScan{text: text, lower: nextShort(text, "wd", 0), upper: nextShort(text, "WD", 0)}
}

// next returns the first name that is left.
func (s *nameScan) next() (named, bool) {
	for i := s.at + 1; i < len(s.text); i += 3 {
		for i > min(s.lower, s.upper) {
			if n, ok := s.short(); ok {
				return n, true
			}
		}
		if stemFirst[s.text[i-1]]&stemSecond[s.text[i]] == 0 {
			continue
		}
		for j := max(s.at, i-3); j < i && j+4 <= len(s.text); j++ {
			if stem(s.text[j : j+4]) {
				if n, ok := nameAt(s.text, j, s.at); ok {
					return n, true
				}
			}
		}
	}
	for min(s.lower, s.upper) < len(s.text) { // at the very end
		if n, ok := s.short(); ok {
			return n, true
		}
	}
	return named{}, false
}

// short returns the name that the next "pwd" is part of, and goes on to the one after.
func (s *nameScan) short() (named, bool) {
	at := s.lower
	if at < s.upper {
		s.lower = nextShort(s.text, "wd", at+1)
	} else {
		at = s.upper
		s.upper = nextShort(s.text, "WD", at+1)
	}
	return nameAt(s.text, at, s.at)
}

// nextShort returns where "pwd", which is too short to have a stem, stands next. Given
// are its letters but the first.
func nextShort(text, letters string, at int) int {
	for i := at; ; i++ {
		j := strings.Index(text[min(i, len(text)):], letters)
		if j < 0 {
			return len(text)
		}
		if i += j; i > at && text[i-1]|0x20 == 'p' {
			return i - 1
		}
	}
}

func stem(s string) bool {
	switch s[0] | 0x20 {
	case 'p':
		return s[1]|0x20 == 'a' && s[2]|0x20 == 's' && s[3]|0x20 == 's'
	case 's':
		return s[1]|0x20 == 'e' && s[2]|0x20 == 'c' && s[3]|0x20 == 'r'
	}
	return false
}

// nameAt returns the name that offset j is part of, if it ends in a word for a
// secret, and after offset at.
func nameAt(text string, j, at int) (named, bool) {
	start, end := j, min(len(text), j+3)
	for start > at && j-start < 64 && isNameByte[text[start-1]] {
		start--
	}
	for end < len(text) && end-j < 24 && isNameByte[text[end]] {
		end++
	}
	for end > j && (text[end-1] == '.' || text[end-1] == '-') {
		end--
	}
	n := named{start: start, end: end}
	return n, end > at && !strings.HasSuffix(text[:start], markerBegin) && n.judge(text)
}

// nameEndings are what names of secrets end in, without what parts words.
var nameEndings = []string{"password", "passwd", "passwort", "passphrase", "passcode", "pwd", "pass", "secret", "secretkey", "secretkeybase", "secretaccesskey"}

// nameEnds has the last letters of the endings.
var nameEnds = func() (last [256]uint8) {
	for _, ending := range nameEndings {
		last[ending[len(ending)-1]] = 1
	}
	return last
}()

// passWords are what may stand before pass in a name that is written in one.
var passWords = []string{"", "db", "user", "store", "key", "smtp", "ftp", "ssh", "mysql", "root", "admin", "auth", "bind", "ldap", "mail", "proxy", "pg", "redis", "my", "wifi", "http", "require"}

// judge reports whether the name ends in a word for a secret.
func (n *named) judge(text string) bool {
	name := text[n.start:n.end]
	var letters [96]byte // in lower case, without what parts words
	length := 0
	for i := range len(name) {
		if b := name[i]; isAlphanumeric[b] && length < len(letters) {
			letters[length] = lowerByte(b)
			length++
		}
	}
	for length > 0 && isDigit[letters[length-1]] {
		length--
	}
	if length == 0 || nameEnds[letters[length-1]] == 0 {
		return false
	}
	word := string(letters[:length])
	for _, ending := range nameEndings {
		before, ok := strings.CutSuffix(word, ending)
		if !ok {
			continue
		}
		if saysNone(before) {
			return false
		}
		n.soft = strings.HasPrefix(ending, "secret")
		if ending != "pass" {
			return true
		}
		// compass, bypass; but db_pass, smtpPass, DBPASS
		at := strings.LastIndex(strings.ToLower(name), "pass")
		if at > 0 && (strings.IndexByte("_-.", name[at-1]) >= 0 || name[at] == 'P' && strings.HasPrefix(name[at:], "Pa")) {
			return !otherPass[before]
		}
		for _, w := range passWords {
			if before == w {
				return true
			}
		}
		return false
	}
	return false
}

// saysNone reports whether what stands before the word says that there is no password
// to it: the name is that of an error.
func saysNone(before string) bool {
	for _, word := range []string{"invalid", "wrong", "incorrect", "missing"} {
		if strings.HasSuffix(before, word) {
			return true
		}
	}
	return false
}

// otherPass are words before pass that make another thing of it.
var otherPass = map[string]bool{"render": true, "first": true, "second": true, "multi": true, "single": true, "by": true, "com": true, "last": true, "next": true, "tests": true, "compute": true}

// namedPlaces are the places of values, the most telling first. Each returns false
// where it sees no such place.
var namedPlaces = []func(string, named) (namedValue, bool){elementValue, pairedValue, assignedValue, spacedValue, listedValue, proseValue}
