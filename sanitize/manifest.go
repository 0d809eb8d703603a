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
	// secretData is the line, or the member, after which the entries are.
	secretData = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^[+ -]?([ \t]*)["']?(?:data|stringData)["']?[ \t]*:[ \t]*$|"(?:data|stringData)"\s*:\s*\{`)
	})
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
	done := start // what follows was read
	for _, m := range secretData().FindAllStringSubmatchIndex(text[start:end], -1) {
		after := start + m[1]
		if start+m[0] < done {
			continue
		}
		if m[2] < 0 {
			closing := nextBrace(text[after:end])
			done = after + closing
			for _, e := range jsonEntry().FindAllStringSubmatchIndex(text[after:after+closing], -1) {
				found = entry(text, after+e[2], after+e[3], found)
			}
			continue
		}
		indent := m[3] - m[2]
		for i := after; i < end; {
			i++ // the line break
			stop := end
			if n := strings.IndexByte(text[min(i, end):end], '\n'); n >= 0 {
				stop = i + n
			}
			line := strings.TrimRight(text[min(i, stop):stop], "\r")
			from := i
			if line != "" && strings.IndexByte("+- ", line[0]) >= 0 && strings.HasPrefix(text[start+m[0]:], "+") || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
				line, from = line[1:], from+1
			}
			content := strings.TrimLeft(line, " \t")
			depth := len(line) - len(content)
			if content != "" && depth <= indent && !strings.HasPrefix(content, "#") {
				break
			}
			from += depth
			if begin := manifestEntry.Prefix(content); begin >= 0 {
				found = entry(text, from+begin, from+len(content), found)
			} else if content != "" {
				found = entry(text, from, from+len(content), found) // of a block
			}
			i, done = stop, stop
		}
	}
	return found
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
