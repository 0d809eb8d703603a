package stdio

import (
	"encoding/json"
	"sync"

	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

const (
	methodInitialize  = "initialize"
	methodInitialized = "notifications/initialized"
	methodCancelled   = "notifications/cancelled"
	methodListen      = "subscriptions/listen"
)

// ledger knows who waits for whom: the client's requests that the server has
// not answered, and the server's that the client has not.
//
// A request leaves in two steps. Its id is free before its answer is written,
// because the client may use it again on the first byte it sees. It counts
// until the answer is written, because the session must not end before, and
// because a client that does not read must not pile up answers. That count
// lags by one frame at most behind what the client has seen, so a bound of
// twice the first never hits one that keeps to it.
type ledger struct {
	max     int           // requests
	maxSize int           // bytes of their params together
	changed chan struct{} // holds one; signalled when afterInput may have news

	mu        sync.Mutex
	waiting   map[jsonrpc.ID]request // the client's requests
	size      int                    // of the params of those
	unsettled int                    // how many those are, and those whose answer is being written
	asked     map[jsonrpc.ID]string  // the server's requests, by method
	ended     bool                   // no more input
	inject    []jsonrpc.Message      // for the server, in the client's stead
}

type request struct {
	method string
	size   int // bytes of params
}

// newLedger takes max requests whose params are maxSize bytes together.
func newLedger(max, maxSize int) *ledger {
	return &ledger{
		max:     max,
		maxSize: maxSize,
		changed: make(chan struct{}, 1),
		waiting: make(map[jsonrpc.ID]request),
		asked:   make(map[jsonrpc.ID]string),
	}
}

// admit enters a message from the client. It returns the message if the server
// should see it, a rejection if the client should hear about it, and neither
// if there is nobody it could concern.
func (l *ledger) admit(msg jsonrpc.Message) (jsonrpc.Message, *frame.Rejection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch m := msg.(type) {
	case *jsonrpc.Response:
		method, waits := l.asked[m.ID]
		if !waits {
			return nil, nil
		}
		delete(l.asked, m.ID)
		return frame.Answered(method, m), nil
	case *jsonrpc.Request:
		if !m.IsCall() {
			if !l.concerns(m) {
				return nil, nil
			}
			return m, nil
		}
		if _, used := l.waiting[m.ID]; used {
			return nil, frame.Invalid("id is in use by a request that still waits for its answer")
		}
		if len(l.waiting) >= l.max || l.unsettled >= 2*l.max || l.size+len(m.Params) > l.maxSize {
			return nil, &frame.Rejection{ID: m.ID, Code: frame.CodeServer, Reason: "too many requests outstanding"}
		}
		l.waiting[m.ID] = request{m.Method, len(m.Params)}
		l.size += len(m.Params)
		l.unsettled++
		return m, nil
	}
	return nil, nil
}

// concerns reports whether the server has a use for a notification. Others are
// legal, and so is ignoring them; handed on, they would queue without bound.
func (l *ledger) concerns(m *jsonrpc.Request) bool {
	switch m.Method {
	case methodInitialized:
		return true
	case methodCancelled:
		id, ok := cancelledID(m)
		r, waits := l.waiting[id]
		return ok && waits && r.method != methodInitialize // which the protocol exempts
	}
	return false
}

func cancelledID(m *jsonrpc.Request) (jsonrpc.ID, bool) {
	var params struct {
		RequestID json.RawMessage `json:"requestId"`
	}
	if json.Unmarshal(m.Params, &params) != nil || params.RequestID == nil {
		return jsonrpc.ID{}, false
	}
	id, reason := frame.ParseID(params.RequestID)
	return id, reason == ""
}

// holds reports whether a request with this id still waits.
func (l *ledger) holds(id jsonrpc.ID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.waiting[id]
	return ok
}

// release frees the id of a request that is about to be answered and returns
// its method. It must be followed by settle once the answer is written.
func (l *ledger) release(id jsonrpc.ID) (method string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.waiting[id]
	delete(l.waiting, id)
	l.size -= r.size
	return r.method, ok
}

func (l *ledger) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsettled--
	l.signal()
}

// ask enters a message of the server's and reports whether to send it: a
// question that nobody is left to answer is answered here.
func (l *ledger) ask(m *jsonrpc.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case m.IsCall() && l.ended:
		l.answerForClient(m.ID)
		return false
	case m.IsCall():
		l.asked[m.ID] = m.Method
	case m.Method == methodCancelled:
		if id, ok := cancelledID(m); ok {
			delete(l.asked, id)
		}
	}
	return true
}

// unask takes back a question that could not be sent.
func (l *ledger) unask(id jsonrpc.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.asked, id)
}

// endOfInput ends what only a speaking client could end: questions to it, and
// subscriptions, which last until they are cancelled.
func (l *ledger) endOfInput() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for id := range l.asked {
		l.answerForClient(id)
	}
	clear(l.asked)
	for id, r := range l.waiting {
		if r.method == methodListen {
			params, err := json.Marshal(map[string]any{"requestId": id.Raw()})
			if err == nil {
				l.inject = append(l.inject, &jsonrpc.Request{Method: methodCancelled, Params: params})
			}
		}
	}
}

func (l *ledger) answerForClient(id jsonrpc.ID) {
	l.inject = append(l.inject, &jsonrpc.Response{
		ID:    id,
		Error: &jsonrpc.Error{Code: frame.CodeServer, Message: "the client has closed its input"},
	})
	l.signal()
}

// afterInput returns the next message to hand to the server in the client's
// stead, or whether everything is answered.
func (l *ledger) afterInput() (msg jsonrpc.Message, idle bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.inject) > 0 {
		msg, l.inject = l.inject[0], l.inject[1:]
		return msg, false
	}
	return nil, l.unsettled == 0
}

func (l *ledger) signal() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}
