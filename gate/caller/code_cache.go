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
	room  Room // of what all callers share, nil for none
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

// Room is memory that is there for all callers, in bytes. It is safe for concurrent use.
type Room interface {
	Take(n int64) bool // false if it is not there
	Return(n int64)
}

// ShareRoom has the cache take what it keeps from a room, from the first call on. make
// is told how the cache gives up everything.
func (c *CodeCache) ShareRoom(make func(giveUp func()) Room) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == nil && c.order.Len() == 0 {
		c.room = make(c.Empty)
	}
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
		c.drop(last)
	}
	if c.room != nil && !c.room.Take(int64(size)) {
		return value
	}
	c.known[key] = c.order.PushFront(&cachedCode{key, value, size, turn})
	c.size += size
	return value
}

// drop gives up one value. c.mu is held.
func (c *CodeCache) drop(element *list.Element) {
	kept := c.order.Remove(element).(*cachedCode)
	delete(c.known, kept.key)
	c.size -= kept.size
	if c.room != nil {
		c.room.Return(int64(kept.size))
	}
}

// Empty gives up all.
func (c *CodeCache) Empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.order.Len() > 0 {
		c.drop(c.order.Back())
	}
}
