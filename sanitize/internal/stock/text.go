package stock

import (
	"encoding/base64"
	"go/build"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// GoSource returns a megabyte of the standard library, or less.
func GoSource(tb testing.TB) string {
	tb.Helper()
	var b strings.Builder
	for _, pattern := range []string{"net/http/*.go", "go/types/*.go", "crypto/tls/*.go", "os/*.go"} {
		files, _ := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", pattern))
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") || b.Len() > 1<<20 {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				tb.Fatal(err)
			}
			b.Write(text)
		}
	}
	return b.String()[:min(b.Len(), 1<<20)]
}

// Markdown returns a megabyte of prose with code in it.
func Markdown(tb testing.TB) string {
	source := GoSource(tb)
	var b strings.Builder
	for i := 0; b.Len() < 1<<20; i++ {
		at := i * 997 % (len(source) - 600)
		b.WriteString("## Access to the API\n\nSet the `token` in your configuration; see [the docs](https://example.org/docs/")
		b.WriteString(strings.Repeat("section-", i%5))
		b.WriteString(").\nThe key is that each author authorises the client once, then the secret stays with them.\n\n```go\n")
		b.WriteString(source[at : at+600])
		b.WriteString("\n```\n\n* item one: password reset, `--api-key=$KEY`\n* item two\n\n")
	}
	return b.String()[:1<<20]
}

// Base64 returns a megabyte of random bytes in base64, in lines.
func Base64() string {
	r := rand.New(rand.NewPCG(1, 2))
	raw := make([]byte, 57)
	var b strings.Builder
	for b.Len() < 1<<20 {
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		b.WriteString(base64.StdEncoding.EncodeToString(raw))
		b.WriteByte('\n')
	}
	return b.String()
}
