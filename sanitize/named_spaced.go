package sanitize

import "strings"

// Words behind which a name and its value are parted by white space alone: a command
// right before the name, an account with one word between, SQL in the same statement.
const (
	setsNext = 1 << iota
	namesAccount
	beginsStatement
)

var announcing = map[string]uint8{
	"env": setsNext, "arg": setsNext, "setenv": setsNext, "export": setsNext, "-gx": setsNext, "set": setsNext | beginsStatement,
	"login": namesAccount, "account": namesAccount, "machine": namesAccount, "user": namesAccount | beginsStatement,
	"with": beginsStatement, "encrypted": beginsStatement, "role": beginsStatement, "for": beginsStatement, "alter": beginsStatement, "create": beginsStatement,
}

// announced reports whether one of these words stands before the name.
func (n named) announced(text string) bool {
	const reach, longest = 90, len("encrypted")
	statement := true
	var word [longest]byte
	for i, count := n.start, 0; count < 2 || statement; count++ {
		for i > 0 && (isSpace(text[i-1]) || strings.IndexByte("\"'`", text[i-1]) >= 0) {
			if i--; text[i] == '\n' {
				statement = false
			}
			if n.start-i > reach {
				return false
			}
		}
		end := i
		for i > 0 && !isSpace(text[i-1]) && strings.IndexByte("\"'`", text[i-1]) < 0 {
			if i--; text[i] == ';' {
				statement = false
			}
			if n.start-i > reach {
				return false
			}
		}
		if i == end {
			return false // the begin of the text
		}
		if end-i > longest || end == n.start {
			continue
		}
		for j := i; j < end; j++ {
			word[j-i] = lowerByte(text[j])
		}
		kind := announcing[string(word[:end-i])]
		if kind&setsNext != 0 && count == 0 || kind&namesAccount != 0 && count == 1 || kind&beginsStatement != 0 && statement {
			return true
		}
	}
	return false
}

// spacedValue reads --NAME VALUE, ENV NAME VALUE, a .netrc and SQL's PASSWORD 'VALUE'.
func spacedValue(text string, n named) (namedValue, bool) {
	i := skipBlank(text, n.end)
	if i == n.end || i >= len(text) || text[i] == '-' && !n.netrcLine(text) {
		return namedValue{}, false
	}
	v := namedValue{place: inSetting}
	flag := n.start < n.end && text[n.start] == '-'
	if v.quote(text, i) {
		switch {
		case flag:
		case text[i] != '\'' && text[i] != '"', text[n.start:n.end] == "pass", text[n.start:n.end] == "secret":
			v.place = inProse
		default:
			v.place = inCode
		}
		return v, v.end > v.start
	}
	v.start, v.end = i, until(text, i, "\"`")
	if v.end == v.start || !mixed(text[v.start:v.end]) {
		return namedValue{}, false // as nearly all words that come after one are
	}
	if !flag && !n.netrcLine(text) {
		if !n.announced(text) && text[n.start:n.end] != "requirepass" {
			return namedValue{}, false
		}
		v.place = inProse // the words may be prose, too
	}
	return v, true
}

// mixed reports whether a word has more than letters within.
func mixed(word string) bool {
	for i := range len(word) - 1 {
		if word[i] < 0x80 && !isLetter[word[i]] {
			return true
		}
	}
	return false
}

// netrcLine reports whether the name is the word of a .netrc: before it stands a
// login or a machine.
func (n named) netrcLine(text string) bool {
	before := text[max(0, n.start-200):n.start]
	return (text[n.start:n.end] == "password" || text[n.start:n.end] == "passwd") &&
		(strings.Contains(before, "machine ") || strings.Contains(before, "login ") || strings.Contains(before, "default\n"))
}
