package markdown

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark"
)

func TestParse(t *testing.T) {
	t.Parallel()
	p := goldmark.New().Parser()
	for text, want := range map[string]bool{
		"":                                    true,
		"> a\n> > b\n":                        true,
		strings.Repeat("> a\n", 10_000):       true,
		strings.Repeat("*a* [b](c)\n\n", 5e4): true,
		strings.Repeat(">", 200):              false,
		strings.Repeat("> ", 200) + "x":       false,
		strings.Repeat("[a](", 16_384):        false,
		strings.Repeat("**a_", 16_384):        false,
		strings.Repeat("[", 65_536):           false,
		strings.Repeat("[a]: b\n", 75_000):    false,
	} {
		if root, ok := Parse(p, []byte(text)); ok != want || (root != nil) != want {
			t.Errorf("%.20q, %d bytes: %v", text, len(text), ok)
		}
	}
}
