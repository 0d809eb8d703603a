package forge

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"aegis/internal/canon"
)

// Write is a request that changes something. It has to match a rule of the
// egress list that names its method, its path and each member of its body.
type Write struct {
	Method   string
	Segments []string // of the path below /api/v1, unescaped
	Body     any      // marshals to a JSON object; nil is an empty one
}

// maxBody bounds the body of a request, in bytes: files come in base64, a third
// longer than the arguments that they came in.
const maxBody = 32 << 20

// Send sends a write, once, and returns the body of Gitea's answer, nil if that
// has none. It is never tried again, here or on the wire.
//
// An error of the kind [Lost] says that the request left and nobody knows what
// became of it. With every other kind nothing was changed: it did not leave, or
// Gitea refused it.
func (c *Client) Send(w Write) (json.RawMessage, error) {
	content, err := json.Marshal(w.Body)
	if err != nil {
		return nil, refused("the body can't be encoded")
	}
	if w.Body == nil {
		content = []byte("{}")
	}
	req, err := http.NewRequestWithContext(c.ctx, w.Method, c.address(nil, w.Segments), io.NopCloser(bytes.NewReader(content)))
	if err != nil {
		return nil, refused("the address is malformed")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.explained(From(err))
	}
	defer resp.Body.Close()
	answer, ok := resp.Body.(*body)
	if !ok {
		return nil, lost(resp.StatusCode)
	}
	return answer.bytes, nil
}

// lost is the error for a write whose answer does not tell what became of it.
func lost(status int) *Error {
	return &Error{Kind: Lost, Status: status, Message: "The request was sent, and Gitea's answer was lost: it may have been carried out or not."}
}

// lostUnlessRefused is what the failure of a write that has left comes to: Lost,
// unless Gitea's status says that it was refused. Gitea makes the changes of a
// PATCH one after the other and answers some refusals in the midst of them.
func lostUnlessRefused(method string, failure *Error) *Error {
	status := failure.Status
	halfway := method == http.MethodPatch && (status == http.StatusBadRequest || status == http.StatusPreconditionFailed || status == http.StatusUnprocessableEntity)
	if status >= 300 && status < 500 && !halfway {
		return failure
	}
	unknown := lost(status)
	unknown.Reason = failure.Reason
	return unknown
}

// judgeBody reads a request's body and returns it as it is to be sent, encoded
// anew from what was judged.
func (r rule) judgeBody(req *http.Request, segments []string, readable func(canon.Repo) bool) ([]byte, *Error) {
	if r.body == nil {
		if req.Body != nil && req.Body != http.NoBody {
			return nil, refused("a request that only reads has no body")
		}
		return nil, nil
	}
	if req.Body == nil {
		return nil, refused("the request has no body")
	}
	content, err := io.ReadAll(io.LimitReader(req.Body, maxBody+1))
	if err != nil || len(content) > maxBody {
		return nil, refused("the body is too long")
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil || decoder.More() {
		return nil, refused("the body is not one JSON value")
	}
	if !r.body.match(value) || r.agree != nil && !r.agree(segments, value, readable) {
		return nil, refused("the body has a member, or a value, that is not on the list")
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, refused("the body can't be encoded")
	}
	return encoded, nil
}

// members are what a body's object may hold: names, with an exclamation mark if
// they must be there, and what their values may be. A value is what
// encoding/json makes of it, numbers as json.Number.
type members map[string]func(value any) bool

func (m members) match(value any) bool {
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for name := range m {
		if bare, required := strings.CutSuffix(name, "!"); required {
			if _, ok := object[bare]; !ok {
				return false
			}
		}
	}
	for name, given := range object {
		allowed := m[name]
		if allowed == nil {
			allowed = m[name+"!"]
		}
		if strings.HasSuffix(name, "!") || allowed == nil || !allowed(given) {
			return false
		}
	}
	return true
}

// address is where a request goes.
func (c *Reader) address(query url.Values, segments []string) string {
	var path strings.Builder
	path.WriteString(c.transport.forge.base.String() + "/api/v1")
	for _, segment := range segments {
		path.WriteString("/" + url.PathEscape(segment))
	}
	if len(query) > 0 {
		path.WriteString("?" + query.Encode())
	}
	return path.String()
}
