package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// body is a request's body, within the room that its caller has.
type body struct {
	text  []byte
	taken int64
	of    *room
}

// done gives back the room.
func (b *body) done() { b.of.give(b.taken) }

// read reads a request's body. Room is taken as it comes in, so that a body that was
// announced and does not come takes none.
func (t *tenant) read(out *answers, r *http.Request) (*body, *refusal) {
	limits := t.of.config.Limits
	if r.ContentLength > limits.Body {
		return nil, tooLarge
	}
	control := http.NewResponseController(out)
	_ = control.SetReadDeadline(time.Now().Add(limits.ReadBody))
	b := &body{of: t.bodies}
	in := http.MaxBytesReader(out.ResponseWriter, r.Body, limits.Body)
	chunk := make([]byte, min(max(r.ContentLength, 0)+512, 32<<10))
	for {
		n, err := in.Read(chunk)
		if n > 0 {
			if !b.of.take(int64(n)) {
				b.done()
				return nil, busy
			}
			b.taken += int64(n)
			b.text = append(b.text, chunk[:n]...)
		}
		if err == nil {
			continue
		}
		if err == io.EOF {
			_ = control.SetReadDeadline(time.Time{}) // the answer may take longer
			return b, nil
		}
		b.done()
		return nil, unread(err)
	}
}

// unread is the refusal of a body that could not be read.
func unread(err error) *refusal {
	var over *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &over):
		return tooLarge
	case errors.As(err, &network) && network.Timeout():
		return tooSlow
	}
	return malformed(frame.Invalid("the request's body ends too early"))
}

// message judges the body, and notes a request's id beside who asks. It returns nil for
// what nobody has a use for.
func (b *body) message(asks *auth.TokenInfo) (jsonrpc.Message, *refusal) {
	message, bad := frame.Judge(b.text)
	switch {
	case bad != nil:
		return nil, malformed(bad)
	case message == nil && len(bytes.TrimSpace(b.text)) == 0:
		return nil, malformed(frame.Invalid("the request has no body"))
	}
	switch m := message.(type) {
	case *jsonrpc.Response:
		return frame.Answered("elicitation/create", m), nil // the only thing that a client is asked
	case *jsonrpc.Request:
		if m.IsCall() {
			frame.Carry(asks, m.ID)
		} else if m.Method != "notifications/initialized" && m.Method != "notifications/cancelled" {
			return nil, nil // legal, and so is ignoring it
		}
	}
	return message, nil
}

// methodOf is the method of a request, "" for what is none.
func methodOf(message jsonrpc.Message) string {
	if request, ok := message.(*jsonrpc.Request); ok {
		return request.Method
	}
	return ""
}

// wantsProgress reports whether a request asks to be told how far it is.
func wantsProgress(message jsonrpc.Message) bool {
	request, ok := message.(*jsonrpc.Request)
	if !ok || !bytes.Contains(request.Params, []byte(`"progressToken"`)) {
		return false
	}
	var params struct {
		Meta struct {
			Token json.RawMessage `json:"progressToken"`
		} `json:"_meta"`
	}
	return json.Unmarshal(request.Params, &params) == nil && params.Meta.Token != nil
}

// encoded is a message as the library gets to read it: as it was judged, and not as it
// was sent.
func encoded(message jsonrpc.Message) (io.ReadCloser, *refusal) {
	raw, err := jsonrpc.EncodeMessage(message)
	if err != nil {
		return nil, internal
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}
