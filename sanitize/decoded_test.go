package sanitize

import (
	"encoding/base64"
	"strings"
	"testing"
)

// An own credential of which only a part was encoded is found in the decoded text,
// however far it is from what else was decoded, and however much of what says
// nothing parts it.
func TestOwnCredentialsInPartEncoded(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	half := len(own) / 2
	encode := base64.StdEncoding.EncodeToString
	long := strings.Repeat("What is written here says nothing else. ", 50)
	for name, secret := range map[string]string{
		"its end":                 own[:half] + "\n" + encode([]byte(own[half:])),
		"its begin":               encode([]byte(own[:half])) + "\n" + own[half:],
		"after spaces":            own[:half] + strings.Repeat(" \n", 300) + encode([]byte(own[half:])),
		"after references":        own[:half] + strings.Repeat("&zwj; ", 300) + encode([]byte(own[half:])),
		"encoded twice":           own[:half] + "\n" + encode([]byte("\t"+encode([]byte(own[half:])))),
		"after encoded spaces":    own[:half] + strings.Repeat("%20\n", 300) + encode([]byte(own[half:])),
		"beside others encoded":   encode([]byte("something else")) + " " + own[:half] + "\n" + encode([]byte(own[half:])),
		"in the midst of escapes": strings.Repeat(`\"`, 50) + own[:half] + " " + encode([]byte(own[half:])),
	} {
		for _, text := range []string{secret, long + secret + " " + long, "%41 " + long + secret, "%41 " + long + secret + " " + long + secret + "\n" + long + "%42"} {
			_, report := s.Text(text, TextOptions{})
			if want := strings.Count(text, secret); report.Redactions[ownCredential] < want {
				t.Errorf("%s: %v of %d in %d bytes", name, report.Redactions, want, len(text))
			}
		}
	}
}
