package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// secret reports whether the value is one, and not what stands for one. The less
// a place says that a setting's value stands there, the more a value must look like
// a password itself. Letters alone never do: that is what translations, types and
// words of prose are.
func (v namedValue) secret(text string, n named) bool {
	value := text[v.start:v.end]
	if len(value) < 5 || len(value) > maxPassword || !utf8.ValidString(value) || strings.Contains(value, markerBegin) || exampleName(value) ||
		isReference(value) || !v.quoted && code.In(value) {
		return false
	}
	looks := looksOf(value)
	if looks.classes() < 2 || looks.digits == 0 && looks.marks == 0 {
		return false
	}
	if strings.ContainsAny(value, " \t") && !looks.passphrase {
		return false
	}
	if label := looksOf(strings.TrimRight(value, ":*.")); label.digits == 0 && label.marks == 0 {
		return false // "Mot-clé:*", as a form has it
	}
	switch {
	case n.soft:
		return looks.n >= 12 && looks.random() && !isKebab(value)
	case v.place == inProse:
		return looks.n >= 7 && !looks.kebab && looks.classes() >= 3 && looks.odd
	case v.place == inCode && !v.quoted:
		return looks.n >= 8 && looks.classes() >= 3 && !looks.kebab
	case v.place == inCode:
		return looks.n >= 8 && (looks.classes() >= 3 || looks.marks > 0 && looks.digits > 0) && !looks.kebab && !testWord.In(value) &&
			(looks.strong() || !exampleWord.In(value))
	}
	return looks.n >= 5 && !looks.kebab && (looks.classes() >= 3 || !exampleWord.In(value))
}

// maxPassword bounds what is a password, in bytes: what is longer is a text.
const maxPassword = 200

// looks are what a value is made of.
type looks struct {
	n                           int // characters
	lower, upper, digits, marks int
	odd                         bool // it has what no word of prose has: a mark like $, or a digit within
	kebab                       bool // it is words and numbers, joined as names are
	passphrase                  bool // it has white space, and a word that no prose has
}

func looksOf(value string) looks {
	var l looks
	for i, r := range value {
		l.n++
		switch {
		case unicode.IsDigit(r):
			l.digits++
			l.odd = l.odd || i > 0
		case unicode.IsUpper(r):
			l.upper++
		case unicode.IsLetter(r):
			l.lower++
		case r == ' ' || r == '\t':
		default:
			l.marks++
			l.odd = l.odd || strings.ContainsRune("!@#$%^&*+=?~|\\", r) && i+1 < len(value)
		}
	}
	l.kebab = isKebab(value) && (l.upper == 0 || l.lower == 0 || l.digits < 2)
	words := 0
	for word := range strings.FieldsSeq(value) {
		if len(word) == len(value) {
			break
		}
		w := looksOf(word)
		if w.digits == 0 && w.marks == 0 {
			words++
		}
		// Behind three words of prose a number or a name comes, and no password.
		l.passphrase = l.passphrase || words < 3 && len(word) >= 8 && w.classes() >= 3 && w.odd
	}
	return l
}

func (l looks) classes() int {
	n := 0
	for _, c := range []int{l.lower, l.upper, l.digits, l.marks} {
		if c > 0 {
			n++
		}
	}
	return n
}

// strong reports whether a value has what a policy for passwords asks for.
func (l looks) strong() bool { return l.n >= 12 && l.classes() == 4 }

// random reports whether a value looks made by a machine.
func (l looks) random() bool {
	return l.classes() >= 3 && l.digits > 0 || l.digits >= 3 && l.lower+l.upper >= 3
}

