package sanitize

import (
	"bytes"
	"encoding/base64"
	"math"
	"strings"

	"aegis/sanitize/leaks"
)

// leastKeyLines is how many lines in a row are taken for the midst of a key: fewer
// are a signature, a hash or a short value that was wrapped.
const leastKeyLines = 3

// keyLines finds the midst of private keys: what a hunk of a diff or a cut shows of
// a PEM body without its begin and end. It is lines of one of the lengths that keys
// are written in, of base64, one after the other behind the same sign, and they
// decode to what looks random throughout.
//
// Certificates, public keys and signatures say what they are in words, or before
// their first line; what a header calls an attachment and what begins as an image
// or an archive does is none either.
func keyLines(text string) []leaks.Finding {
	var found []leaks.Finding
	var armour publicArmour
	var run keyRun
	flush := func(closing string) {
		if run.lines >= leastKeyLines && !armour.around(text, run.start) && !strings.Contains(closing, "-----END") && run.random() {
			found = append(found, ruleFinding(privateKey, run.start, run.end))
		}
		run = keyRun{}
	}
	for i, n := 0, 0; i < len(text); i = n + 1 {
		n = len(text)
		if j := strings.IndexByte(text[i:], '\n'); j >= 0 {
			n = i + j
		}
		if run.lines == 0 && (n-i < 64 || n-i > 120) {
			continue
		}
		line := text[i:n]
		from, to := keyLine(line, run.width)
		switch {
		case to-from > 0 && (run.lines == 0 || to-from == run.width):
			if run.lines == 0 {
				run = keyRun{start: i + from, width: to - from, before: text[max(0, i-240):i]}
			}
			run.add(line[from:to], i+to)
		case run.lines > 0:
			if from, to = lastKeyLine(line, run.width); to > from {
				run.add(line[from:to], i+to)
				continue // what closes it stands on the next line
			}
			flush(line)
		}
	}
	flush("")
	return found
}

// A publicArmour knows what armour a text has up to an offset.
type publicArmour struct {
	read int
	open bool // of something that is no private key
}

// around reports whether offset i is in the armour of something public. Offsets
// come in order.
func (a *publicArmour) around(text string, i int) bool {
	for {
		j := strings.Index(text[a.read:i], "-----")
		if j < 0 {
			// A new hunk is another place.
			a.open = a.open && !strings.Contains(text[a.read:i], "\n@@ ")
			a.read = i
			return a.open
		}
		a.read += j + len("-----")
		line := text[a.read:min(len(text), a.read+80)]
		if end := strings.IndexByte(line, '\n'); end >= 0 {
			line = line[:end]
		}
		if strings.HasPrefix(line, "BEGIN ") {
			a.open = !strings.Contains(line, "PRIVATE KEY")
		} else if strings.HasPrefix(line, "END ") {
			a.open = false
		}
		a.read = min(a.read, i)
	}
}

// A keyRun is lines in a row that could be a key's.
type keyRun struct {
	start, end   int
	width, lines int
	body         []byte
	before       string // what stands before the first line
}

func (r *keyRun) add(line string, end int) {
	r.lines++
	r.end = end
	if len(r.body) < 4096 { // enough to judge by
		r.body = append(r.body, line...)
	}
}

// keyLine returns where in a line the base64 of a key is: all of it but for a sign
// of a diff, an indent, a quote or a comment. Of several widths width is meant, if
// it is not 0.
func keyLine(line string, width int) (from, to int) {
	to = len(line)
	if to < 64 || to > 120 {
		return 0, 0
	}
	if to == width && line[0] != '+' && line[0] != '-' && keyBytes(line) == to {
		return 0, to // as nearly all lines of one run are
	}
	to -= len(line) - len(strings.TrimRight(line, " \t\r\\\"',;"))
	for from < to && from < 24 && strings.IndexByte(" \t>|#*\"'`", line[from]) >= 0 {
		from++
	}
	n := to - from
	if from == 0 && (n == 65 || n == 71 || n == 77) && (line[0] == '+' || line[0] == '-') {
		from, n = 1, n-1
	} else if n > 0 && (line[0] == '+' || line[0] == '-') {
		for from = 1; from < to && from < 24 && strings.IndexByte(" \t>|#*\"'`", line[from]) >= 0; {
			from++
		}
		n = to - from
	}
	if n != 64 && n != 70 && n != 76 || width != 0 && n != width {
		return 0, 0
	}
	if keyBytes(line[from:to]) < n {
		return 0, 0
	}
	return from, to
}

// keyBytes returns how many characters of base64 s begins with, without padding.
func keyBytes(s string) int {
	n := 0
	for n < len(s) && isKeyByte[s[n]] && s[n] != '=' {
		n++
	}
	return n
}

// lastKeyLine is keyLine of the shorter line that a run may end with.
func lastKeyLine(line string, width int) (from, to int) {
	to = len(strings.TrimRight(line, " \t\r\\\"',;"))
	for from < to && from < 24 && strings.IndexByte("+- \t>|#*\"'`", line[from]) >= 0 {
		from++
	}
	if to-from >= width || to-from < 4 {
		return 0, 0
	}
	for i := from; i < to; i++ {
		if !isKeyByte[line[i]] {
			return 0, 0
		}
	}
	return from, to
}

// leastWords is how many printable characters in a row random bytes hardly have,
// and a certificate, a program or a picture's header has.
const leastWords = 11

// random reports whether what the lines decode to is a key's: bytes that tell
// nothing, without words.
func (r *keyRun) random() bool {
	for _, hint := range []string{"data:", "ncoding: base64", "ncoding:base64", "CERTIFICATE", "PUBLIC KEY", "SIGNATURE", "certificate-authority", "tls.crt", "ssh-rsa ",
		"H4sI", "iVBORw", "/9j/", "R0lGOD", "UEsDB", "JVBERi", "f0VMRg", "d09GR", "QlpoO"} { // the first letters of archives and images
		if strings.Contains(r.before, hint) {
			return false
		}
	}
	// Where lines begin groups of four characters begin, or two characters after.
	body := bytes.TrimRight(r.body, "=")
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(body)))
	n, err := base64.RawStdEncoding.Decode(raw, body[:len(body)/4*4])
	if err != nil {
		return false
	}
	raw = raw[:n]
	for _, magic := range []string{"\x89PNG", "\xff\xd8\xff", "GIF8", "\x1f\x8b", "PK\x03\x04", "%PDF", "\x7fELF", "wOF", "BZh", "\xfd7zXZ", "RIFF"} {
		if bytes.HasPrefix(raw, []byte(magic)) {
			return false
		}
	}
	words, seen, distinct := 0, [256]bool{}, 0
	for _, b := range raw {
		if !seen[b] {
			seen[b] = true
			distinct++
		}
		if b < ' ' || b > '~' {
			words = 0
			continue
		}
		if words++; words >= leastWords {
			return bytes.Contains(raw, []byte("openssh")) || bytes.Contains(raw, []byte("ssh-"))
		}
	}
	expected := 256 * (1 - math.Exp(-float64(len(raw))/256))
	return float64(distinct) > 0.85*expected
}
