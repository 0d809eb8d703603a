package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// maxNamedValue bounds a value, in bytes.
const maxNamedValue = 512

// A namedValue is what stands where the value of a name does.
type namedValue struct {
	start, end int
	quoted     bool
	place      place
}

// A place says how surely what stands there is a setting's value.
type place uint8

const (
	inSetting place = iota // a file of settings, a command line, a query, an element
	inCode                 // a literal of a program, or of what could be one
	inProse
)

// afterName skips what closes a name: a quote, a bracket. It returns the quote.
func afterName(text string, i int) (after int, quote byte) {
	j := i
	for j < len(text) && text[j] == '\\' && j-i < maxEscaped {
		j++
	}
	if j < len(text) && (text[j] == '"' || text[j] == '\'' || text[j] == '`') {
		quote = text[j]
		i = j + 1
	}
	if i < len(text) && text[i] == ']' {
		i++
	}
	return i, quote
}

// assignedValue reads NAME = VALUE, NAME: VALUE, NAME => VALUE and the like.
func assignedValue(text string, n named) (namedValue, bool) {
	i, quote := afterName(text, n.end)
	i = skipBlank(text, i)
	if strings.HasPrefix(text[i:], "string=") || strings.HasPrefix(text[i:], "string =") { // C#, Go
		i = skipBlank(text, i+len("string"))
	}
	operator := i
	for i < len(text) && i-operator < 3 && strings.IndexByte(":=>?+", text[i]) >= 0 {
		i++
	}
	op := text[operator:i]
	if op == "" || op == ">" || op == "?" || op == "+" {
		return namedValue{}, false
	}
	i = skipBlank(text, i)
	if below := (namedValue{}); op == ":" && below.nextLine(text, n, i) {
		return below, true
	}
	if strings.HasPrefix(text[i:], "**") { // **name:** value
		i = skipBlank(text, i+len("**"))
	}
	v := namedValue{place: inCode}
	if v.quote(text, i) {
		if n.settingLine(text, v.end) || quote == 0 && op == "=" && i == operator+1 {
			v.place = inSetting
		}
		return v, v.end > v.start
	}
	v.start = i
	switch {
	case n.inQuery(text) && op == "=":
		v.place = inSetting
		v.end = until(text, i, "&#;\"'`<>()[]{}|,")
	case n.startsLine(text) && op != ":=":
		v.place = inSetting
		v.end = restOfLine(text, i)
	case n.inConnection(text, i) && op == "=":
		v.place = inSetting
		v.end = untilLine(text, i, ";\"'")
	case quote != 0:
		return v, v.otherwise(text) // `"password": variable`
	case op == "=":
		// logfmt, a command line
		v.end = until(text, i, "\"'`<>")
		v.end = i + nextMember(text[i:v.end]) // addr=:6379,password=X,db=0
	default:
		v.place = inProse
		v.end = until(text, i, "\"`<>|")
	}
	return v, v.end > v.start
}

// nextMember returns where in a value the next member of a list begins, the end if
// there is none.
func nextMember(value string) int {
	for i := 0; i < len(value); {
		start := i
		for i++; i < len(value) && isNameByte[value[i]]; {
			i++
		}
		if i > start+1 && i < len(value) && value[i] == '=' && strings.IndexByte(",;|&", value[start]) >= 0 {
			return start
		}
	}
	return len(value)
}

// listedValue reads define('NAME', 'VALUE'), a table's | NAME | VALUE | and cells of
// HTML.
func listedValue(text string, n named) (namedValue, bool) {
	i, quote := afterName(text, n.end)
	for i < len(text) && (text[i] == '*' || text[i] == '`' || text[i] == '"') { // **name**
		i++
	}
	i = skipBlank(text, i)
	if i >= len(text) || text[i] != ',' && text[i] != '|' {
		return namedValue{}, false
	}
	table := text[i] == '|'
	i = skipBlank(text, i+1)
	v := namedValue{place: inCode}
	for table && i < len(text) && text[i] == '*' {
		i++
	}
	if v.quote(text, i) {
		return v, v.end > v.start
	}
	if !table || quote != 0 && quote != '`' {
		return namedValue{}, false
	}
	v.quoted = true // a cell holds no code
	v.start, v.end = i, untilLine(text, i, "|")
	for v.end > v.start && (text[v.end-1] == ' ' || text[v.end-1] == '*') {
		v.end--
	}
	return v, v.end > v.start
}

