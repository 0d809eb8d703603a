package sanitize

import "strings"

// wrappedLine is the length from which a line without a gap is taken for one of
// several that a long value was wrapped into.
const wrappedLine = 40

// brokenLine returns where a token goes on that the line break at offset i, of
// which a character of the token stands before, has broken: after the sign of a
// diff; and, if the line is a long one, after what quotes, comments and
// indents begin lines with. It returns i if the token ends here.
func brokenLine(text string, i int) int {
	j := i + 1
	if text[i] == '\r' {
		if !strings.HasPrefix(text[j:], "\n") {
			return i
		}
		j++
	}
	if j == len(text) {
		return i
	}
	start := i
	for start > 0 && i-start < 80 && isBase64(text[start-1]) {
		start--
	}
	long := i-start >= wrappedLine
	sign := text[j]
	if (sign == '+' || sign == '-') && j+1 < len(text) && text[j+1] != sign {
		// Such a sign may be a character of base64, too.
		alone := start == 0 || text[start-1] == '\n'
		signed := alone && start < i && text[start] == sign
		if !long || signed || !alone || i-start != 64 && i-start != 76 {
			if isToken[text[j+1]] && !strings.HasPrefix(text[j+1:], "--") {
				return j + 1
			}
			if !long {
				return i
			}
			j++
		}
	}
	if !long {
		return i
	}
	begin := j
	for j < len(text) && j-begin < 24 && (text[j] == ' ' || text[j] == '\t' || strings.IndexByte(">*#|;", text[j]) >= 0 ||
		strings.HasPrefix(text[j:], "//") || text[j] == '/' && j > begin && text[j-1] == '/') {
		j++
	}
	// What goes on goes on to the end of its line.
	end := j
	for end < len(text) && end-j < 4096 && isKeyByte[text[end]] || end < len(text) && (text[end] == '-' || text[end] == '_') {
		end++
	}
	if end == j || end < len(text) && !atLineEnd(text, end) {
		return i
	}
	return j
}
