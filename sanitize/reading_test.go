package sanitize

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"aegis/sanitize/leaks"
)

var stripeKey = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"

// Each row is a secret that people write in this way without a thought of hiding
// it.
func TestReadings(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	one, two := githubPAT[:18], githubPAT[18:]
	const cut = "[redacted:github-pat]"
	encoded := base64.StdEncoding.EncodeToString([]byte("The settings of the service are these, for now: " + githubPAT + " and nothing else at all."))
	lines := wrapped(encoded, 76, "\n")
	for _, row := range []struct{ name, in, want string }{
		{"emphasis", "use " + one + "**" + two + "** now", "use " + cut + "** now"},
		{"code", "use `" + one + "``" + two + "` now", "use `" + cut + "` now"},
		{"an underscore that Markdown escapes", `use ghp\_` + githubPAT[4:] + " now", "use " + cut + " now"},
		{"HTML", "<td>" + one + "<wbr>" + two + "</td>", "<td>" + cut + "</td>"},
		{"highlighted HTML", `<span class="s">` + one + `</span><span class="w">` + two + "</span>", `<span class="s">` + cut + "</span>"},
		{"references", "&quot;" + strings.ReplaceAll(githubPAT, "_", "&lowbar;") + "&quot;", "&quot;" + cut + "&quot;"},
		{"Go", `const key = "` + one + `" + "` + two + `"`, `const key = "` + cut + `"`},
		{"Go over lines", "key := \"" + one + "\" +\n\t\"" + two + "\"\nx", "key := \"" + cut + "\n\"\nx"},
		{"Go over added lines", "+key := \"" + one + "\" +\n+\t\"" + two + "\"\n+x", "+key := \"" + cut + "\n\"\n+x"},
		{"PHP", "$key = '" + one + "' . '" + two + "';", "$key = '" + cut + "';"},
		{"Lua", "key = '" + one + "' .. '" + two + "'", "key = '" + cut + "'"},
		{"C", "key = \"" + one + "\"\n      \"" + two + "\";", "key = \"" + cut + "\n\";"},
		{"SQL", "'" + one + "' || '" + two + "'", "'" + cut + "'"},
		{"shell", "TOKEN=" + one + "\\\n" + two + "\n", "TOKEN=" + cut + "\n\n"},
		{"a macro", "\"" + one + "\" \\\n \"" + two + "\"", "\"" + cut + "\n\""},
		{"JSON in JSON", `"{\"token\":\"` + stripeKey + `\"}"`, `"{\"token\":\"[redacted:stripe-access-token]\"}"`},
		{"JSON of PHP", `"https:\/\/hooks.slack.com\/services\/` + "T024TDR2Z" + `\/B07KXQ2F9\/` + `q2w3e4r5t6y7u8i9o0p1a2s3"`, `"[redacted:slack-webhook-url]"`},
		{"mail", "token=3D" + one + "=\n" + two + "\nregards", "token=" + cut + "\n\nregards"},
		{"an added line", "+" + one + "\n+" + two + "\n+x", "+" + cut + "\n\n+x"},
		{"base64 in lines", lines + "\n", "[redacted:github-pat]\n\n"},
		{"base64 in lines, quoted", "> " + strings.ReplaceAll(lines, "\n", "\n> ") + "\n", "> [redacted:github-pat]\n\n"},
		{"base64 in lines, in a comment", " * " + strings.ReplaceAll(lines, "\n", "\n * ") + "\n", " * [redacted:github-pat]\n\n"},
		{"base64 in lines, added", "+" + strings.ReplaceAll(lines, "\n", "\n+") + "\n", "+[redacted:github-pat]\n\n"},
		{"base64 in lines, CRLF", strings.ReplaceAll(lines, "\n", "\r\n") + "\n", "[redacted:github-pat]\n\n"},
		{"base64 without a digit", "QVdTIGtleSBBS" + "0lBWlZDWFlQTUhYUURaUktMVg==", ""},
	} {
		got, _ := s.Text(row.in, TextOptions{})
		if row.want != "" && got != row.want {
			t.Errorf("%s: %q\n got %q\nwant %q", row.name, row.in, got, row.want)
		}
		if again, _ := s.Text(got, TextOptions{}); again != got {
			t.Errorf("%s: then %q", row.name, again)
		}
	}
}