var (
	// elementEnd is what stands between a name in XML or HTML and its value.
	elementEnd = leaks.NewPattern(`^(?:["'](?:\s+[\w:.-]+=(?:"[^"<>]*"|'[^'<>]*'))*)?(?:\s+[\w:.-]+=(?:"[^"<>]*"|'[^'<>]*'))*\s*>(?:<!\[CDATA\[)?|^(?:</[\w:.-]+>\s*)+(?:<[\w:.-]+(?:\s[^<>]{0,120})?>\s*)+(?:<!\[CDATA\[)?`)
	// pairBetween is what stands between a name and its value where both are values
	// themselves: name: NAME, value: VALUE.
	pairBetween = leaks.NewPattern(`^(?:\\*["'])?[\s,;]*(?:[\r\n]+[+ -]?)?[\s{]*(?:(?:type|description)\s*=\s*[^\n]{0,80}\n[+ -]?\s*)?(?:\\*["'])?(?i:value|default|defaultvalue|val)(?:\\*["'])?\s*[:=]\s*`)
)

// elementValue reads <NAME>VALUE</NAME>, <key>NAME</key><string>VALUE</string>.
func elementValue(text string, n named) (namedValue, bool) {
	if n.start == 0 || strings.IndexByte("<>:\"'", text[n.start-1]) < 0 {
		return namedValue{}, false
	}
	window := text[n.end:min(len(text), n.end+400)]
	if strings.IndexByte(window[:min(len(window), 200)], '>') < 0 {
		return namedValue{}, false
	}
	between := elementEnd.Prefix(window)
	if between < 0 || text[n.start-1] == ':' && strings.LastIndexByte(text[max(0, n.start-24):n.start], '<') < 0 {
		return namedValue{}, false
	}
	v := namedValue{start: n.end + between, quoted: true, place: inSetting}
	v.end = untilLine(text, v.start, "<")
	if v.end >= len(text) || text[v.end] != '<' {
		return namedValue{}, false
	}
	v.trim(text)
	return v, v.end > v.start
}

// pairedValue reads name: NAME, value: VALUE, in whatever notation.
func pairedValue(text string, n named) (namedValue, bool) {
	window := text[n.end:min(len(text), n.end+240)]
	if i := strings.IndexAny(window, "vVdD"); i < 0 {
		return namedValue{}, false
	}
	between := pairBetween.Prefix(window)
	if between < 0 {
		return namedValue{}, false
	}
	v := namedValue{place: inSetting}
	if i := n.end + between; !v.quote(text, i) {
		v.start, v.end = i, restOfLine(text, i)
	}
	return v, v.end > v.start
}

// proseIs is what stands between a name in prose and its value.
var proseIs = leaks.NewPattern(`^["'\x60*_]{0,3}(?: (?:for|of|on|at|to) [\w.@/"'\x60 -]{1,60}?)?(?: (?:is|was|ist|remains|stays|would be|should be|must be)(?: now| still| currently)?:?| (?:has been |was |is )?(?:set|changed|reset) to:?| \(|:|=)\s{1,2}?[*_]{0,3}`)

// proseValue reads "the NAME for the database is VALUE".
func proseValue(text string, n named) (namedValue, bool) {
	window := text[n.end:min(len(text), n.end+160)]
	if window == "" || strings.IndexByte(" \"'`*_:=", window[0]) < 0 {
		return namedValue{}, false
	}
	between := proseIs.Prefix(window)
	if between < 0 {
		return namedValue{}, false
	}
	v := namedValue{place: inProse}
	if i := n.end + between; !v.quote(text, i) {
		v.start, v.end = i, until(text, i, "\"`<>|")
	}
	return v, v.end > v.start
}
