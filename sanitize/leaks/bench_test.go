package leaks

import (
	"testing"

	"aegis/sanitize/internal/stock"
)

func BenchmarkFind(b *testing.B) {
	detector := stock.New(b)
	for _, input := range []struct{ name, text string }{
		{"go", stock.GoSource(b)},
		{"markdown", stock.Markdown(b)},
		{"base64", stock.Base64()},
		{"4KB", stock.GoSource(b)[5000:9096]},
	} {
		b.Run(input.name+"/stock", func(b *testing.B) {
			b.SetBytes(int64(len(input.text)))
			for b.Loop() {
				detector.DetectString(input.text)
			}
		})
		b.Run(input.name+"/ours", func(b *testing.B) {
			b.SetBytes(int64(len(input.text)))
			b.ReportAllocs()
			for b.Loop() {
				Find(input.text, nil)
			}
		})
	}
}

func BenchmarkFirst(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newEngine(builtIn())
	}
}
