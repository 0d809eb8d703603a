package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"aegis/sanitize"
)

// Answer is what leaves the door.
type Answer struct {
	Call    string // the call's id
	IsError bool
	Code    Code   // why it failed, "" if it did not
	Object  []byte // one compact JSON object, the first block
	Text    string // the second block with its envelope, "" if there is none
	// Ask is not nil if a human is to be asked: nothing has been done, and Object
	// says so.
	Ask *Question
	// Sent is whether a request that changes something has left and was not refused: what it
	// changes is there, or may be. Without it nothing was changed.
	Sent bool
	// Writers are the authors of rows, in small letters, who may write to the repository. It is
	// there if [Call.Standing] asks for it.
	Writers map[string]bool

	rule     string
	report   sanitize.Report
	withheld int
	rows     int // of a list, that it shows
}

// outcome is how the call ended that a is the answer of, in a word: "ok", "asked",
// "refused", "failed", or "cancelled" by whoever made it.
func (a Answer) outcome(ctx context.Context) string {
	switch {
	case a.Ask != nil:
		return "asked"
	case !a.IsError && a.Call != "":
		return "ok"
	case a.Code == Timeout && errors.Is(ctx.Err(), context.Canceled):
		return "cancelled"
	case a.Call == "" || slices.Contains(Faults(), a.Code): // there is no answer after a panic
		return "failed"
	}
	return "refused"
}

func (a Answer) size() int { return len(a.Object) + len(a.Text) }

// fitted cuts object to budget bytes. A cut may make a match that the whole did
// not have, of a rule that wants an end behind a secret: what was cut is scrubbed
// as it leaves.
func (t *telling) fitted(object []byte, budget int, notes *members, report *sanitize.Report) ([]byte, error) {
	cut, err := fit(object, budget, t.texts, notes)
	if err != nil || len(cut) == len(object) {
		return cut, err
	}
	cut, again, err := t.scrubJSON(cut)
	report.Again(again)
	return cut, err
}

// object puts the call id, the fields and the list into one JSON object. What had to be
// cut from long texts is reported.
func (t *telling) object(report *sanitize.Report) (json.RawMessage, error) {
	all := members{}
	all.add("call", t.id)
	object := all.appendTo([]byte("{}"))
	var err error
	if t.result.Fields, err = t.excerpted(t.result.Fields, report); err != nil {
		return nil, err
	}
	if t.result.Fields != nil {
		fields, err := marshal(t.result.Fields)
		if err != nil {
			return nil, err
		}
		if object, err = join(object, fields); err != nil {
			return nil, err
		}
	}
	if t.list == nil {
		return object, nil
	}
	items := make([]any, len(t.list.rows)) // never null
	for i := range t.list.rows {
		row := &t.list.rows[i]
		if row.Value, err = t.excerpted(row.Value, report); err != nil {
			return nil, err
		}
		items[i] = row.Value
	}
	list, err := marshal(struct {
		Items   []any `json:"items"`
		Page    int   `json:"page"`
		Limit   int   `json:"limit"`
		HasMore bool  `json:"has_more"`
	}{items, t.result.List.Page, t.result.List.Limit, t.list.more})
	if err != nil {
		return nil, err
	}
	return join(object, list)
}

// refuse makes the answer of a refusal.
func (r *request) refuse(refusal *Refusal) Answer {
	a := Answer{Call: r.id, IsError: true, Code: refusal.Code, rule: refusal.Rule}
	body := members{}
	body.add("code", string(refusal.Code))
	body.add("message", refusal.Message)
	if refusal.Rule != "" {
		body.add("rule", refusal.Rule)
	}
	if refusal.Hint != "" {
		body.add("hint", refusal.Hint)
	}
	body.add("call", r.id)
	if !r.trace.IsZero() {
		body.add("trace", r.trace.String())
	}
	if refusal.written != nil {
		body.add("written", refusal.written)
	}
	object := fmt.Appendf(nil, `{"error":%s}`, body.appendTo([]byte("{}")))
	err := r.contain(func() (err error) {
		a.Object, _, err = r.desk.scrubber.Remembering(memory(r.caller)).JSON(json.RawMessage(object))
		return err
	})
	if err != nil { // the scrubber itself fails: say only what we wrote ourselves
		a.Object = fmt.Appendf(nil, `{"error":{"code":%q,"message":"The call failed.","call":%q}}`, refusal.Code, r.id)
	}
	return a
}

// unavailable is the answer when the decision could not be written: nothing was
// asked or sent.
func (r *request) unavailable(err error) Answer { return r.refuse(r.auditRefusal(err)) }

func (r *request) auditRefusal(err error) *Refusal {
	r.logger().Error().Str("error", r.desk.scrubber.Line(err.Error())).Msg("audit log unavailable")
	return Refuse(AuditUnavailable, "The audit log can't be written, so nothing was done or released.").
		WithHint("The log on stderr says why; aegis audit verify tells what is wrong with a log; AUDIT_LOG_PATH (--audit-log) is where it lies.")
}

// sentence makes text end like one.
func sentence(text string) string {
	if text = strings.TrimSpace(text); text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// members are JSON members in order, for an object that is put together.
type members struct {
	names map[string]bool
	raw   []byte
}

func (m *members) add(name string, value any) {
	raw, err := marshal(value)
	if err != nil || m.names[name] {
		return
	}
	if m.names == nil {
		m.names = make(map[string]bool)
	}
	m.names[name] = true
	m.raw = fmt.Appendf(m.raw, `,%q:%s`, name, raw)
}

func (m *members) flag(name string) { m.add(name, true) }

// number adds a count unless it is zero.
func (m *members) number(name string, n int) {
	if n != 0 {
		m.add(name, n)
	}
}

// appendTo returns object with the members behind its own.
func (m *members) appendTo(object []byte) []byte {
	if len(m.raw) == 0 {
		return object
	}
	joined, err := join(object, append([]byte("{"), append(m.raw[1:len(m.raw):len(m.raw)], '}')...))
	if err != nil {
		return object
	}
	return joined
}

// join makes one object of two.
func join(a, b []byte) ([]byte, error) {
	if !isObject(a) || !isObject(b) {
		return nil, errors.New("an answer is not a JSON object")
	}
	switch {
	case len(a) == 2:
		return b, nil
	case len(b) == 2:
		return a, nil
	}
	joined := make([]byte, 0, len(a)+len(b))
	joined = append(append(joined, a[:len(a)-1]...), ',')
	return append(joined, b[1:]...), nil
}

func isObject(raw []byte) bool {
	return len(raw) >= 2 && raw[0] == '{' && raw[len(raw)-1] == '}'
}

// marshal encodes compactly and leaves <, > and & as they are.
func marshal(value any) ([]byte, error) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}
