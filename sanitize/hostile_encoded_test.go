package sanitize

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
)

// More hostile texts: many findings in one encoded value, and what each of the steps
// looks for again and again, or looks far for.
func init() {
	line := "api_key='kQ7vZ2mW4xL9pR3tB8nY'\n"
	dotenv := func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "SECRET_%d=kQ7vZ2mW%04xL9pR3tB8nY\n", i, i*7919%65536)
		}
		return b.String()
	}
	add := func(name string, f func(n int) string) { hostile[name] = f }
	encoded := func(name string, grows int, encode func(string) string) {
		add("lines in "+name, func(n int) string { return encode(strings.Repeat(line, n/len(line)/grows+1)) })
		add("dotenv in "+name, func(n int) string { return encode(dotenv(n / grows)) })
	}
	encoded("base64", 1, func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })
	encoded("url base64", 1, func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) })
	encoded("hex", 2, func(s string) string { return hex.EncodeToString([]byte(s)) })
	encoded("percent", 2, url.QueryEscape)
	each := func(format string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for i := range len(s) {
				fmt.Fprintf(&b, format, s[i])
			}
			return b.String()
		}
	}
	encoded("percent, all", 3, each("%%%02x"))
	encoded("unicode escapes", 6, each(`\u%04x`))
	encoded("code points", 7, each("U+%04X "))
	encoded("hex escapes", 4, each(`\x%02x`))
	encoded("octal", 4, each(`\%03o`))
	encoded("quoted-printable", 3, each("=%02X"))
	encoded("entities", 6, each("&#%d;"))
	encoded("base64 in soft lines", 1, func(s string) string { return wrap(base64.StdEncoding.EncodeToString([]byte(s)), "=\n") })
	encoded("base64 in lines", 1, func(s string) string { return wrap(base64.StdEncoding.EncodeToString([]byte(s)), "\n") })
	encoded("base64, twice", 2, func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	})
	encoded("base64 of percent", 4, func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(each("%%%02x")(s)))
	})
	encoded("base64 of entities", 6, func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(each("&#%d;")(s)))
	})
	add("dotenv", dotenv)
	add("comment ends, none of the other", fill("<!---->a "))
	add("comments of bangs", fill("<!--a--!>b "))
	add("soft hyphens", fill("&shy;"))
	add("soft hyphens after letters", fill("a&shy;"))
	add("zero-width references", fill("&#8203;"))
	add("zero-width references and letters", fill("a1&#8203;"))
	add("authorizations in one", fill("authorization=token+"))
	add("basic in one", fill("authorization=basic+"))
	add("bearers in one", fill("Authorization=bearer+a1b2"))
	add("key ends that look like keys", fill("-----END"+strings.Repeat("A", 44)+"PRIVATE KEY"+strings.Repeat("A", 44)+"-----"))
	add("key begins and bodies", fill("-----BEGIN PRIVATE KEY-----\n"+strings.Repeat("A1b2", 16)+"\n"))
	add("frames", fill("<<untrusted "))
	add("frame ends", fill("<<end "))
	add("withheld", fill("[withheld"))
	add("withheld whole", fill("[withheld: this text could not be made clean of secrets] "))
	add("redacted begun", fill("[redacted"))
	add("notes", fill("[U+200B]"))
	add("hidden comments", fill("[hidden comment: "))
	add("many findings, one line", fill("ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5 "))
	add("many kinds, one line", fill("ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5 AKIAQYLPMN5HHHFPZAM2 sk_live_4eC39HqLyjWDarjtT1zdp7dc glpat-aB3dE5fG7hJ9kL1mN3pQ "))
	add("short lines", fill("a\n"))
	add("surrogates", fill(`\ud83d\ude00`))
	add("surrogates, bytes", fill("\xed\xa0\xbd"))
	add("bytes that are none", fill("a\xff"))
	add("invisible and letters", fill("a\u200bB1"))
	add("controls", fill("a\x01"))
	add("soft hyphens in words", fill("to\u00adken"))
	add("direction", fill("\u202ea\u202c"))
	add("tags and letters", fill("a\U000e0041"))
	add("variation selectors", fill("a\ufe0f"))
	add("carriage returns", fill("a\r"))
	add("escape sequences", fill("\x1b[31ma\x1b[0m"))
	add("spaces before an end", fill("key= "+strings.Repeat(" ", 200)))
	add("percent far apart", fill("%41"+strings.Repeat("a", 200)))
	add("percent of secrets", fill("%41 api_key='kQ7vZ2mW4xL9pR3tB8nY' "))
	add("percent and unprintable", fill("%41%00 a"))
	add("addresses, long", fill("a://b:"+strings.Repeat("c", 300)+" "))
	add("addresses in addresses", fill("a://b:c:"))
	add("slashes", fill("a:\\/\\/b:c"))
	add("private keys", fill("-----BEGIN PRIVATE KEY-----\n"+strings.Repeat(strings.Repeat("A1b2", 16)+"\n", 4)+"-----END PRIVATE KEY-----\n"))
	add("dockerconfig", fill(`{"auths":{"a":{"auth":"`))
	add("own credentials", fill(own+" "))
	add("own in entities", fill(strings.Repeat("&#107;", 3)+own[:20]+"&#8203;"+own[20:]+" "))
	add("backslashes escaped in a URL", fill("%5c%41"))
	add("underscores and braces", fill("${{secrets."))
	add("words of a key", fill("private key "))
	add("long word", func(n int) string { return "token=" + strings.Repeat("aB3", n/3) })
	add("long hex", func(n int) string { return "token=" + strings.Repeat("a3b4", n/4) })
	add("long words", func(n int) string { return strings.Repeat("token="+strings.Repeat("aB3", 1000)+" ", n/3007+1) })
}

func wrap(s, end string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76])
		b.WriteString(end)
		s = s[76:]
	}
	return b.String() + s
}
