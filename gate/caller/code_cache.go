package caller

import (
	"container/list"
	"sync"
)

// MaxCode bounds what a caller keeps of the code that it searched, in bytes of
// scrubbed text and of names.
const MaxCode = 64 << 20

// CodeCache keeps what was read for searches: lists of files by commit, scrubbed
// texts by blob, in whatever form the reader gives them. What was used last stays. It holds nothing that policy hid when
// it was read, and says nothing of what policy shows now: each search asks.
type CodeCache struct {
	mu    sync.Mutex
	size  int
	known map[CodeKey]*list.Element
	order list.List // of *cachedCode, the last used in front
	turns int64
}

// CodeKey is a commit's or a blob's id in a repository.
type CodeKey struct {
	Repo int64
	ID   string
}

type cachedCode struct {
	key   CodeKey
	value any
	size  int
	turn  int64
}

// Begin begins a search's turn. What a search has used it does not push out
// again: one of more than fits would find nothing of what it kept the next time.
func (c *CodeCache) Begin() (turn int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	return c.turns
}

// Get returns what is kept under key, nil if there is nothing.
func (c *CodeCache) Get(turn int64, key CodeKey) any {
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

// Put keeps value, if there is room beside what this turn has used. It returns
// what is kept already under key, or else value.
func (c *CodeCache) Put(turn int64, key CodeKey, value any, size int) any {
	const overhead = 256 // more than the cache itself takes for a value
	size += overhead
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = make(map[CodeKey]*list.Element)
	}
	if element, ok := c.known[key]; ok {
		return element.Value.(*cachedCode).value
	}
	for c.size+size > MaxCode {
		last := c.order.Back()
		if last == nil {
			return value
		}
		kept := last.Value.(*cachedCode)
		if kept.turn >= turn {
			return value
		}
		c.order.Remove(last)
		delete(c.known, kept.key)
		c.size -= kept.size
	}
	c.known[key] = c.order.PushFront(&cachedCode{key, value, size, turn})
	c.size += size
	return value
}
