package gate

import (
	"container/list"
	"sync"

	"aegis/forge"
	"aegis/sanitize"
)

// maxCode bounds what a session keeps of the code that it searched, in bytes of
// scrubbed text and of names.
const maxCode = 64 << 20

// codeCache keeps what was read for searches: lists of files by commit, scrubbed
// texts by blob. What was used last stays. It holds nothing that policy hid when
// it was read, and says nothing of what policy shows now: each search asks.
type codeCache struct {
	spare *forge.Spare // of the memory that all calls share, nil in tests
	mu    sync.Mutex
	size  int
	known map[codeKey]*list.Element
	order list.List // of *cachedCode, the last used in front
	turns int64
}

// codeKey is a commit's or a blob's id in a repository.
type codeKey struct {
	repo int64
	id   string
}

type cachedCode struct {
	key   codeKey
	value any // *codeIndex or *codeText
	size  int
	turn  int64
}

// codeText is a file's text, scrubbed.
type codeText struct {
	text   string
	masked string // text where a marker of ours is a NUL; text itself if there is none
	skip   string // why there is no text, "" if there is
	report sanitize.Report
}

func (t *codeText) size() int {
	if t.masked == t.text {
		return len(t.text)
	}
	return len(t.text) + len(t.masked)
}

// begin begins a search's turn. What a search has used it does not push out
// again: one of more than fits would find nothing of what it kept the next time.
func (c *codeCache) begin() (turn int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	return c.turns
}

// get returns what is kept under key, nil if there is nothing.
func (c *codeCache) get(turn int64, key codeKey) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.known[key]
	if !ok {
		return nil
	}
	kept := element.Value.(*cachedCode)
	kept.turn = max(kept.turn, turn)
	c.order.MoveToFront(element)
	return kept.value
}

// put keeps value, if there is room beside what this turn has used. It returns
// what is kept already under key, or else value.
func (c *codeCache) put(turn int64, key codeKey, value any, size int) any {
	const overhead = 256 // more than the cache itself takes for a value
	size += overhead
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = make(map[codeKey]*list.Element)
	}
	if element, ok := c.known[key]; ok {
		return element.Value.(*cachedCode).value
	}
	for c.size+size > maxCode {
		last := c.order.Back()
		if last == nil {
			return value
		}
		kept := last.Value.(*cachedCode)
		if kept.turn >= turn {
			return value
		}
		c.drop(last)
	}
	if c.spare != nil && !c.spare.Take(int64(size)) {
		return value
	}
	c.known[key] = c.order.PushFront(&cachedCode{key, value, size, turn})
	c.size += size
	return value
}

// drop gives up one value. c.mu is held.
func (c *codeCache) drop(element *list.Element) {
	kept := c.order.Remove(element).(*cachedCode)
	delete(c.known, kept.key)
	c.size -= kept.size
	if c.spare != nil {
		c.spare.Return(int64(kept.size))
	}
}

// empty gives up all.
func (c *codeCache) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.order.Len() > 0 {
		c.drop(c.order.Back())
	}
}
