package leaks

import (
	"fmt"
	"strings"
	"testing"

	"aegis/sanitize/internal/stock"
)

// BenchmarkOwnRules is what as many rules of an operator's as there may be take
// beside the default ones.
func BenchmarkOwnRules(b *testing.B) {
	text := stock.GoSource(b)
	var file strings.Builder
	for i := range MaxRules {
		fmt.Fprintf(&file, "[[rules]]\nid='r%d'\nregex='acme%d_([a-z]{20,40})\\b'\nkeywords=['acme%d_']\n", i, i, i)
	}
	rules, _, err := ParseRules([]byte(file.String()))
	if err != nil {
		b.Fatal(err)
	}
	find := rules.At("")
	for name, run := range map[string]func(){"default": func() { Find(text, nil) }, "own": func() { find(Unlimited(), text) }} {
		run()
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				run()
			}
		})
	}
}
