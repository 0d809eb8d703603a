package bench

import (
	"testing"

	"aegis/sanitize"
)

// BenchmarkScrub is all that is done to a megabyte of source before it is cut:
// finding secrets by rule, in every encoding, and our own; cutting them; showing
// what is hidden; and looking again until nothing is found.
func BenchmarkScrub(b *testing.B) {
	text := goSource(b, 1<<20)
	scrubber, err := sanitize.New(sanitize.Config{Secrets: []string{token}})
	if err != nil {
		b.Fatal(err)
	}
	scrubber.Text(text, sanitize.TextOptions{}) // prepares the rules
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, report := scrubber.Text(text, sanitize.TextOptions{}); report.Withheld > 0 {
			b.Fatal("source was withheld")
		}
	}
}
