package sanitize

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// Wrap frames text as untrusted: a line "<<untrusted NONCE>>", the text, a line
// "<<end NONCE>>". The nonce is 24 hex digits, fresh and random for each call,
// so text that forges an end marker can't name the right one. A text that
// does not end in a line break gets one, so that each marker has its own line.
func Wrap(text string) (framed, nonce string) {
	var random [12]byte
	rand.Read(random[:]) // never fails: it ends the process instead
	nonce = hex.EncodeToString(random[:])
	var b strings.Builder
	b.Grow(len(text) + 72)
	b.WriteString("<<untrusted " + nonce + ">>\n")
	b.WriteString(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		b.WriteByte('\n')
	}
	b.WriteString("<<end " + nonce + ">>\n")
	return b.String(), nonce
}

// Unwrap returns what [Wrap] has framed, with the line break at its end; false for a text that it
// has not. It is for who reads an answer as a program does.
func Unwrap(framed string) (text string, ok bool) {
	begin, rest, _ := strings.Cut(framed, "\n")
	nonce, ok := strings.CutPrefix(begin, "<<untrusted ")
	if !ok || nonce == "" {
		return "", false
	}
	text, ok = strings.CutSuffix(rest, "<<end "+nonce+"\n")
	return text, ok && (text == "" || strings.HasSuffix(text, "\n"))
}
