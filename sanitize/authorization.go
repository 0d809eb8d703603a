package sanitize

import (
	"encoding/base64"
	"strings"

	"aegis/sanitize/leaks"
)

// authorizationHeader is the rule of what HTTP's Authorization carries.
const authorizationHeader = "authorization-header"

// authorizations finds the credentials of an Authorization header as a
// protocol, a command line, a configuration or a program writes it: the word,
// something that assigns, a scheme (token, bearer or basic) and the value. What
// stands for a value in manuals is none: "<token>", "$TOKEN", "YOUR_TOKEN".
func authorizations(w *leaks.Work, text string) []leaks.Finding {
	const word, z = "authorization", 7 // its one rare letter, and where that is
	var found []leaks.Finding
	for _, rare := range []byte{'z', 'Z'} {
		var last leaks.Span // the value before: such words may be in it
		done := 0           // the end of what was found in other schemes
		for at := 0; ; {
			i := strings.IndexByte(text[at:], rare)
			if i < 0 {
				break
			}
			at += i + 1
			begin, after := at-1-z, at-1-z+len(word)
			if begin < 0 || after > len(text) || text[begin]|0x20 != word[0] || !strings.EqualFold(text[begin:after], word) {
				continue
			}
			if !w.Spend(workOfName) {
				return found
			}
			if start, end := authorizationAt(text, after, &last); end > start {
				found = append(found, ruleFinding(authorizationHeader, start, end))
			} else if after >= done {
				found, done = otherAuthorization(text, after, found)
			}
		}
	}
	return found
}

// authorizationBetween is what stands between the word and what it carries.
var authorizationBetween = leaks.NewPattern(`^(?:\\*["'\x60])?[ \t]*[:=,][ \t]*(?:\\*["'\x60])?[ \t]*`)

// otherAuthorization adds what looks random in a header of another scheme, or of
// none: "ApiKey …", "Digest …, response=…", "AWS4-HMAC-SHA256 …, Signature=…". It
// returns where the last of it ends, 0 if there is none.
func otherAuthorization(text string, i int, found []leaks.Finding) (all []leaks.Finding, last int) {
	window := text[i:min(len(text), i+1024)]
	between := authorizationBetween.Prefix(window[:min(len(window), 16)])
	if between < 0 {
		return found, 0
	}
	stops := "`<>{}()$"
	if strings.ContainsAny(window[:between], "\"'") {
		stops += "\"'"
	}
	i += between
	end := untilLine(text, i, stops)
	for i < end {
		from := i
		for i < end && isToken[text[i]] {
			i++
		}
		// The name of a parameter ends in the sign that also pads base64.
		word := strings.TrimLeft(text[from:i], "=")
		if len(word) >= leastBearer {
			if name, value, ok := strings.Cut(word, "="); ok && strings.Trim(value, "=") != "" {
				word = word[len(name)+1:]
			}
		}
		if isBearer(word) && !isKebab(word) && strings.Count(word, "/") < 3 {
			start := i - len(word)
			for i < len(text) && isToken[text[i]] { // it may be longer than what is looked at
				i++
			}
			found, last = append(found, ruleFinding(authorizationHeader, start, i)), i
		}
		if i == from {
			i++
		}
	}
	return found, last
}

// authorizationAt returns where the value after the word is that ends at offset
// i; an empty span if there is none. Last is the longest value that was looked at
// before: a value in it that is one of a bearer is part of one, or of none.
func authorizationAt(text string, i int, last *leaks.Span) (start, end int) {
	assigned := false
	for limit := i + 12; i < len(text) && i < limit; i++ {
		switch b := text[i]; b {
		case ':', '=', ',':
			assigned = true
			continue
		case '"', '\'', '`', '\\', '>', '(', '[', ' ', '\t':
			continue
		}
		break
	}
	scheme := i
	for i < len(text) && i-scheme < 8 && isAlphanumeric[text[i]] {
		i++
	}
	name := strings.ToLower(text[scheme:i])
	start = i
	for start < len(text) && start-i < 4 && (text[start] == ' ' || text[start] == '\t' || text[start] == '+') {
		start++
	}
	if !assigned || start == i {
		return 0, 0
	}
	if name != "basic" && name != "token" && name != "bearer" {
		return 0, 0
	}
	within := start < last.End
	if !within {
		end = start
		for end < len(text) && (isBase64(text[end]) || text[end] == '.' || text[end] == '~' || text[end] == '=') {
			end++
		}
		*last = leaks.Span{Start: start, End: end}
	}
	end = last.End
	switch name {
	case "basic":
		if !isBasic(text[start:end]) {
			return 0, 0
		}
	case "token", "bearer":
		if within || !isBearer(text[start:end]) {
			return 0, 0
		}
	default:
		return 0, 0
	}
	return start, end
}

// isBasic reports whether value is the base64 of a name and a password.
func isBasic(value string) bool {
	// What is no base64 from its middle on is not decoded up to there.
	n := 0
	for n < len(value) && isKeyByte[value[n]] && value[n] != '=' {
		n++
	}
	if strings.TrimLeft(value[n:], "=") != "" {
		return false
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "="))
	if err != nil {
		return false
	}
	_, password, ok := strings.Cut(string(decoded), ":")
	return ok && !placeholder(password)
}

// leastBearer is the length of the shortest value that looks random, in bytes.
const leastBearer = 16

// isBearer reports whether value is random, and not a word for what is.
func isBearer(value string) bool {
	if len(value) < leastBearer {
		return false
	}
	var t tally
	for i := range len(value) {
		t.add(value[i])
	}
	switch {
	case t.n < leastBearer || !varied(value):
		return false
	case t.digits == 0:
		return t.n >= 32 && t.upper > 0 && t.lower > 0
	}
	return t.upper+t.lower > 0
}