// gitleaks takes base64 of letters only for a name, which one value in a hundred
// is not.
func TestBase64OfLettersOnly(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	tried := 0
	for n := range 40000 {
		key := fmt.Sprintf("AKIA%016s", strings.ToUpper(base32ish(n)))
		encoded := base64.StdEncoding.EncodeToString([]byte("aws " + key))
		if strings.ContainsAny(encoded, "0123456789+/") {
			continue
		}
		if plain, report := s.Text("aws "+key, TextOptions{}); len(report.Redactions) == 0 || strings.Contains(plain, key) {
			continue // no key, by its entropy
		}
		tried++
		if got, _ := s.Text("x: "+encoded+"\n", TextOptions{}); strings.Contains(got, encoded[4:20]) {
			t.Errorf("Text(%q) = %q", encoded, got)
		}
		if tried == 5 {
			return
		}
	}
	t.Error("no sample was one: the test says nothing")
}

// base32ish spreads n over 16 characters of base32.
func base32ish(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var b strings.Builder
	x := uint64(n)*0x9E3779B97F4A7C15 + 1
	for range 16 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b.WriteByte(alphabet[x>>59])
	}
	return b.String()
}

func TestCodeStaysAsItIs(t *testing.T) {
	t.Parallel()
	s := scrubber(t)
	for _, text := range []string{
		`key := "api_key_" + "kQ7vZ2mW4x" + "L9pR3tB8nY"`, // random, but of no rule in particular
		"a*b1234567890abc*c", "x := 0x41 + 0x42", "if a<b>c1234567890 {", "`code``more1234567`", `regexp.MustCompile("\\d\\.\\x41")`,
		"+one1234567890\n+two1234567890", "- item1234567890\n- item0987654321", "?page=20&limit=30&token=41", "sum=3D", "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ngithub.com/a/b v1.2.3",
		"&lt;div class=&quot;x1234567890&quot;&gt;", "，ｆｕｌｌ　ｗｉｄｔｈ１２３４５６７８９０", "https:\\/\\/example.org\\/a1234567890",
	} {
		if got, _ := s.Text(text, TextOptions{}); got != text {
			t.Errorf("Text(%q) = %q", text, got)
		}
	}
}

func TestOwnCredentialsInDisguise(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	half := len(own) / 2
	encoded := wrapped(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("some words before it. ", 5)+own+" and after")), 76, "\n+")
	for name, text := range map[string]string{
		"added lines":      own[:half] + "\n+" + own[half:],
		"removed lines":    "-" + own[:half] + "\n-" + own[half:],
		"emphasis":         own[:half] + "**" + own[half:] + "**",
		"a tag":            own[:half] + "<b>" + own[half:] + "</b>",
		"concatenation":    `"` + own[:half] + "\" +\n\t\"" + own[half:] + `"`,
		"octal":            octal(own),
		"quoted-printable": quotedPrintable(own),
		"soft line break":  own[:half] + "=\n" + own[half:],
		"full width":       fullWidth(own),
		"base64 in a diff": "+" + encoded,
	} {
		for _, input := range []string{text, "see " + text + " there"} {
			got, report := s.Text(input, TextOptions{})
			if report.Redactions[ownCredential] == 0 {
				t.Errorf("%s: Text(%q) = %q", name, input, got)
			}
			if strings.Count(got, "\n") != strings.Count(input, "\n") {
				t.Errorf("%s: line breaks were not kept: %q", name, got)
			}
		}
	}
}

func octal(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, `\%03o`, s[i])
	}
	return b.String()
}

func quotedPrintable(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "=%02X", s[i])
	}
	return b.String()
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r + 0xfee0 }, s)
}

// Offsets of a reading lead back to where its characters stand.
func FuzzReadings(f *testing.F) {
	for _, make := range hostile {
		f.Add(make(200))
	}
	f.Add(`a"+"b` + githubPAT + "**x" + "\n+" + "&#65;" + stripeKey)
	s, err := New(Config{Secrets: []string{own}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := new(places)
		s.places(text, func(all *places) bool {
			for _, c := range all.chains {
				p.add(c, all.edits[c.first:c.last])
			}
			return len(p.chains) == 0
		})
		all := func(chain) bool { return true }
		if len(p.chains) == 0 {
			return
		}
		r := newReading(text, p, all, 16, 8)
		last := 0
		for i := range len(r.text) {
			at := r.offset(i)
			if at < last || at > len(text) {
				t.Fatalf("%q: offset %d of %q is %d, after %d", text, i, r.text, at, last)
			}
			last = at
		}
		for i := range r.marks {
			found := leaks.Finding{Rule: "x", Start: 0, End: len(r.text), MatchStart: r.marks[i].at, MatchEnd: min(len(r.text), r.marks[i].at+1)}
			for _, f := range r.original([]leaks.Finding{found}, nil) {
				if f.Start < 0 || f.Start > f.End || f.End > len(text) || f.MatchStart > f.MatchEnd || f.MatchEnd > len(text) {
					t.Fatalf("%q: %+v", text, f)
				}
			}
		}
	})
}
