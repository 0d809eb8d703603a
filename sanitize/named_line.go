package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// quote makes the value what stands between quotes at offset i, and reports whether
// there is a quote.
func (v *namedValue) quote(text string, i int) bool {
	if i+1 < len(text) && strings.IndexByte("brufBRUFN@L$", text[i]) >= 0 && strings.IndexByte("\"'`", text[i+1]) >= 0 {
		i++ // of a string literal
	}
	j := i
	for j < len(text) && text[j] == '\\' && j-i < maxEscaped {
		j++
	}
	if j >= len(text) {
		return false
	}
	end := ""
	switch {
	case i == j && (strings.HasPrefix(text[i:], `"""`) || strings.HasPrefix(text[i:], "'''")):
		end = text[i : i+3]
		v.start = i + 3
	case text[j] == '"' || text[j] == '\'' || text[j] == '`':
		end = text[i : j+1]
		v.start = j + 1
	case j == i && strings.HasPrefix(text[i:], "\u201c"):
		end, v.start = "\u201d", i+len("\u201c")
	case j == i && strings.HasPrefix(text[i:], "\u2018"):
		end, v.start = "\u2019", i+len("\u2018")
	default:
		return false
	}
	v.quoted = true
	limit := min(len(text), v.start+maxNamedValue)
	for v.end = v.start; v.end < limit && text[v.end] != '\n'; v.end++ {
		if text[v.end] == '\\' && len(end) == 1 && end != "`" && !(end == "'" && endsString(text, v.end+1)) {
			v.end++ // what it escapes
			continue
		}
		if end == "'" && v.end > v.start && strings.HasPrefix(text[v.end:], "''") {
			v.end++ // as YAML and SQL write one
			continue
		}
		if strings.HasPrefix(text[v.end:], end) {
			return true
		}
	}
	v.end = v.start // it does not end
	return true
}

// endsString reports whether a single quote at offset i ends a string, though a
// backslash stands before it: in a shell and in YAML it does.
func endsString(text string, i int) bool {
	return i < len(text) && text[i] == '\'' && (i+1 == len(text) || isSpace(text[i+1]) || strings.IndexByte(",;)}]", text[i+1]) >= 0)
}

func (v *namedValue) trim(text string) {
	for v.start < v.end && isSpace(text[v.start]) {
		v.start++
	}
	for v.end > v.start && isSpace(text[v.end-1]) {
		v.end--
	}
}

func skipBlank(text string, i int) int {
	for limit := i + 40; i < len(text) && i < limit && (text[i] == ' ' || text[i] == '\t'); {
		i++
	}
	return i
}

// until returns the end of the word at offset i: white space, the escape of a line
// break, or one of the characters.
func until(text string, i int, stops string) int {
	return untilAny(text, i, stops+" \t\n\v\f\r")
}

// untilLine is until, of a value that may have blanks.
func untilLine(text string, i int, stops string) int {
	return untilAny(text, i, stops+"\n\r")
}

func untilAny(text string, i int, stops string) int {
	limit := max(i, min(len(text), i+maxNamedValue))
	for i < limit {
		n := strings.IndexAny(text[i:limit], stops+"\\")
		if n < 0 {
			return limit
		}
		if i += n; text[i] != '\\' || breaksLine(text, i) {
			return i
		}
		i++
	}
	return i
}

// breaksLine reports whether a line break is escaped at offset i, as in JSON.
func breaksLine(text string, i int) bool {
	return text[i] == '\\' && i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 'r' || text[i+1] == '"')
}

// restOfLine returns the end of an unquoted value that ends with its line, without
// a comment or what ends a statement.
func restOfLine(text string, i int) int {
	end := untilLine(text, i, "")
	if c := strings.Index(text[i:end], " #"); c >= 0 {
		end = i + c
	}
	for end > i && (text[end-1] == ' ' || text[end-1] == '\t') {
		end--
	}
	if end > i+1 && strings.IndexByte(",;", text[end-1]) >= 0 {
		end--
	}
	return end
}

// linePrefix is what may stand before a name in a line that is a setting.
var linePrefix = leaks.NewPattern(`^(?:[+-](?:[ \t]|\b|$))?[ \t]*(?:(?:#|//|;{1,2}|--|>)[ \t]*)?(?:-[ \t]+)?(?:(?:export|set|SET|ENV|ARG|setx|env|-D|-e|-x|--env|local|declare -x|\$env:|let|\{)[ \t]*)?["']?\$?$`)

// startsLine reports whether a line begins with the name, but for what may stand
// before a setting.
func (n named) startsLine(text string) bool {
	i := n.start
	for n.start-i < 80 && i > 0 && text[i-1] != '\n' && !(i > 1 && text[i-1] == 'n' && text[i-2] == '\\') {
		i--
	}
	return linePrefix.In(text[i:n.start])
}

// settingLine reports whether the line of the name is that of a file of settings:
// it begins with the name, and what follows the value ends it.
func (n named) settingLine(text string, end int) bool {
	for end < len(text) && strings.IndexByte("\"'`", text[end]) >= 0 {
		end++
	}
	return n.startsLine(text) && endsLine(text, end)
}

// inQuery reports whether the name is that of a member of a query.
func (n named) inQuery(text string) bool {
	return n.start > 0 && (text[n.start-1] == '?' || text[n.start-1] == '&' || strings.HasSuffix(text[:n.start], `\u0026`))
}

// inConnection reports whether the name is that of a member of a connection
// string: a semicolon stands before it, or after its value.
func (n named) inConnection(text string, i int) bool {
	before := strings.TrimRight(text[max(0, n.start-40):n.start], " ")
	if strings.HasSuffix(before, ";") && strings.Contains(before, "=") {
		return true
	}
	rest := text[i:untilLine(text, i, "\"'")]
	at := strings.IndexByte(rest, ';')
	return at > 0 && strings.IndexByte(rest[at:], '=') > 0
}

// nextLine makes the value the line below a name that ends its own: of a block, as the
// sign says that stands behind the name, or alone.
func (v *namedValue) nextLine(text string, n named, i int) bool {
	sign := i
	for i < len(text) && i-sign < 3 && strings.IndexByte("|>+-", text[i]) >= 0 {
		i++
	}
	block := i > sign && text[sign] != '-' && text[sign] != '+'
	if i > sign && !block || i+1 >= len(text) || text[i] != '\n' || !n.startsLine(text) {
		return false
	}
	v.start = i + 1
	v.end = untilLine(text, v.start, "")
	line := v.start
	v.trim(text)
	value := text[v.start:v.end]
	if v.start == line || strings.ContainsAny(value, " \t") || strings.HasSuffix(value, ":") || !block && isKebab(value) {
		return false
	}
	if v.place = inProse; block {
		v.place = inSetting
	}
	return v.end > v.start
}
