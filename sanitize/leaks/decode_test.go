package leaks

import (
	"math/rand/v2"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect/codec"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"nothing here": "nothing here",
		"t: bG9uZ2VyLWVuY29kZWQtc2VjcmV0LXRlc3Q=": "t: longer-encoded-secret-test",
		"6c6f6e6765722d656e636f6465642d736563":    "longer-encoded-sec",
		"a%20b%41c":                               "a bAc",
		"a%ffb%41c":                               "a%ffb%41c",
		`x\u0041\\u0042y`:                         "xABy",
		"U+0041 U+0042 z":                         "ABz",
		"U+0041z":                                 "U+0041z",
		"shortBase64":                             "shortBase64",
	} {
		if got, segments := decode(in); got != want || (len(segments) > 0) != (in != want) {
			t.Errorf("decode(%q) = %q, %v; want %q", in, got, segments, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for i := range 200 {
		f.Add(sample(rand.New(rand.NewPCG(uint64(i), 9)), &table[i]))
	}
	for _, seed := range []string{"U+0041 U+004", `\\\u0041\u`, "%41%4", "aaaaaaaaaaaaaaaaU+0041 ", "0123456789abcdef0123456789abcdefg+U+0041", "====", "%41\n%42.%43%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _ := decode(text)
		if want, _ := codec.NewDecoder().Decode(text, nil); got != want {
			t.Errorf("decode(%q)\n got %q\nwant %q", text, got, want)
		}
	})
}
