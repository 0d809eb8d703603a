package sanitize

import (
	"bytes"
	"compress/gzip"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// What a secret can be turned into so that the scrubber does not know it. It is
// not promised that these stay; it is promised that nobody believes otherwise. A
// row that fails has come within reach: move it to where it is promised.
func TestOutOfReach(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	var utf16 []byte
	for _, b := range []byte(githubPAT) {
		utf16 = binary.LittleEndian.AppendUint16(utf16, uint16(b))
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(githubPAT)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	xored := []byte(githubPAT)
	for i := range xored {
		xored[i] ^= 0x2a
	}
	deep := githubPAT
	for range 7 {
		deep = base64.StdEncoding.EncodeToString([]byte(deep))
	}
	half := len(githubPAT) / 2
	for name, text := range map[string]string{
		"ROT13": strings.Map(func(r rune) rune {
			switch {
			case 'a' <= r && r <= 'z':
				return 'a' + (r-'a'+13)%26
			case 'A' <= r && r <= 'Z':
				return 'A' + (r-'A'+13)%26
			}
			return r
		}, githubPAT),
		"reversed":                    reversed(githubPAT),
		"letters with spaces":         strings.Join(strings.Split(githubPAT, ""), " "),
		"first letters of words":      strings.Join(strings.Split(githubPAT, ""), "and "),
		"half of it":                  githubPAT[:half],
		"its other half":              githubPAT[half:],
		"halves in another order":     githubPAT[half:] + " comes after " + githubPAT[:half],
		"halves in two lines of text": githubPAT[:half] + "\nand then\n" + githubPAT[half:],
		"in a template":               githubPAT[:half] + "{{rest}}, rest = " + githubPAT[half:],
		"encrypted, say by XOR":       hex.EncodeToString(xored),
		"gzip":                        base64.StdEncoding.EncodeToString(zipped.Bytes()),
		"base32":                      base32.StdEncoding.EncodeToString([]byte(githubPAT)),
		"base64 of UTF-16":            base64.StdEncoding.EncodeToString(utf16),
		"base64 seven deep":           deep,
		"numbers of characters":       strings.Trim(strings.ReplaceAll(strings.Join(strings.Fields(numbers(githubPAT)), ", "), "\n", ""), ", "),
		"Greek and Cyrillic letters that look alike": strings.NewReplacer("A", "Α", "B", "Β", "E", "Ε", "a", "а", "p", "р").Replace(githubPAT),
	} {
		if got, report := s.Text(text, TextOptions{}); got != text {
			t.Errorf("%s is within reach: %q is %q, %v", name, text, got, report)
		}
	}
	// Each of two answers is clean, and together they are the secret.
	for _, part := range []string{githubPAT[:half], githubPAT[half:]} {
		if got, _, err := s.JSON(map[string]string{"body": part}); err != nil || !strings.Contains(string(got), part) {
			t.Errorf("half a secret in an answer of its own is within reach: %s, %v", got, err)
		}
	}
}

func numbers(text string) string {
	var fields []string
	for b := range slices.Values([]byte(text)) {
		fields = append(fields, string(rune('0'+b/100))+string(rune('0'+b/10%10))+string(rune('0'+b%10)))
	}
	return strings.Join(fields, " ")
}
