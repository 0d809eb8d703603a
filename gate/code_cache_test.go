package gate

import (
	"fmt"
	"strings"
	"testing"
)

func TestCodeCacheKeepsWhatWasUsedLast(t *testing.T) {
	t.Parallel()
	var c codeCache
	const tenth = maxCode / 10
	turn := c.begin()
	key := func(n int) codeKey { return codeKey{1, fmt.Sprint(n)} }
	for n := range 20 { // nine and their overhead fit; what a turn has kept stays for the turn
		c.put(turn, key(n), n, tenth)
	}
	kept := func(n int) bool { return c.get(0, key(n)) != nil }
	if !kept(0) || !kept(8) || kept(9) || kept(19) || c.size > maxCode {
		t.Fatalf("%d bytes, %d kept", c.size, c.order.Len())
	}
	turn = c.begin()
	c.get(turn, key(0))
	for n := range 3 {
		c.put(turn, key(100+n), n, tenth)
	}
	if !kept(0) || kept(1) || kept(2) || !kept(8) || !kept(100) || !kept(102) || c.size > maxCode || len(c.known) != c.order.Len() {
		t.Errorf("%d bytes, %d kept", c.size, c.order.Len())
	}
	c.put(turn, key(200), "", maxCode)
	if kept(200) {
		t.Error("what is larger than all is kept")
	}
	if got := c.put(turn, key(100), "another", tenth); got != 0 {
		t.Errorf("put returns %v, not what is there", got)
	}
	if got := c.get(turn, codeKey{2, "100"}); got != nil {
		t.Error("another repository's")
	}
}

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
