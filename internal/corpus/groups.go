package corpus

import (
	"math/rand/v2"
	"strings"
)

// A Group is a kind of secrets in a kind of places, of which a share is promised to
// be cut.
type Group struct {
	Name     string
	Promised float64 // the least share that is cut
	Cases    []Case
}

// A Case makes texts with a secret. What its secrets are made of is what vendors
// document and what public rules for passwords ask for, and never an expression of
// ours.
type Case struct {
	Name string
	make func(*rand.Rand) (text, secret string)
}

// Groups returns all groups.
func Groups() []Group {
	return []Group{
		{"formats with a prefix, in every place and before every ending", 0.99, prefixedCases()},
		{"formats that a name gives away", 0.95, byNameCases()},
		{"passwords of 14 to 20 characters of four classes, by name", 0.95, passwordCases(policyPassword)},
		{"passwords as people make them, by name", 0.95, passwordCases(humanPassword)},
		{"passwords without a name", 0.95, positionCases()},
		{"keys in files of their own", 0.95, keyCases()},
		{"sessions and authorization", 0.95, headerCases()},
		{"secrets of frameworks and platforms", 0.95, frameworkCases()},
		{"the same value again", 0.95, againCases()},
	}
}

// endingPlaces are texts in which a token stands with something behind it that no
// token has; § stands for it.
var endingPlaces = []string{
	"I used §. It fails", "It is §, I think", "the key (§) is new", "the key is [§]", "{KEY: §, B: c}", "{\"KEY\": {\"a\": §}}", "<§>", "| §|", "| key | § | old |", "|§|\n|---|",
	"<td>§</td>", "<code>§</code><br>", "GET /v1/items?access_token=§&page=2 HTTP/1.1", "https://api.example/?key=§#top", "**§**", "*§*", "~~§~~", "`§`", "“§”", "‘§’", "«§»",
	"try §: it works", "is it §?", "it is §!", "§; then go on", "key='§'", "key=\"§\",", "{\\\"key\\\":\\\"§\\\"}", "KEY=§", "key: §", "- §", "level=info key=§ user=me",
	"+KEY=§", "-  key: \"§\"", "client(\"§\")", "new Client('§', 5)", "a,§,b", "a\t§\tb", "§", "§\r\n", "/§/", "# §", "#§#", "§~", "§…", "[link](https://api.example/§)", "§@host",
	"curl -H \"X-Key: §\" https://api.example", "echo § | login --stdin", "<a href=\"/login?t=§\">", "note=§%20", "line\\n§\\nline",
}

func prefixedCases() []Case {
	var cases []Case
	for _, spec := range prefixedFormats {
		cases = append(cases, Case{spec, func(r *rand.Rand) (string, string) {
			secret := filled(r, spec)
			place := endingPlaces[r.IntN(len(endingPlaces))]
			return strings.ReplaceAll(place, "§", secret), secret
		}})
	}
	return cases
}

func byNameCases() []Case {
	var cases []Case
	for _, f := range namedFormats {
		cases = append(cases, Case{f.before + "…", func(r *rand.Rand) (string, string) {
			secret := filled(r, f.secret)
			return filled(r, f.before) + secret + f.after + "\n", secret
		}})
	}
	return cases
}

// alphabets by their letter in a format.
var alphabets = map[byte]string{
	'A': "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	'B': "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	'C': "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
	'M': "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
	'S': "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_",
	'U': "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	'W': "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
	'X': "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
	'c': "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
	'd': "0123456789",
	'h': "0123456789abcdef",
	'l': "abcdefghijklmnopqrstuvwxyz0123456789",
	'm': "abcdefghijklmnopqrstuvwxyz234567",
}

// filled puts random characters where a format has {A36}: 36 of the alphabet A.
// {u} is a UUID and {i} the id of an account, in base64.
func filled(r *rand.Rand, format string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(format, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		kind, after, _ := strings.Cut(rest, "}")
		if kind != "u" && kind != "i" && (len(kind) < 2 || alphabets[kind[0]] == "" || strings.Trim(kind[1:], digits) != "") {
			b.WriteByte('{') // no such thing
			format = rest
			continue
		}
		format = after
		switch kind {
		case "u":
			b.WriteString(filled(r, "{h8}-{h4}-4{h3}-a{h3}-{h12}"))
			continue
		case "i":
			b.WriteString(base64Std(filled(r, "1{d17}")))
			continue
		}
		n := 0
		for _, digit := range kind[1:] {
			n = 10*n + int(digit-'0')
		}
		alphabet := alphabets[kind[0]]
		for i := range n {
			c := alphabet[r.IntN(len(alphabet))]
			for i == n-1 && (c == '_' || c == '-') { // where it ends nobody could see
				c = alphabet[r.IntN(len(alphabet))]
			}
			b.WriteByte(c)
		}
	}
}
