package sanitize

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// hostile texts are made to be slow: each repeats what some step looks for.
var hostile = map[string]func(n int) string{
	"keywords":               fill("key"),
	"keywords apart":         fill("key token secret "),
	"all of a sort":          fill("twitter=facebook:discord,"),
	"assignments":            fill("key="),
	"values":                 fill("key=abcdefgh12345678 "),
	"secrets":                fill("api_key='kQ7vZ2mW4xL9pR3tB8nY'\n"),
	"one line of secrets":    fill("api_key='kQ7vZ2mW4xL9pR3tB8nY' "),
	"equals":                 fill("="),
	"quotes":                 fill(`"'`),
	"jwt begins":             fill("-eyAAAAAAAAAAAAAAAAAA.eyAAAAAAAAAAAAAAAAAAAA/"),
	"curl":                   fill("curl -u "),
	"curl with quotes":       fill(`curl -H "Authorization: `),
	"curl lines":             fill("curl a\n-u b:c "),
	"key begins":             fill("-----BEGIN PRIVATE KEY-----\n"),
	"key ends":               fill("-----END PRIVATE KEY-----\n"),
	"key begins, one line":   fill("-----BEGIN PRIVATE KEY-----"),
	"dashes":                 fill("-"),
	"kubernetes":             fill("kind: secret data: a: "),
	"kubernetes far":         fill("data:\n kind: secret\n"),
	"hex ids":                fill("sourcegraph 3ad5a2d0c8b7f61e94d2a5b3c6e7f8091a2b3c4 "),
	"digits":                 fill("facebook 123456789012345|"),
	"percent":                fill("%41"),
	"percent lines":          fill("%41 x\n"),
	"lines of encoded space": fill("%20\n"),
	"escapes":                fill(`\u0041`),
	"backslashes":            fill(`\`),
	"code points":            fill("U+0041 "),
	"ampersands":             fill("&"),
	"entities":               fill("&#65"),
	"own credential begun":   fill(own[:len(own)-1]),
	"zero width":             fill("k\u200bey"),
	"tags":                   fill("\U000e0041"),
	"comments":               fill("<!--"),
	"comments ended":         fill("<!---->"),
	"markers":                fill("[redacted:generic-api-key]"),
	"brackets":               fill("[redacted:"),
	"escape characters":      fill("\x1b["),
	"spaces":                 fill(" "),
	"newlines":               fill("\n"),
	"k of Kelvin":            fill("\u212aey=\u017fecret "),
	"quotes joined":          fill(`a"+"`),
	"quotes and spaces":      fill(`a"` + strings.Repeat(" ", 199)),
	"escaped quotes":         fill(`a\\\"`),
	"emphasis":               fill("a*"),
	"asterisks":              fill("*"),
	"tags in words":          fill("ab1<b>"),
	"tags never ended":       fill("ab1<b "),
	"comments in words":      fill("ab1<!--"),
	"soft breaks":            fill("a=\n"),
	"soft breaks alone":      fill("=\n"),
	"quoted-printable":       fill("=41"),
	"octal":                  fill(`\101`),
	"hex escapes":            fill(`\x41`),
	"references":             fill("&lt;"),
	"references to none":     fill("&ab;"),
	"full width":             fill("\uff21"),
	"added lines":            fill("a1\n+"),
	"long lines":             fill(strings.Repeat("Ab1/", 19) + "\n"),
	"long lines, quoted":     fill(strings.Repeat("Ab1/", 19) + "\n> "),
	"letters":                fill("A"),
	"names in base64":        fill(strings.Repeat("YWJj", 8) + " "),
	"addresses":              fill("a://:x"),
	"addresses with @":       fill("a://b:c@"),
	"authorization":          fill("authorization:"),
	"authorization, bearer":  fill("authorization: bearer "),
	"other authorizations":   func(n int) string { return numbered("authorization: x %d", n) },
	"digits of tokens":       fill("token=" + own + " "),
	"underscores":            fill("gto_"),
	"password names":         fill("password"),
	"password names apart":   fill("password "),
	"short names":            fill("pwd="),
	"short names, large":     func(n int) string { return numbered("PWD=\"${%d", n) },
	"names before escapes":   fill("pwd \\\\\\\\\n"),
	"names before names":     func(n int) string { return numbered("pass pass1 %d", n) },
	"names after statements": fill("create user pwd x1 "),
	"passwords":              fill("password: kT7#vQ2!mZx9Lp\n"),
	"passwords, one line":    fill("password='kT7#vQ2!mZx9Lp' "),
	"passwords, other":       func(n int) string { return numbered("password='kT7#vQ2!%d' ", n) },
	"passwords never ended":  fill("password='"),
	"passwords, elements":    fill("<password>"),
	"passwords, pairs":       fill("password value "),
	"passwords, tables":      fill("|password|"),
	"passwords, prose":       fill("password for a b c is "),
	"passwords, connections": fill("a=;password=b;"),
	"flags":                  fill("--password a1! "),
	"manifests":              fill("kind: Secret\ndata:\n a: bcdefg\n"),
	"manifests begun":        fill("kind: Secret\n"),
	"manifests' data":        fill("data:\n"),
	"manifests in JSON":      fill(`{"kind":"Secret","data":{"a":"b"`),
	"web keys":               fill(`{"kty":"EC","d":"`),
	"web keys, no braces":    fill(`"kty"`),
	"cookies":                fill("cookie: a="),
	"cookies, pairs":         func(n int) string { return "cookie: " + fill("a=b; ")(n-8) },
	"lines of keys":          fill(strings.Repeat("Ab1/", 16) + "\n"),
	"lines of keys, apart":   fill(strings.Repeat(strings.Repeat("Ab1/xZ9+", 8)+"\n", 3) + "\n-----BEGIN X-----\n"),
	"dots":                   fill("."),
	"dots of Discord":        fill("MTA1.abcdef."),
	"checksums":              fill("a.b/key v1.0.0 h1:" + strings.Repeat("A1b2", 10) + "A1b=\n"),
	"headers":                fill("x-api-key: "),
	"registrations":          fill("register --token "),
	"signatures":             fill("?sig="),
	"signed":                 fill("SharedAccessSignature "),
	"mysql":                  fill("mysql -u "),
	"echo":                   fill("echo 'a1b2' | "),
	"words of a wallet":      fill("mnemonic: abandon "),
	"same windows":           func(n int) string { return "password='aaaaaaaa#1'\n" + fill("a")(n-22) },
	"nested base64": func(n int) string {
		text := "key=" + strings.Repeat("A1b2", n/8)
		for range 5 {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		return text[:min(n, len(text))/4*4]
	},
}

// numbered repeats a format, each time with another number.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()[:n]
}

// fill repeats s whole, up to n bytes: what a text ends with decides what some rules
// find in all of it.
func fill(s string) func(int) string {
	return func(n int) string { return strings.Repeat(s, max(1, n/len(s))) }
}

// Time grows no faster than a text does, whatever the text: compare the two
// sizes of a row in nanoseconds a byte.
func BenchmarkHostile(b *testing.B) {
	s := scrubber(b, own)
	for name, make := range hostile {
		for _, size := range []int{1 << 16, 1 << 18} {
			text := make(size)
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					s.Text(text, TextOptions{})
				}
			})
		}
	}
}

// What is read once more is no longer than the text, however many disguises
// it has, and disguises do not overlap.
func TestReadingsAreNoLongerThanTheText(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	for name, make := range hostile {
		text := make(1 << 16)
		end, sizes := 0, [2]int{}
		s.places(text, func(p *places) bool {
			for _, c := range p.chains {
				if !c.telling && !c.roomy {
					continue // it may stand around others in two goes
				}
				if c.start < end || c.end <= c.start || c.first > c.last {
					t.Fatalf("%s: %+v after %d", name, c, end)
				}
				end = c.end
			}
			for i, wanted := range []func(chain) bool{func(c chain) bool { return c.telling }, func(c chain) bool { return c.roomy }} {
				if slices.ContainsFunc(p.chains, wanted) {
					r := newReading(text, p, wanted, readBefore, readAfter)
					sizes[i] += len(r.text) - len(r.windows)
				}
			}
			return true
		})
		for _, size := range sizes {
			// Of what is read in one go the surroundings may be read in the next as well.
			if most := len(text) + len(text)/placesEdits*(readBefore+readAfter); size > most {
				t.Errorf("%s: %d bytes are read as %d", name, len(text), size)
			}
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
