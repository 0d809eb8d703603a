package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

// privateKey is the rule of whole and of broken private keys.
const privateKey = "private-key"

// keyBlocks finds private keys in PEM and PGP armour of which the begin or the
// end is missing: a text that was cut, a log that wrapped. What has both ends is
// found by gitleaks' rule, too, but only if a certain length lies between.
//
// A block is a marker line and the lines of base64 that follow "-----BEGIN" or
// precede "-----END". Line breaks may be escaped (`\n`), lines quoted, indented
// or prefixed as in a diff. A marker alone, as source code mentions it, is no
// key.
func keyBlocks(text string) []leaks.Finding {
	var found []leaks.Finding
	taken := 0 // the end of the block before
	for at := 0; ; {
		i := strings.Index(text[at:], "-----")
		if i < 0 {
			return found
		}
		// The last five of more dashes may begin a marker.
		at += i + len("-----")
		for at < len(text) && text[at] == '-' {
			at++
		}
		m := markerAt(text, at)
		if m.end == 0 {
			continue
		}
		start, end := at-len("-----"), m.end
		if m.begins {
			end = bodyAfter(text, end)
		} else {
			start = taken + bodyBefore(text[taken:], start-taken)
		}
		if start < at-len("-----") || end > m.end {
			found = append(found, leaks.Finding{Rule: privateKey, Start: start, End: end, MatchStart: start, MatchEnd: end})
			taken = end
		}
		at = end
	}
}

// A marker is a line that begins or ends a private key.
type marker struct {
	begins bool
	end    int
}

// markerAt reads a marker of which the five dashes end at offset at; its end is
// 0 if there is none.
func markerAt(text string, at int) marker {
	rest := text[at:]
	rest = rest[:min(len(rest), 160)]
	var m marker
	switch {
	case hasPrefixFold(rest, "begin"):
		m.begins = true
	case hasPrefixFold(rest, "end"):
	default:
		return marker{}
	}
	stop := strings.Index(rest, "-----")
	if stop < 0 || !strings.Contains(strings.ToUpper(rest[:stop]), "PRIVATE KEY") {
		return marker{}
	}
	m.end = at + stop + len("-----")
	return m
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// Lines of a key are of this length, but for the last.
const longToken = 40

// bodyAfter returns the end of the key material that follows offset at, with
// its end marker if that is there; at, if there is none.
func bodyAfter(text string, at int) int {
	end, i, headers := at, at, 0
	for {
		i = skipBetween(text, i)
		if strings.HasPrefix(text[i:], "-----") {
			if m := markerAt(text, i+len("-----")); m.end > 0 && !m.begins && end > at {
				return m.end
			}
			return end
		}
		stop := i
		for stop < len(text) && isKeyByte[text[stop]] {
			stop++
		}
		switch {
		case stop-i >= longToken, end > at && stop > i && atLineEnd(text, stop):
			end, i = stop, stop
		case end == at && headers < 8 && armourHeader(text[i:]):
			// "Proc-Type: 4,ENCRYPTED", "Version: GnuPG v2": before the material
			headers++
			i += lineLength(text[i:])
		default:
			return end
		}
	}
}

// bodyBefore returns the begin of the key material that precedes offset at; at,
// if there is none.
func bodyBefore(text string, at int) int {
	start, i := at, at
	for first := true; ; first = false {
		i = skipBetweenBack(text, i)
		from := i
		for from > 0 && isKeyByte[text[from-1]] {
			from--
		}
		// `\n` before a line ends in a letter of base64's.
		if from > 0 && from < i && text[from-1] == '\\' && (text[from] == 'n' || text[from] == 'r') {
			from++
		}
		if i-from < longToken && !(first && i > from) {
			return start
		}
		if first && i-from < longToken {
			// The short last line counts only under a long one.
			before := skipBetweenBack(text, from)
			long := before
			for long > 0 && before-long < longToken && isKeyByte[text[long-1]] {
				long--
			}
			if before-long < longToken {
				return start
			}
		}
		start, i = from, from
	}
}

// skipBetween skips what stands between lines of a key.
func skipBetween(text string, i int) int {
	for i < len(text) {
		switch b := text[i]; {
		case isSpace(b), b == '"', b == '\'', b == ',', b == '>', b == '|', b == '#', b == '*', b == '`':
			i++
		case b == '+' && i > 0 && text[i-1] == '\n', b == '+' && i+1 < len(text) && text[i+1] == ' ':
			i++
		case b == '-' && i > 0 && text[i-1] == '\n' && !strings.HasPrefix(text[i:], "-----"):
			i++
		case b == '\\' && i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 'r' || text[i+1] == '\\' || text[i+1] == '\n'):
			i += 2
		default:
			return i
		}
	}
	return i
}

func skipBetweenBack(text string, i int) int {
	for i > 0 {
		switch b := text[i-1]; {
		case isSpace(b), b == '"', b == '\'', b == ',', b == '>', b == '|', b == '#', b == '*', b == '`', b == '-', b == '\\':
			i--
		case (b == 'n' || b == 'r') && i > 1 && text[i-2] == '\\':
			i -= 2
		case b == '+' && (i == 1 || text[i-2] == '\n'):
			i--
		default:
			return i
		}
	}
	return i
}

// atLineEnd reports whether a line, be its break escaped, ends at offset i.
func atLineEnd(text string, i int) bool {
	if i == len(text) {
		return true
	}
	switch text[i] {
	case '\n', '\r', '"', '\'', '`':
		return true
	case '\\':
		return i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 'r')
	}
	return strings.HasPrefix(text[i:], "-----")
}

// armourHeader reports whether text begins with a header of the armour.
func armourHeader(text string) bool {
	line := text[:lineLength(text)]
	name, _, ok := strings.Cut(line, ":")
	if !ok {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "proc-type", "dek-info", "version", "comment", "hash", "charset", "messageid":
		return true
	}
	return false
}

// lineLength returns the length of text's first line, to its break or to the
// escape of it, and at most 200.
func lineLength(text string) int {
	text = text[:min(len(text), 200)]
	n := strings.IndexByte(text, '\n')
	if n < 0 {
		n = len(text)
	}
	if escaped := strings.Index(text[:n], `\n`); escaped >= 0 {
		n = escaped
	}
	return n
}
