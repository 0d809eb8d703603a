package sanitize

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// moduleLine is a line of go.sum up to its hash: a module's path, a version, and
// whether the hash is of its go.mod alone. In a diff a sign stands before it.
var moduleLine = leaks.NewPattern(`^[+-]?[ \t]{0,8}[a-z0-9][a-z0-9.-]*\.[a-z]{2,}(?:/[A-Za-z0-9._~!-]+)* v\d+\.\d+\.\d+[0-9A-Za-z.+-]*(?:/go\.mod)? h1:$`)

const (
	checksumLength = 44  // base64 of a SHA-256
	maxModuleLine  = 400 // bytes before the hash
)

// withoutChecksums drops findings that are the hash of a line of go.sum. To rules
// that go by a name, a module called key or token makes a secret of its checksum.
//
// This is an exception by content, and the only one: the line is nothing but a
// module, a version and a hash, and the hash decodes to 32 bytes that are no text.
// What a rule finds in the path, in the version, or in the hash without the help of
// a name before it, stays a finding.
func withoutChecksums(text string, found []leaks.Finding) []leaks.Finding {
	return slices.DeleteFunc(found, func(f leaks.Finding) bool {
		if f.Rule == ownCredential || f.Start >= f.End || f.End-f.Start > checksumLength+len("h1:") {
			return false
		}
		from := max(0, f.Start-checksumLength)
		i := strings.LastIndex(text[from:min(len(text), f.Start+len("h1:"))], " h1:")
		if i < 0 {
			return false
		}
		hash := from + i + len(" h1:")
		end := hash + checksumLength
		if f.Start < hash-len("h1:") || f.End > end || end > len(text) || !endsLine(text, end) || !isChecksum(text[hash:end]) {
			return false
		}
		start := lineStart(text, hash)
		return start <= f.MatchStart && f.MatchStart < hash-len("h1:") && moduleLine.In(text[start:hash])
	})
}

// isChecksum reports whether s is the base64 of 32 bytes that nobody could read.
func isChecksum(s string) bool {
	var sum [33]byte
	n, err := base64.StdEncoding.Strict().Decode(sum[:], []byte(s))
	return err == nil && n == 32 && !utf8.Valid(sum[:n])
}

// lineStart returns where the line begins that offset i is in: after a line break,
// be it escaped, or the quote of a JSON string. It returns i if that is far away.
func lineStart(text string, i int) int {
	for j := i; i-j <= maxModuleLine; j-- {
		if j == 0 || text[j-1] == '\n' || text[j-1] == '"' || text[j-1] == 'n' && j > 1 && text[j-2] == '\\' {
			return j
		}
	}
	return i
}

// endsLine reports whether a line ends at offset i.
func endsLine(text string, i int) bool {
	rest := text[i:]
	return rest == "" || rest[0] == '\n' || rest[0] == '"' || strings.HasPrefix(rest, "\r\n") ||
		strings.HasPrefix(rest, `\n`) || strings.HasPrefix(rest, `\r\n`)
}
