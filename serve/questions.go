package serve

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sync"
	"time"

	"aegis/gate"
)

// Bounds on the questions that wait for a human at once. Who makes more calls of
// the kind is told that there is no way to ask.
const (
	maxQuestions    = 16
	maxQuestionSize = 16 << 20 // bytes of the calls' arguments together
)

// questions are those that wait for a human's answer. Where the answer comes with
// another call nobody waits for it: such a question is left here, and if it gets
// no answer until it expires, or until the session ends, that is a no.
type questions struct {
	refuse func(tool gate.Tool, call gate.Call) // tells the gate of a no

	mu      sync.Mutex
	waiting map[string]*question // by state
	size    int                  // of their calls' arguments, in bytes
	over    bool
	late    sync.WaitGroup // refusals that are under way
}

// question is one, with the call that it is about.
type question struct {
	tool  gate.Tool
	call  gate.Call
	timer *time.Timer // nil while somebody waits for the answer
}

func newQuestions(refuse func(gate.Tool, gate.Call)) *questions {
	return &questions{refuse: refuse, waiting: make(map[string]*question)}
}

// room reports whether one more could be asked, about a call with arguments of
// size bytes.
func (q *questions) room(size int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.fits(size)
}

func (q *questions) fits(size int) bool {
	return !q.over && len(q.waiting) < maxQuestions && q.size+size <= maxQuestionSize
}

// open enters a question about a call and reports whether it may be asked. It is
// to be closed by answered, or left by leave.
func (q *questions) open(asked *gate.Question, tool gate.Tool, call gate.Call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting[asked.State] != nil || !q.fits(len(call.Args)) {
		return false
	}
	q.waiting[asked.State] = &question{tool: tool, call: call}
	q.size += len(call.Args)
	return true
}

// leave leaves an open question to its answer or its end.
func (q *questions) leave(asked *gate.Question) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if one := q.waiting[asked.State]; one != nil {
		one.timer = time.AfterFunc(time.Until(asked.Expires), func() { q.expire(asked.State, one) })
	}
}

// answered closes the question that a call answers. An answer that another call
// brings closes nothing.
func (q *questions) answered(state string, tool gate.Tool, call gate.Call) {
	q.mu.Lock()
	defer q.mu.Unlock()
	one := q.waiting[state]
	if one == nil || one.tool.Name != tool.Name || !same(one.call.Args, call.Args) {
		return
	}
	if one.timer != nil {
		one.timer.Stop()
	}
	q.remove(state, one)
}

// same reports whether two calls' arguments say the same, in whatever order and
// spacing: a client may encode them anew.
func same(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var first, second any
	decode := func(raw json.RawMessage, into *any) bool {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		return decoder.Decode(into) == nil
	}
	return decode(a, &first) && decode(b, &second) && reflect.DeepEqual(first, second)
}

// expire refuses a question that was left, unless it was answered.
func (q *questions) expire(state string, one *question) {
	q.mu.Lock()
	mine := q.waiting[state] == one
	if mine {
		q.remove(state, one)
		q.late.Add(1)
	}
	q.mu.Unlock()
	if mine {
		defer q.late.Done()
		one.call.Reply = &gate.Reply{State: state}
		q.refuse(one.tool, one.call)
	}
}

func (q *questions) remove(state string, one *question) {
	delete(q.waiting, state)
	q.size -= len(one.call.Args)
}

// close refuses every question that was left, and returns when the gate knows.
// None can be opened any more.
func (q *questions) close() {
	q.mu.Lock()
	q.over = true
	left := make(map[string]*question)
	for state, one := range q.waiting {
		if one.timer != nil {
			left[state] = one
		}
	}
	q.mu.Unlock()
	for state, one := range left {
		one.timer.Stop()
		q.expire(state, one)
	}
	q.late.Wait()
}
