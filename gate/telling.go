package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// telling is what an answer is made of, once nobody may be asked any more: filtering,
// scrubbing, fitting and wording are of what is in here. Nothing in it leads to Gitea.
type telling struct {
	*judge
	result   *Result
	list     *sifted // what policy shows of the result's list, nil if there is none
	withheld int     // what was hidden so far
	question *Question
	refusal  *Refusal // why there is no result
	flow     *FlowCase

	found     findings
	consent   consent
	sending   sending
	status    int    // Gitea's last
	anonymous bool   // the caller has no token
	look      string // where a write shows
	writers   map[string]bool

	texts lengths // of the long texts that were cut before the answer was put together
}

// complete is the last that asks Gitea anything: for what it takes to judge the
// result, or to word why there is none. After it the call's client asks nothing.
func (w *world) complete(result *Result, err error) *telling {
	t := &telling{judge: w.judge(), consent: w.consent, flow: w.flow, sending: w.sending, anonymous: w.client.Anonymous()}
	if err == nil {
		err = w.contain(func() error {
			t.result, t.withheld = result, w.found.hideStrangers(result)+w.found.withheld
			w.settle(func(j *judge) {
				if result.List != nil {
					t.list = j.sift(result.List, t.list)
				}
				j.preview(t)
			})
			return nil
		})
	}
	var asked *asking
	switch {
	case errors.As(err, &asked):
		t.question = &asked.question
	case err != nil:
		t.refusal = w.refusalOf(err)
	}
	if w.plan != nil {
		t.look = w.lookAt()
	}
	w.client.Seal()
	t.found, t.status = w.found, w.client.LastStatus()
	if w.sending.status != 0 {
		t.status = w.sending.status
	}
	return t
}

// JudgedByLess is logged where an answer was judged by less than there is to know: the
// world has missed something. What is unknown was hidden.
const JudgedByLess = "an answer was judged by less than there is to know"

// preview looks at everything that the answer will be judged by, so that what is
// missing for it is known.
func (j *judge) preview(t *telling) {
	if t.result.Diff != nil && j.repo != nil {
		for _, repo := range append([]*Resolved{j.repo}, j.others...) {
			j.ancestorsOf(repo)
		}
	}
	j.hidesAuthored(t.result.Fields, j.target())
	if t.list == nil {
		return
	}
	for _, row := range t.list.rows {
		j.hidesAuthored(row.Value, j.from(row))
	}
	if j.call.Standing {
		t.writers = j.writersAmong(t.list.rows)
	}
	if j.marks() && !j.writes() {
		j.marksOfRows(t.result.List, t.list.rows, t.anonymous)
	}
}

// answer turns what the handler found, or why it failed, into an answer:
// filtered, scrubbed, then cut to size. If that fails nothing of the result
// is left in the answer. It marks the caller with what the answer shows.
func (t *telling) answer() Answer {
	var a Answer
	switch {
	case t.question != nil:
		return t.asks()
	case t.refusal == nil:
		err := t.contain(func() (err error) {
			a, err = t.compose()
			return err
		})
		t.noteShown() // a refusal may tell of it as well
		if t.lacks > 0 {
			t.logger().Error().Int("missing", t.lacks).Msg(JudgedByLess)
		}
		if err != nil {
			t.refusal = t.refusalOf(err)
		} else if t.refusal = t.count(a); t.refusal == nil {
			return a
		}
	}
	t.noteFailed(t.refusal)
	return t.refuse(t.refusal)
}

// compose makes the answer of a result.
func (t *telling) compose() (Answer, error) {
	a := Answer{Call: t.id}
	a.withheld = t.filter()
	object, err := t.object(&a.report)
	if err != nil {
		return Answer{}, err
	}
	object, report, err := t.scrubJSON(object)
	if err != nil {
		return Answer{}, err
	}
	a.report.Add(report)
	if t.list != nil {
		t.found.cleaned.reportFiles(t.list.rows, &a.report)
	}
	budget := t.policy.Limits().BytesPerAnswer
	notes := members{}
	if t.result.Text != nil {
		object, a.Text, err = t.withText(object, budget, &notes, &a)
	} else {
		object, err = t.fitted(object, budget, &notes, &a.report)
	}
	if err != nil {
		return Answer{}, err
	}
	redacted := 0
	for _, n := range a.report.Redactions {
		redacted += n
	}
	if len(t.found.remarks) > 0 {
		notes.add("note", strings.Join(t.found.remarks, "; "))
	}
	notes.number("redacted", redacted)
	notes.number("withheld", a.withheld+a.report.Withheld)
	notes.number("hidden_characters", a.report.Hidden)
	a.Object, a.rows = notes.appendTo(object), t.rowsIn(object, notes)
	return a, nil
}

// rowsIn is how many rows of a list are in an answer's object: all that policy shows, unless
// not all of them fitted.
func (t *telling) rowsIn(object []byte, notes members) int {
	switch {
	case t.list == nil:
		return 0
	case !notes.names["truncated"]:
		return len(t.list.rows)
	}
	var said struct{ Items []json.RawMessage }
	_ = json.Unmarshal(object, &said) // we made it
	return len(said.Items)
}

// asks is the answer of a call that waits for a human.
func (t *telling) asks() Answer {
	all := members{}
	all.add("call", t.id)
	all.add("asked", true)
	all.add("message", "A human is asked first; nothing has been done yet.")
	return Answer{Call: t.id, Object: all.appendTo([]byte("{}")), Ask: t.question, rule: t.consent.rule}
}

// unavailable is the answer when the outcome could not be written: nothing of the
// result is in it.
func (t *telling) unavailable(err error) Answer {
	refusal := t.auditRefusal(err)
	if t.sending.begun > 0 {
		refusal.Message = "The audit log can't be written. What this call changes was sent to Gitea before; its outcome is not released."
		refusal.Hint = fmt.Sprintf("Read %s to see what is there. %s", t.look, refusal.Hint)
	}
	return t.refuse(refusal)
}
