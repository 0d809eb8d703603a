package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"runtime"
)

// What an answer takes while it is read and decoded, in multiples of its length. What
// comes after takes less: texts are scrubbed in pieces.
const (
	costOfJSON = 4
	costOfText = 2
)

// bodySteps are the lengths up to which an answer is read that does not say how long
// it is. The first is free; before each of the others memory is taken for it.
func bodySteps(bound int64) []int64 { return []int64{freeBody, 1 << 20, 4 << 20, bound} }

// freeBody is the length of what is read without asking.
const freeBody = 256 << 10

// largeBody is the length from which room for an answer is made before it is read: the
// runtime collects garbage when it has grown, which is too late for one large piece.
const largeBody = 8 << 20

// makeRoom is called before something of n bytes is made: what others left must not
// add to it.
func makeRoom(n int64) {
	if n > largeBody {
		runtime.GC()
	}
}

// readBody reads resp and checks that it is what was expected.
func (t *transport) readBody(ctx context.Context, resp *http.Response, expected media) ([]byte, *Error) {
	bound, cost := int64(MaxText), int64(costOfText)
	if expected == jsonValue {
		bound, cost = MaxJSON, costOfJSON
		kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" {
			return nil, notGitea(resp.StatusCode)
		}
	}
	if resp.ContentLength > bound {
		return nil, tooLarge(resp.StatusCode, bound)
	}
	content, err := t.readAll(ctx, resp, bound, cost)
	switch {
	case int64(len(content)) > bound:
		return nil, tooLarge(resp.StatusCode, bound)
	case err != nil:
		return nil, cutShort(resp.StatusCode)
	case expected != jsonValue:
		return content, nil
	case !json.Valid(content):
		return nil, notGitea(resp.StatusCode)
	}
	objects, values := partsOf(content)
	if objects > maxObjects || values > maxValues {
		return nil, &Error{Kind: TooLarge, Status: resp.StatusCode, Message: "Gitea's answer has more parts than an answer may have."}
	}
	// A short answer of many short objects takes more than its length says.
	if more := int64(objects)*costOfObject - cost*int64(len(content)); more > freeParts {
		if err := t.lease.grow(ctx, more); err != nil {
			return nil, cutShort(resp.StatusCode)
		}
	}
	return content, nil
}

// readAll reads resp to its end, or to one byte beyond the bound. What was
// decompressed is counted: a small body can unpack to a huge one.
func (t *transport) readAll(ctx context.Context, resp *http.Response, bound, cost int64) ([]byte, error) {
	steps := bodySteps(bound)
	if resp.ContentLength > freeBody {
		steps = []int64{0, resp.ContentLength}
	} else if resp.ContentLength > 0 {
		steps = []int64{resp.ContentLength, bound}
	}
	var content []byte
	taken := int64(0)
	for i, step := range steps {
		if i > 0 {
			if err := t.lease.grow(ctx, cost*(step-taken)); err != nil {
				return nil, err
			}
			taken = step
			makeRoom(step)
		}
		if done, err := readUpTo(resp.Body, &content, step+1); done || err != nil {
			return content, err
		}
	}
	return content, nil
}

// readUpTo reads on until content has n bytes, or to the end. Small answers have
// small buffers.
func readUpTo(from io.Reader, content *[]byte, n int64) (done bool, err error) {
	for int64(len(*content)) < n {
		if len(*content) == cap(*content) {
			size := n
			if n <= freeBody+1 {
				size = min(n, max(4<<10, 2*int64(cap(*content))))
			}
			larger := make([]byte, len(*content), size)
			copy(larger, *content)
			*content = larger
		}
		read, err := from.Read((*content)[len(*content):cap(*content)])
		*content = (*content)[:len(*content)+read]
		switch {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		}
	}
	return false, nil
}

// Bounds on what a JSON answer is made of. Decoded, an object takes up to a
// kilobyte, however short it is.
const (
	maxObjects = 50_000
	maxValues  = 1_000_000
	// costOfObject is what an object takes, in bytes, and freeParts what all of an
	// answer's may take beyond its length without asking.
	costOfObject = 1 << 10
	freeParts    = 1 << 20
)

// partsOf counts what JSON is made of. Gitea gives at most a few thousand rows at once.
func partsOf(content []byte) (objects, values int) {
	for i := 0; i < len(content); i++ {
		switch content[i] {
		case '"':
			i = endOfString(content, i+1)
		case '{', '[':
			objects++
		case ',':
			values++
		}
	}
	return objects, values
}

// endOfString returns where the string ends, at its quote, of which the inside begins
// at offset i.
func endOfString(content []byte, i int) int {
	for i < len(content) {
		next := bytes.IndexAny(content[i:], `"\\`)
		if next < 0 {
			return len(content)
		}
		if i += next; content[i] == '"' {
			return i
		}
		i += 2
	}
	return i
}
