package sanitize

import (
	"regexp"
	"strings"
	"sync"

	"aegis/sanitize/leaks"
)

// kubernetesSecret is the rule of the entries of a Kubernetes Secret. gitleaks has
// one for the first few.
const kubernetesSecret = "kubernetes-secret-entry"

// maxManifest is how far the entries of a manifest may be from its kind, in bytes.
const maxManifest = 64 << 10

var (
	secretKind = leaks.NewPattern(`(?:^|[\s{,+-])["']?kind["']?[ \t]*:[ \t]*["']?$`)
	// manifestEntry is what an entry on a line of its own begins with.
	manifestEntry = leaks.NewPattern(`^["']?[\w.-]+["']?[ \t]*:[ \t]*`)
	jsonEntry     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"[\w.-]+"\s*:\s*"((?:[^"\\\n]|\\.)*)"`) })
)

// manifests finds what Kubernetes Secrets hold, each entry of data and stringData,
// in YAML, in JSON and in a diff of either.
func manifests(text string) []leaks.Finding {
	var found []leaks.Finding
	done := 0 // the end of the manifest before
	for at := 0; ; {
		i := strings.Index(text[at:], "Secret")
		if i < 0 {
			return found
		}
		begin := at + i
		at = begin + len("Secret")
		if at < len(text) && isNameByte[text[at]] || !secretKind.In(text[max(0, begin-32):begin]) {
			continue
		}
		start, end := max(done, begin-maxManifest), min(len(text), at+maxManifest)
		if i := strings.LastIndex(text[start:begin], "\n---"); i >= 0 {
			start += i + 1
		}
		if i := strings.Index(text[at:end], "\n---"); i >= 0 {
			end = at + i
		}
		found = entriesOf(text, start, end, found)
		at, done = end, end
	}
}

// entriesOf adds the entries of a manifest.
func entriesOf(text string, start, end int, found []leaks.Finding) []leaks.Finding {
	for at := start; ; {
		data, ok := nextData(text[:end], at, start)
		if !ok {
			return found
		}
		after := data.end
		at = after
		if data.braces {
			closing := nextBrace(text[after:end])
			at = after + closing
			for _, e := range jsonEntry().FindAllStringSubmatchIndex(text[after:after+closing], -1) {
				found = entry(text, after+e[2], after+e[3], found)
			}
			continue
		}
		for i := after; i < end; {
			i++ // the line break
			stop := end
			if n := strings.IndexByte(text[min(i, end):end], '\n'); n >= 0 {
				stop = i + n
			}
			line := strings.TrimRight(text[min(i, stop):stop], "\r")
			from := i
			if line != "" && strings.IndexByte("+- ", line[0]) >= 0 && strings.HasPrefix(text[data.start:], "+") || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
				line, from = line[1:], from+1
			}
			content := strings.TrimLeft(line, " \t")
			depth := len(line) - len(content)
			if content != "" && depth <= data.indent && !strings.HasPrefix(content, "#") {
				break
			}
			from += depth
			if begin := manifestEntry.Prefix(content); begin >= 0 {
				found = entry(text, from+begin, from+len(content), found)
			} else if content != "" {
				found = entry(text, from, from+len(content), found) // of a block
			}
			i, at = stop, stop
		}
	}
}

// nextBrace returns where the next brace is that is in no string, the end if there is none.
func nextBrace(text string) int {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case b == '\n':
			quoted = false
		case !quoted && (b == '{' || b == '}'):
			return i
		}
	}
	return len(text)
}

// entry adds the value of an entry, without its quotes, if it is none that a
// template puts in and no sign of a block.
func entry(text string, start, end int, found []leaks.Finding) []leaks.Finding {
	if end-start >= 2 && (text[start] == '"' || text[start] == '\'') && text[end-1] == text[start] {
		start, end = start+1, end-1
	}
	value := text[start:end]
	if len(value) < 4 || strings.Contains(value, markerBegin) || strings.HasPrefix(value, "-----") || isReference(value) && !allDigits(value) || strings.TrimSpace(value) != value {
		return found
	}
	return append(found, ruleFinding(kubernetesSecret, start, end))
}

// A dataLine is where the member data or stringData of a manifest begins.
type dataLine struct {
	start, end int  // of the line up to its entries
	indent     int  // of its name
	braces     bool // the entries are in braces behind it, not on the lines below
}

// nextData returns the first such member from offset at on, in a text that begins at
// offset start.
func nextData(text string, at, start int) (dataLine, bool) {
	for from := at; ; {
		i := strings.Index(text[at:], "ata")
		if i < 0 {
			return dataLine{}, false
		}
		name := at + i
		at = name + len("ata")
		switch before := text[start:name]; {
		case strings.HasSuffix(before, "stringD"):
			name -= len("stringD")
		case strings.HasSuffix(before, "d"):
			name -= len("d")
		default:
			continue
		}
		if d, ok := dataAt(text, start, name, at); ok && d.start >= from {
			return d, true
		}
	}
}

// dataAt returns the member whose name is text[name:after].
func dataAt(text string, start, name, after int) (dataLine, bool) {
	quoted := after < len(text) && (text[after] == '"' || text[after] == '\'')
	line, i := name, after
	if quoted {
		i++
	}
	if line > start && (text[line-1] == '"' || text[line-1] == '\'') {
		line--
	}
	first := line
	for line > start && (text[line-1] == ' ' || text[line-1] == '\t') {
		line--
	}
	if line > start && (text[line-1] == '+' || text[line-1] == '-') { // of a diff
		line--
	}
	if end, ok := afterColon(text, i, " \t"); ok && (end == len(text) || text[end] == '\n') && (line == start || text[line-1] == '\n') {
		d := dataLine{start: line, end: end, indent: first - line}
		if d.indent > 0 && text[line] != '\t' {
			d.indent--
		}
		return d, true
	}
	if end, ok := afterColon(text, i, " \t\r\n"); ok && quoted && text[after] == '"' && end < len(text) && text[end] == '{' && name > start && text[name-1] == '"' {
		return dataLine{start: name - 1, end: end + 1, braces: true}, true
	}
	return dataLine{}, false
}

// afterColon skips a colon at offset i, and spaces on both sides.
func afterColon(text string, i int, spaces string) (after int, ok bool) {
	i = len(text) - len(strings.TrimLeft(text[i:], spaces))
	if i == len(text) || text[i] != ':' {
		return 0, false
	}
	i++
	return len(text) - len(strings.TrimLeft(text[i:], spaces)), true
}
