package corpus

import (
	"strings"
	"testing"
)

// A reader that can't read what was written would find every disguise safe.
func TestReadersReadWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := OwnSample()
	for _, d := range Disguises() {
		text := d.Apply(s)
		if d.Name != "plain" && strings.Contains(text, s.Secret) {
			t.Errorf("%s: %q is no disguise", d.Name, text)
		}
		read := d.Read("see " + text + " there")
		if !strings.Contains(read, s.Secret) {
			t.Errorf("%s: %q is read as %q", d.Name, text, read)
		}
	}
}
