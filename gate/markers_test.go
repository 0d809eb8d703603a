package gate

import (
	"strings"
	"testing"
)

// A marker never stands over a line's end: else lines of the text and of what is
// searched would not be the same.
func TestMarkersKeepLines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a [redacted:x] b\n", "[redacted:x\n]\n", "[redacted:\n\n[withheld\nx]", "[withheld]\n[withheld: this text could not be made clean of secrets]\n", "[redacted:[redacted:x]]\n",
	} {
		masked := Marker().ReplaceAllLiteralString(text, "\x00")
		if strings.Count(masked, "\n") != strings.Count(text, "\n") {
			t.Errorf("%q becomes %q", text, masked)
		}
	}
}
