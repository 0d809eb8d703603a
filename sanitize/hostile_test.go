package sanitize

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// hostile texts are made to be slow: each repeats what some step looks for.
var hostile = map[string]func(n int) string{
	"keywords":             fill("key"),
	"keywords apart":       fill("key token secret "),
	"all of a sort":        fill("twitter=facebook:discord,"),
	"assignments":          fill("key="),
	"values":               fill("key=abcdefgh12345678 "),
	"secrets":              fill("api_key='kQ7vZ2mW4xL9pR3tB8nY'\n"),
	"one line of secrets":  fill("api_key='kQ7vZ2mW4xL9pR3tB8nY' "),
	"equals":               fill("="),
	"quotes":               fill(`"'`),
	"jwt begins":           fill("-eyAAAAAAAAAAAAAAAAAA.eyAAAAAAAAAAAAAAAAAAAA/"),
	"curl":                 fill("curl -u "),
	"curl with quotes":     fill(`curl -H "Authorization: `),
	"curl lines":           fill("curl a\n-u b:c "),
	"key begins":           fill("-----BEGIN PRIVATE KEY-----\n"),
	"key ends":             fill("-----END PRIVATE KEY-----\n"),
	"key begins, one line": fill("-----BEGIN PRIVATE KEY-----"),
	"dashes":               fill("-"),
	"kubernetes":           fill("kind: secret data: a: "),
	"kubernetes far":       fill("data:\n kind: secret\n"),
	"hex ids":              fill("sourcegraph 3ad5a2d0c8b7f61e94d2a5b3c6e7f8091a2b3c4 "),
	"digits":               fill("facebook 123456789012345|"),
	"percent":              fill("%41"),
	"percent lines":        fill("%41 x\n"),
	"escapes":              fill(`\u0041`),
	"backslashes":          fill(`\`),
	"code points":          fill("U+0041 "),
	"ampersands":           fill("&"),
	"entities":             fill("&#65"),
	"own credential begun": fill(own[:len(own)-1]),
	"zero width":           fill("k\u200bey"),
	"tags":                 fill("\U000e0041"),
	"comments":             fill("<!--"),
	"comments ended":       fill("<!---->"),
	"markers":              fill("[redacted:generic-api-key]"),
	"brackets":             fill("[redacted:"),
	"escape characters":    fill("\x1b["),
	"spaces":               fill(" "),
	"newlines":             fill("\n"),
	"k of Kelvin":          fill("\u212aey=\u017fecret "),
	"nested base64": func(n int) string {
		text := "key=" + strings.Repeat("A1b2", n/8)
		for range 5 {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		return text[:min(n, len(text))/4*4]
	},
}

func fill(s string) func(int) string {
	return func(n int) string { return strings.Repeat(s, n/len(s)+1)[:n] }
}

// Time grows no faster than a text does, whatever the text: four times the
// text, at most some six times the time.
func TestHostileTextsTakeLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	s := scrubber(t, own)
	const small = 1 << 16
	for name, make := range hostile {
		took := func(n int) time.Duration {
			text := make(n)
			best := time.Hour // others use the machine, too
			for range 3 {
				begin := time.Now()
				s.Text(text, TextOptions{})
				best = min(best, time.Since(begin))
			}
			return best
		}
		one, four := took(small), took(4*small)
		t.Logf("%-22s %8.1f ms a megabyte", name, float64(four.Microseconds())/1000*4)
		if four > 12*one+100*time.Millisecond {
			t.Errorf("%s: %v for 64 KiB, %v for 256 KiB", name, one, four)
		}
	}
}

func TestHostileTextsAreScrubbed(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	for name, make := range hostile {
		text := make(4000)
		if got, _ := s.Text(text, TextOptions{}); strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("%s: line breaks were not kept", name)
		}
		if _, _, err := s.JSON(map[string]string{"token": text}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
