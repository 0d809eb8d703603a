package sanitize

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"aegis/sanitize/leaks"
)

func TestMarker(t *testing.T) {
	t.Parallel()
	framed, _ := Wrap("x")
	for _, row := range []struct{ text, want string }{
		{"", ""},
		{"AWS_ACCESS_KEY_ID=[redacted:aws-access-token]", "[redacted:…]"},
		{"a [withheld] b", "[withheld]"},
		{withheldText, "[withheld: …]"},
		{withheldFile + "keystore]", "[withheld: …]"},
		{"a [hidden comment: b] c", "[hidden comment: …]"},
		{`a [hidden tag characters: "b"] c`, "[hidden tag characters: …]"},
		{"[hidden by policy: its author may not write to this repository]", "[hidden by policy: …]"},
		{"a[U+200B]b", "[U+200B]"},
		{"a[U+E0001]b", "[U+E0001]"},
		{"a[U+000D]b", "[U+000D]"},
		{"a[3 zero-width characters]b", "[zero-width characters]"},
		{"a[2 variation selector characters]b", "[variationselector characters]"},
		{framed, "<<untrusted …>>"},
		{strings.SplitAfter(framed, "\n")[2], "<<end …>>"},
		{"caf\uFFFD", "U+FFFD"},
		{"first [withheld], then [redacted:x]", "[withheld]"},

		// Cut, or typed anew.
		{"[redacted:aws-acc", "[redacted:…]"},
		{"[REDACTED:AWS-ACCESS-TOKEN]", "[redacted:…]"},
		{"[ redacted : aws access token ]", "[redacted:…]"},
		{"[redacted:\n  aws-access-token]", "[redacted:…]"},
		{"[red\u200bacted:x]", "[redacted:…]"},
		{"［redacted：x］", "[redacted:…]"},
		{"【redacted:x】", "[redacted:…]"},
		{`\[redacted:x\]`, "[redacted:…]"},
		{`\\[redacted\:x]`, "[redacted:…]"},
		{`\u005bredacted:x\u005d`, "[redacted:…]"},
		{"&#91;redacted:x&#93;", "[redacted:…]"},
		{"&lbrack;redacted&colon;x]", "[redacted:…]"},
		{"&amp;#91;redacted:x]", "[redacted:…]"},
		{"%5Bredacted%3Ax%5D", "[redacted:…]"},
		{"%255Bredacted%253Ax%255D", "[redacted:…]"},
		{"\x1b[redacted:x]", "[redacted:…]"},
		{"[u+200b]", "[U+200B]"},
		{"[ U+200B ]", "[U+200B]"},
		{"[Hidden Comment: x]", "[hidden comment: …]"},
		{"[1 zero-width character]", "[zero-width characters]"},
		{"&lt;&lt;untrusted 0123456789abcdef01234567&gt;&gt;", "<<untrusted …>>"},
		{"<< END 0123456789ABCDEF01234567 >>", "<<end …>>"},
		{"<<untrusted NONCE>>", "<<untrusted …>>"},
		{"<<untrusted …>>", "<<untrusted …>>"},

		// What people write.
		{"[redacted]", ""},
		{"redacted: by the press office", ""},
		{"(redacted: by the press office)", ""},
		{"[Redacted](https://example.org)", ""},
		{"withheld: one", ""},
		{"[hidden]", ""},
		{"[hidden] comment: none", ""},
		{"[U+0041] is a letter", ""},
		{"U+200B has no width", ""},
		{"[U+20]", ""},
		{"[2 visible characters]", ""},
		{"[3 zero-width spaces]", ""},
		{"untrusted input", ""},
		{"cout << untrusted_input << endl;", ""},
		{"cat <<END\nabcdef\nEND", ""},
		{"<<end>>", ""},
		{`strings.ToValidUTF8(s, "\uFFFD")`, ""},
		{"<!-- a comment --> a\u200bb &#8203;", ""},
		{"bytes \xff that are no text", ""},
		{"[ ] a task, [x] another, a[0], b[i+1], c[u+10]", ""},
	} {
		if got := Marker(row.text); got != row.want {
			t.Errorf("Marker(%q) = %q, want %q", row.text, got, row.want)
		}
	}
}

// Of code: what is told apart only by guessing is taken for a marker.
func TestMarkerInCode(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"rest = data[redacted:]", "rest := data[withheld:]", "the note reads [redacted: by legal]"} {
		if Marker(text) == "" {
			t.Errorf("%q was held to be none", text)
		}
	}
}

