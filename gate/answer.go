package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

	rule     string
	report   sanitize.Report
	withheld int
}

func (a Answer) size() int { return len(a.Object) + len(a.Text) }

// finish turns what the handler found, or why it failed, into an answer:
// filtered, scrubbed, then cut to size. If that fails nothing of the result
// is left in the answer.
func (v *Visit) finish(result *Result, err error) Answer {
	var a Answer
	if err == nil {
		err = v.contain(func() (err error) {
			a, err = v.compose(result)
			return err
		})
		if err != nil {
			v.noteShown(result) // the refusal may tell of it
		}
	}
	var asked *asking
	if errors.As(err, &asked) {
		return v.asked(asked.question)
	}
	if err != nil {
		refusal := v.refusalOf(err)
		v.noteFailed(refusal)
		return v.refuse(refusal)
	}
	v.noteShown(result)
	v.caller.Sent.Add(int64(a.size()))
	return a
}

func (v *Visit) compose(result *Result) (Answer, error) {
	a := Answer{Call: v.id}
	a.withheld = v.filter(result)
	object, err := v.object(result)
	if err != nil {
		return Answer{}, err
	}
	object, a.report, err = v.scrubJSON(object)
	if err != nil {
		return Answer{}, err
	}
	v.reportFiles(result.List, &a.report)
	budget := v.policy.Limits().BytesPerAnswer
	notes := members{}
	if result.Text != nil {
		if object, err = fit(object, budget/2, &notes); err != nil {
			return Answer{}, err
		}
		var report sanitize.Report
		known := memory(v.caller).Learned()
		if a.Text, report, err = v.text(result.Text, budget-len(object), &notes); err != nil {
			return Answer{}, err
		}
		a.report.Add(report)
		if memory(v.caller).Learned() != known { // the object may hold what the text gave away
			if object, report, err = v.scrubber.JSON(json.RawMessage(object)); err != nil {
				return Answer{}, err
			}
			a.report.Again(report)
		}
	} else if object, err = v.fitted(object, budget, &notes, &a.report); err != nil {
		return Answer{}, err
	}
	redacted := 0
	for _, n := range a.report.Redactions {
		redacted += n
	}
	if len(v.remarks) > 0 {
		notes.add("note", strings.Join(v.remarks, "; "))
	}
	notes.number("redacted", redacted)
	notes.number("withheld", a.withheld+a.report.Withheld)
	notes.number("hidden_characters", a.report.Hidden)
	a.Object = notes.appendTo(object)
	return a, nil
}

// fitted cuts object to budget bytes. A cut may make a match that the whole did
// not have, of a rule that wants an end behind a secret: what was cut is scrubbed
// as it leaves.
func (v *Visit) fitted(object []byte, budget int, notes *members, report *sanitize.Report) ([]byte, error) {
	cut, err := fit(object, budget, notes)
	if err != nil || len(cut) == len(object) {
		return cut, err
	}
	cut, again, err := v.scrubJSON(cut)
	report.Again(again)
	return cut, err
}

// object puts the call id, the fields and the list into one JSON object.
func (v *Visit) object(r *Result) (json.RawMessage, error) {
	all := members{}
	all.add("call", v.id)
	object := all.appendTo([]byte("{}"))
	if r.Fields != nil {
		fields, err := marshal(r.Fields)
		if err != nil {
			return nil, err
		}
		if object, err = join(object, fields); err != nil {
			return nil, err
		}
	}
	if r.List == nil {
		return object, nil
	}
	items := make([]any, len(r.List.Rows)) // never null
	for i, row := range r.List.Rows {
		items[i] = row.Value
	}
	list, err := marshal(struct {
		Items   []any `json:"items"`
		Page    int   `json:"page"`
		Limit   int   `json:"limit"`
		HasMore bool  `json:"has_more"`
	}{items, r.List.Page, r.List.Limit, r.List.HasMore})
	if err != nil {
		return nil, err
	}
	return join(object, list)
}

// refuse makes the answer of a refusal.
func (v *Visit) refuse(r *Refusal) Answer {
	a := Answer{Call: v.id, IsError: true, Code: r.Code, rule: r.Rule}
	body := members{}
	body.add("code", string(r.Code))
	body.add("message", r.Message)
	if r.Rule != "" {
		body.add("rule", r.Rule)
	}
	if r.Hint != "" {
		body.add("hint", r.Hint)
	}
	body.add("call", v.id)
	if r.written != nil {
		body.add("written", r.written)
	}
	object := fmt.Appendf(nil, `{"error":%s}`, body.appendTo([]byte("{}")))
	err := v.contain(func() (err error) {
		a.Object, _, err = v.gate.scrubber.Remembering(memory(v.caller)).JSON(json.RawMessage(object))
		return err
	})
	if err != nil { // the scrubber itself fails: say only what we wrote ourselves
		a.Object = fmt.Appendf(nil, `{"error":{"code":%q,"message":"The call failed.","call":%q}}`, r.Code, v.id)
	}
	return a
}

// asked is the answer of a call that waits for a human.
func (v *Visit) asked(question Question) Answer {
	all := members{}
	all.add("call", v.id)
	all.add("asked", true)
	all.add("message", "A human is asked first; nothing has been done yet.")
	return Answer{Call: v.id, Object: all.appendTo([]byte("{}")), Ask: &question, rule: v.rule}
}

// unavailable is the answer when the audit log could not be written: nothing
// of the result is in it.
func (v *Visit) unavailable(err error) Answer {
	refusal := v.auditRefusal(err)
	if v.sends > 0 {
		refusal.Message = "The audit log can't be written. What this call changes was sent to Gitea before; its outcome is not released."
		refusal.Hint = "Read " + v.lookAt() + " to see what is there. " + refusal.Hint
	}
	return v.refuse(refusal)
}

func (v *Visit) auditRefusal(err error) *Refusal {
	v.logger().Error().Str("error", v.gate.scrubber.Line(err.Error())).Msg("audit log unavailable")
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