var (
	// exampleWord matches what examples and tests call a password.
	exampleWord = leaks.NewPattern(`(?i)pass|pwd|secret|example|changeme|change|test|dummy|sample|your|user|admin|wrong|invalid|correct|hunter|foo|bar|abc|123|token|value|string|key|some|none|null|hash`)
	// testWord matches what tests have in a password that is to pass a policy.
	testWord = leaks.NewPattern(`(?i)passw|example|changeme|abc123|123abc|qwerty|dummy|sample|invalid|wrong|correct`)
	// code matches what a program has without quotes: a call, an index, a selector, a
	// conversion, a composite.
	code = leaks.NewPattern(`^[&*!~(]?[A-Za-z_$](?:[\w$.:]|->)*\((?:.*\).*)?$|^[A-Za-z_$][\w.]*\[.*\]|^[A-Za-z_.]+\{(?:$|.*\}$)|^[A-Za-z_$][\w.]*[\[(][^'"]*,$` +
		`|^[&*!]?[A-Za-z_$]+(?:\d[A-Za-z_]*)?(?:(?:\.|->|::|\?\.)[A-Za-z_]+(?:\d[A-Za-z_]*)?)+[),;]*$|^(?:func|function|new|lambda|await|return|if|async|not|def|fn)\b|^\(.*=>|^[{[][\s"'}\]]|^[{[]\w+:`)
	// reference matches what says where a value is, or stands for one: a variable, a
	// path, an address, what a vault keeps or has encrypted, a hole in a template, a
	// pattern, the same character over and over.
	reference = leaks.NewPattern(`^(?:\.{1,2}/|~/|/(?:run|etc|var|home|opt|usr|tmp|secrets?|mnt|srv|app|data|root|path|dev|vault|[\w.-]+/)\b)[\w./-]*$|^[A-Za-z]:\\` +
		`|^(?:file:|https?://|env[:(.]|vault[:(]|op://|arn:aws|ref\+|ssm:|secretsmanager|keyring:|kms:|ENC\[|ENC\(|\{cipher\}|process\.env|os\.|var\.|local\.|data\.|each\.|self\.|this\.|config\.|params?\.)` +
		`|secrets\.\w|\$\{[^{}]*\}|\$\([^()]*\)|\{\{.*\}\}|\{\{ |<%|#\{\w[^{}]*\}|^!(?:[Rr]ef|Sub|GetAtt|secret|vault|env|include|ImportValue|!)\b|^\$[A-Za-z_]+$|^\$[A-Z_][A-Z0-9_]{2,}(?:$|\W)|^%\w+%$|^%[-+#0-9.]*[a-zA-Z]$|^[@:][A-Za-z_]+\d?$` +
		`|^<[\w .:/|-]*>$|^\[[\w .:/|-]*\]$|^\{[\w .:/-]*\}$|xxx|XXX|\*\*\*|EXAMPLE|^\W+$` +
		`|^[a-z][a-z0-9+-]*://[\w./-]*$|(?:^|\|)(?:required|nullable|sometimes|confirmed|string)\||\|(?:min|max|between):\d` +
		`|\[\^|\(\?[:PiU<]|\\[wWsSdD][+*{)]|\.[*+](?:\$?$|\))` +
		`|^[&*]\w+$|^[|>][-+0-9]*$|^[0-9.]{1,5}$|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^0x[0-9a-fA-F]{1,4}$`)
)

// isReference reports whether a value says where one is, or stands for one.
func isReference(value string) bool {
	return reference.In(value) || strings.Contains(value, "…")
}

// isKebab reports whether a value is the name of a thing, words and numbers with
// something between: my-db-secret-2, app_password, v1.2.3, 12:30.
func isKebab(value string) bool {
	if n := len(value); n > 0 && strings.IndexByte(".:,", value[n-1]) >= 0 {
		value = value[:n-1]
	}
	letters, digits, first, version := 0, 0, true, false // of the word
	isWord := func() bool {
		switch {
		case letters >= 2:
			return digits <= 3
		case letters == 1:
			return !first && digits == 0 || version && 1 <= digits && digits <= 4
		}
		return 1 <= digits && digits <= 4
	}
	for _, r := range value {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case unicode.IsLetter(r):
			if letters++; digits > 0 {
				return false
			}
			version = r|0x20 == 'v'
		case r < utf8.RuneSelf && strings.IndexByte("-_./: ", byte(r)) >= 0:
			if !isWord() {
				return false
			}
			letters, digits, first = 0, 0, false
		default:
			return false
		}
	}
	return isWord()
}