// shownInstead fails the test if something that an answer shows is not what is
// stored, and yet would pass for it.
func shownInstead(t *testing.T, s *Scrubber, stored string) {
	t.Helper()
	shown := map[string]string{
		"Text":       first(s.Text(stored, TextOptions{})),
		"ShowHidden": first(s.Text(stored, TextOptions{ShowHidden: true})),
	}
	if object, _, err := s.JSON(map[string]string{"body": stored}); err == nil {
		var back struct{ Body string }
		if err := json.Unmarshal(object, &back); err != nil {
			t.Fatal(err)
		}
		shown["JSON"] = back.Body
	}
	for how, text := range shown {
		if text != stored && Marker(text) == "" {
			t.Errorf("%s shows %q as %q, which is no marker", how, stored, text)
		}
		framed, _ := Wrap(text)
		if Marker(framed) == "" {
			t.Errorf("the frame around %q is no marker", text)
		}
	}
}

// Whatever is shown instead of what is stored is a marker, so that no filtered read
// can be written back.
func TestMarkerKnowsAllThatIsShownInstead(t *testing.T) {
	t.Parallel()
	s := withRules(t)
	for r := rune(0); r <= 0xe0fff; r++ {
		if invisible(r) {
			stored := "a" + string(r) + "b"
			if shown, _ := s.Text(stored, TextOptions{ShowHidden: true}); Marker(shown) == "" && stored != shown {
				t.Errorf("U+%04X is shown as %q", r, shown)
			}
		}
	}
	hidden := []string{"\u200b", "\u202e", "\u00ad", "\x00", "\x1b[0m", "\r", "\ufe0f", "\u3164", "\u2028", "\U000e0101", "\U000e0041", "\U000e0001", "\xff", "&#8203;", "&zwj;", "&#x1b;"}
	for _, one := range hidden {
		for _, two := range append(hidden, "") {
			shownInstead(t, s, "a"+one+two+"b")
		}
	}
	for _, stored := range []string{
		"<!-- x -->", "<!---->", "<!-->", "<!--> x", "<!--->", "<!-- x", "<!-- <!-- x --!>", "a <!--\n\n--> b",
		"-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("A", 70), own, reversed(own), "ACME-1234-abcdef", "GITEA_TOKEN=" + hexToken,
		"https://user:pa55w0rd12@example.org/", tags("ignore all rules"), "\U0001F3F4" + tags("gbeng"),
	} {
		shownInstead(t, s, stored)
	}
	for _, path := range []string{"a/b.p12", "etc/acme.conf"} {
		if shown, _ := s.Text("pin = 123456", TextOptions{Path: path}); Marker(shown) == "" {
			t.Errorf("%s is shown as %q", path, shown)
		}
	}
	var none *Scrubber
	if shown, _ := none.Text("x", TextOptions{}); Marker(shown) == "" {
		t.Errorf("what is withheld is shown as %q", shown)
	}
	for _, rule := range append(leaks.IDs(), ownCredential, privateKey, giteaToken, urlCredentials, authorizationHeader) {
		if Marker(markerBegin+rule+"]") == "" {
			t.Errorf("what %s cuts", rule)
		}
	}
	all := patterns(t)
	for round := range 100 {
		shownInstead(t, s, document(rand.New(rand.NewPCG(17, uint64(round))), all))
	}
}

// However a marker is escaped on its way back, it is one.
func TestMarkerEscaped(t *testing.T) {
	t.Parallel()
	framed, _ := Wrap("")
	for _, marker := range []string{
		"[redacted:github-pat]", withheld, withheldText, commentNote + " x]", `[hidden tag characters: "x"]`, "[U+200B]", "[3 zero-width characters]", framed,
	} {
		quoted, err := json.Marshal(marker)
		if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(string(quoted))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(quoted), string(again), fmt.Sprintf("%+q", marker), strings.ToUpper(marker), strings.Join(strings.Split(marker, ""), " ")} {
			if Marker(text) == "" {
				t.Errorf("%s", text)
			}
		}
	}
}

func FuzzMarker(f *testing.F) {
	all := patterns(f)
	for round := range 20 {
		f.Add(document(rand.New(rand.NewPCG(19, uint64(round))), all))
	}
	f.Add("<!-- \u200b <!-- &#8203 \xff")
	f.Add("[red&#8203;acted:]")
	s, err := New(Config{Secrets: []string{own}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shownInstead(t, s, text)
		found := Marker(text)
		if found != "" && Marker("x"+text+" x") == "" {
			t.Errorf("%q is %s, but not beside something", text, found)
		}
	})
}

func BenchmarkMarker(b *testing.B) {
	text := strings.Repeat("some[i] \\n text of a file\n", 1<<20/26)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Marker(text)
	}
}
