package sanitize

import (
	"fmt"
	"strings"
	"testing"

	"aegis/sanitize/internal/stock"
)

// comment is what an answer of 4 KB is made of.
type comment struct {
	ID     int64  `json:"id"`
	Author string `json:"author"`
	Body   string `json:"body"`
	URL    string `json:"html_url"`
}

func answerOf4KB() map[string]any {
	var items []comment
	for i := range 10 {
		items = append(items, comment{int64(i), "christopher.smith", strings.Repeat("The API key is read from the environment; see `config.go`.\nIt fails if the token is not set. ", 3), fmt.Sprintf("https://gitea.example.org/acme/service/issues/7#issuecomment-%d", i)})
	}
	return map[string]any{"items": items, "page": 1, "limit": 30, "has_more": false, "call": "c-0001"}
}

func BenchmarkAnswer4KB(b *testing.B) {
	detector := stock.New(b)
	s := scrubber(b, own)
	v := answerOf4KB()
	text, _, err := s.JSON(v)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("stock", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			detector.DetectString(string(text))
		}
	})
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			s.JSON(v)
		}
	})
	// Strings that come again are scrubbed once; here none does.
	b.Run("ours, no string twice", func(b *testing.B) {
		v := answerOf4KB()
		for i := range v["items"].([]comment) {
			c := &v["items"].([]comment)[i]
			c.Author, c.Body = fmt.Sprint(c.Author, i), fmt.Sprint(i, c.Body)
		}
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			s.JSON(v)
		}
	})
}

// Texts of a megabyte; stock's share of the comparison is in package leaks.
func BenchmarkText(b *testing.B) {
	s := scrubber(b, own)
	for name, text := range map[string]string{
		"source": stock.GoSource(b), "markdown": stock.Markdown(b), "base64": stock.Base64(),
		"secrets": fill("api_key='kQ7vZ2mW4xL9pR3tB8nY'\n")(1 << 20),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Text(text, TextOptions{})
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(Config{Secrets: []string{own}}); err != nil {
			b.Fatal(err)
		}
	}
}
