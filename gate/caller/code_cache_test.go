package caller

import (
	"fmt"
	"testing"
)

func TestCodeCacheKeepsWhatWasUsedLast(t *testing.T) {
	t.Parallel()
	var c CodeCache
	const tenth = MaxCode / 10
	turn := c.Begin()
	key := func(n int) CodeKey { return CodeKey{1, fmt.Sprint(n)} }
	for n := range 20 { // nine and their overhead fit; what a turn has kept stays for the turn
		c.Put(turn, key(n), n, tenth)
	}
	kept := func(n int) bool { return c.Get(0, key(n)) != nil }
	if !kept(0) || !kept(8) || kept(9) || kept(19) || c.size > MaxCode {
		t.Fatalf("%d bytes, %d kept", c.size, c.order.Len())
	}
	turn = c.Begin()
	c.Get(turn, key(0))
	for n := range 3 {
		c.Put(turn, key(100+n), n, tenth)
	}
	if !kept(0) || kept(1) || kept(2) || !kept(8) || !kept(100) || !kept(102) || c.size > MaxCode || len(c.known) != c.order.Len() {
		t.Errorf("%d bytes, %d kept", c.size, c.order.Len())
	}
	c.Put(turn, key(200), "", MaxCode)
	if kept(200) {
		t.Error("what is larger than all is kept")
	}
	if got := c.Put(turn, key(100), "another", tenth); got != 0 {
		t.Errorf("put returns %v, not what is there", got)
	}
	if got := c.Get(turn, CodeKey{2, "100"}); got != nil {
		t.Error("another repository's")
	}
}
