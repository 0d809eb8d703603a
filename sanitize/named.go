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
func namedSecrets(text string) []leaks.Finding {
	var found []leaks.Finding
	for at := 0; ; {
		n, ok := nextName(text, at)
		if !ok {
			return found
		}
		at = n.end
		for _, read := range namedPlaces {
			v, ok := read(text, n)
			if !ok {
				continue
			}
			if v.secret(text, n) {
				found = append(found, ruleFinding(namedSecretRule, v.start, v.end))
				at = max(at, v.end)
			}
			break
		}
	}
}

// A named is where a text has a name that ends in a word like password.
type named struct {
	start, end int
	soft       bool // the word is secret, which names things that are none, too
}

// stemByte has the letters of which every third is one, wherever in a text a word
// begins that secret names end in: "pass", "pwd", "secret".
var stemByte = set("pasPASwdWDecEC")

// nextName returns the first name that ends after offset at.
func nextName(text string, at int) (named, bool) {
	for i := at + 2; i < len(text); i += 3 {
		if !stemByte[text[i]] {
			continue
		}
		for j := max(at, i-2); j <= i && j+3 <= len(text); j++ {
			if !stem(text[j], text[j+1], text[j+2]) {
				continue
			}
			start, end := j, j+3
			for start > 0 && j-start < 64 && isNameByte[text[start-1]] {
				start--
			}
			for end < len(text) && end-j < 24 && isNameByte[text[end]] {
				end++
			}
			for end > j && (text[end-1] == '.' || text[end-1] == '-') {
				end--
			}
			if n := (named{start: start, end: end}); !strings.HasSuffix(text[:start], markerBegin) && n.judge(text) {
				return n, true
			}
		}
	}
	return named{}, false
}

func stem(a, b, c byte) bool {
	switch a | 0x20 {
	case 'p':
		return b|0x20 == 'a' && c|0x20 == 's' || b|0x20 == 'w' && c|0x20 == 'd'
	case 's':
		return b|0x20 == 'e' && c|0x20 == 'c'
	}
	return false
}

// nameEndings are what names of secrets end in, without what parts words.
var nameEndings = []string{"password", "passwd", "passwort", "passphrase", "passcode", "pwd", "pass", "secret", "secretkey", "secretkeybase", "secretaccesskey"}

// passWords are what may stand before pass in a name that is written in one.
var passWords = []string{"", "db", "user", "store", "key", "smtp", "ftp", "ssh", "mysql", "root", "admin", "auth", "bind", "ldap", "mail", "proxy", "pg", "redis", "my", "wifi", "http"}

// judge reports whether the name ends in a word for a secret.
func (n *named) judge(text string) bool {
	name := text[n.start:n.end]
	word := strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.TrimRight(name, "0123456789")))
	for _, ending := range nameEndings {
		before, ok := strings.CutSuffix(word, ending)
		if !ok {
			continue
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

// otherPass are words before pass that make another thing of it.
var otherPass = map[string]bool{"render": true, "first": true, "second": true, "multi": true, "single": true, "by": true, "com": true, "last": true, "next": true, "tests": true, "compute": true}

// namedPlaces are the places of values, the most telling first. Each returns false
// where it sees no such place.
var namedPlaces = []func(string, named) (namedValue, bool){elementValue, pairedValue, assignedValue, spacedValue, listedValue, proseValue}
