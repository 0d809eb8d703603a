package bench

import (
	"encoding/base64"
	"strings"
	"testing"

	"aegis/sanitize"
)

// BenchmarkGrowth scrubs more and more of the same source. The report fits a power
// of the length to the times: linear is an exponent of 1.
func BenchmarkGrowth(b *testing.B) {
	source := goSource(b, 20<<20)
	scrubber := prepared(b)
	for _, size := range []struct {
		name  string
		bytes int
	}{{"1K", 1 << 10}, {"10K", 10 << 10}, {"100K", 100 << 10}, {"1M", 1 << 20}, {"5M", 5 << 20}, {"20M", 20 << 20}} {
		b.Run(size.name, func(b *testing.B) {
			text := source[:size.bytes]
			b.SetBytes(int64(len(text)))
			processor(b, func() { scrubber.Text(text, sanitize.TextOptions{}) })
		})
	}
}

// BenchmarkHostileText scrubs a megabyte that is made to be slow.
func BenchmarkHostileText(b *testing.B) {
	scrubber := prepared(b)
	fill := func(s string) string { return strings.Repeat(s, 1<<20/len(s)+1)[:1<<20] }
	nested := "key=" + strings.Repeat("A1b2", 1<<20/16)
	for range 5 {
		nested = base64.StdEncoding.EncodeToString([]byte(nested))
	}
	for _, hostile := range []struct{ name, text string }{
		{"source", goSource(b, 1<<20)}, // to compare with
		{"keywords", fill("key token secret password ")},
		{"equals", fill("=")},
		{"quotes", fill(`"'`)},
		{"line", fill("api_key = " + "'kQ7vZ2mW4x" + "L9pR3tB8nY', ")},
		{"nested", nested[:1<<20]},
		{"hidden", fill("k\u200bey=\U000e0041")},
		{"entities", fill("&#107;&#101;&#121;=")},
		{"settings_in_base64", base64.StdEncoding.EncodeToString([]byte(fill("API_KEY=kQ7vZ2mW4xL9pR3tB8nY\n")))[:1<<20]},
		{"settings_in_entities", fill("&#75;&#69;&#89;&#61;kQ7vZ2mW4xL9pR3tB8nY&#10;")},
		{"bearers", fill("authorization=bearer+a1b2")},
		{"parts", fill("a1&shy;<b>**")},
		{"addresses", fill("a://b:c@")},
	} {
		b.Run(hostile.name, func(b *testing.B) {
			b.SetBytes(int64(len(hostile.text)))
			processor(b, func() { scrubber.Text(hostile.text, sanitize.TextOptions{}) })
		})
	}
	b.Run("comments", func(b *testing.B) { // only prose shows them
		text := fill("a <!----> ")
		b.SetBytes(int64(len(text)))
		processor(b, func() { scrubber.Line(text) })
	})
}

// prepared is a scrubber that has prepared its rules.
func prepared(b *testing.B) *sanitize.Scrubber {
	b.Helper()
	scrubber, err := sanitize.New(sanitize.Config{Secrets: []string{token}})
	if err != nil {
		b.Fatal(err)
	}
	scrubber.Text(goSource(b, 1<<20), sanitize.TextOptions{})
	return scrubber
}
