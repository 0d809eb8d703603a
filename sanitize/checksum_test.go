package sanitize

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// Each row is a text and whether it comes out as it is. SUM stands for a checksum.
func TestI3_ALineOfGoSumIsTheOneException(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("a module's files"))
	hash := base64.StdEncoding.EncodeToString(sum[:])
	readable := base64.StdEncoding.EncodeToString([]byte("my 1st password is Zq7!vR2#xK9$wp"))[:43] + "="
	const token = "ghp_" + "x7Qm2Lr9Tz4Kc8Wv1Bn6Yd3Hs5Fj0Gp2Ra8E"
	for _, row := range []struct {
		name, text string
		stays      bool
	}{
		{"a module called auth", "github.com/acme/auth v1.2.3 h1:SUM\n", true},
		{"its go.mod", "github.com/acme/auth v1.2.3/go.mod h1:SUM\n", true},
		{"two of them", "github.com/acme/key v1.2.3 h1:SUM\ngithub.com/acme/key v1.2.3/go.mod h1:SUM\n", true},
		{"a pseudo-version", "cloud.example/go/token v0.0.0-20240102030405-3ad5a2d0c8b7 h1:SUM\n", true},
		{"an incompatible version", "gopkg.in/square/go-auth.v2 v2.3.0+incompatible h1:SUM\n", true},
		{"CRLF", "github.com/acme/auth v1.2.3 h1:SUM\r\n", true},
		{"added in a diff", "@@ -1,2 +1,3 @@\n a v1\n+github.com/acme/auth v1.2.3 h1:SUM\n", true},
		{"removed in a diff", "-github.com/acme/auth v1.2.3 h1:SUM\n", true},
		{"around a change", " github.com/acme/auth v1.2.3 h1:SUM\n", true},
		{"the last line, without a break", "github.com/acme/auth v1.2.3 h1:SUM", true},

		{"another algorithm", "github.com/acme/auth v1.2.3 h2:SUM\n", false},
		{"no version", "github.com/acme/auth h1:SUM\n", false},
		{"words before it", "use github.com/acme/auth v1.2.3 h1:SUM\n", false},
		{"words after it", "github.com/acme/auth v1.2.3 h1:SUM and more\n", false},
		{"a name, and no module", "auth v1.2.3 h1:SUM\n", false},
		{"a hash that is text", "github.com/acme/auth v1.2.3 h1:" + readable + "\n", false},
		{"a token in the path", "github.com/acme/" + token + " v1.2.3 h1:SUM\n", false},
		{"a token in the version", "github.com/acme/auth v1.2.3-" + token + " h1:SUM\n", false},
		{"a token for a hash", "github.com/acme/auth v1.2.3 h1:" + token + "/AB=\n", false},
		{"an access key in the hash", "github.com/acme/auth v1.2.3 h1:" + "AKIA" + "Q3EGR7WZPLM2KT5X/" + hash[21:] + "\n", false},
	} {
		s := scrubber(t)
		text := strings.ReplaceAll(row.text, "SUM", hash)
		if out, _ := s.Text(text, TextOptions{}); (out == text) != row.stays {
			t.Errorf("%s: %q is %q", row.name, text, out)
		}
		if secrets := s.Secrets([]Written{{Field: "content", Text: text}}); (secrets == nil) != row.stays {
			t.Errorf("%s: written: %v", row.name, secrets)
		}
		if out, _, err := s.JSON(map[string]string{"body": text}); err != nil || strings.Contains(string(out), markerBegin) == row.stays {
			t.Errorf("%s: in JSON %q is %s, %v", row.name, text, out, err)
		}
	}
}
