package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"aegis/audit"
	"aegis/forge"
	"aegis/internal/canon"
)

// A write lands once, where it was decided to: right before each request all that
// was decided on is looked at again, and the decision is put on disk; the request
// is sent once; and after it the repository is looked at again. Gitea takes names,
// not ids, so that a repository can still be exchanged while the request is on its
// way. What falls into that gap can't be prevented; it is seen, said and recorded.

// run calls the handler, or carries out what was planned. A panic in it is this call's
// failure and nobody else's.
func (w *world) run() (result *Result, err error) {
	err = w.contain(func() (err error) {
		if w.writes() {
			result, err = w.change()
		} else {
			result, err = w.prepared.Run(w.ctx, &Visit{w})
		}
		return err
	})
	if err == nil && result == nil {
		err = errors.New("the tool answered nothing")
	}
	return result, err
}

// sending is how far a write has come.
type sending struct {
	begun   int      // requests that change something, begun
	written int      // requests that changed something
	refused int      // requests of which it is known that they changed nothing
	status  int      // Gitea's to the last of them
	made    []string // what Gitea holds of them now
}

// change carries out a plan, or tells of it, if the call is a dry run.
func (w *world) change() (*Result, error) {
	plan := w.plan
	if plan == nil || len(plan.Steps) == 0 || plan.Answer == nil {
		return nil, errors.New("the tool has no plan")
	}
	if w.prepared.DryRun {
		return w.rehearse(plan)
	}
	grant := w.grant(w.repo.Name)
	grant.Write = w.repo.Name
	for _, from := range plan.From {
		grant.Repos = append(grant.Repos, from.Name)
	}
	sender := w.way.Client(w.ctx, grant)
	sender.Expect(w.repo.Name, w.repo.Record)
	defer sender.Close()
	defer func() { w.sending.status = sender.LastStatus() }()
	var answers []json.RawMessage
	for _, step := range plan.Steps {
		if err := w.stillSo(plan, step); err != nil {
			return nil, w.partly(plan, answers, err)
		}
		if w.sending.begun == 0 {
			if refusal := w.takeWrite(); refusal != nil {
				return nil, refusal
			}
		}
		if err := w.recordMore(audit.Allow, ""); err != nil {
			return nil, w.partly(plan, answers, w.auditRefusal(err))
		}
		w.sending.begun++
		answer, err := sender.Send(step.Write)
		if err != nil {
			refusal := w.sendRefusal(step, err)
			if refusal.Code != OutcomeUnknown {
				w.sending.refused++
			}
			return nil, w.partly(plan, answers, refusal)
		}
		w.sending.written++
		w.sending.made = append(w.sending.made, made(step.Write, answer)...)
		answers = append(answers, answer)
	}
	fields, err := plan.Answer(answers)
	if err != nil { // it was carried out, and the answer is not to be read
		return nil, w.unknown("Gitea carried this out, and its answer can't be read")
	}
	if refusal := w.landed(); refusal != nil {
		refusal.written = fields
		return nil, refusal
	}
	return &Result{Fields: fields}, nil
}

// rehearsed is the answer of a dry run.
type rehearsed struct {
	DryRun     bool     `json:"dry_run"`
	Repository string   `json:"repository"`
	Visibility string   `json:"visibility"`
	Would      any      `json:"would"`
	Requests   int      `json:"requests"`
	Ask        []string `json:"a_human_would_be_asked_by,omitempty"` // rules
}

// rehearse looks at everything once more, as it would right before sending.
func (w *world) rehearse(plan *Plan) (*Result, error) {
	if err := w.stillSo(plan, plan.Steps[0]); err != nil {
		return nil, err
	}
	r := rehearsed{DryRun: true, Repository: w.repo.FullName, Visibility: string(recorded(w.repo.Record).WhenWritten()), Would: plan.Effect, Requests: len(plan.Steps)}
	for _, ask := range w.consent.asks {
		r.Ask = append(r.Ask, ask.rule)
	}
	return &Result{Fields: r}, nil
}

// stillSo looks whether what was decided on is still so: what the plan rests on,
// the repository, the policy, what the session was shown and the kill switch. The repository comes last of
// what has to be asked for: one request at most lies between any of these looks
// and the write.
func (w *world) stillSo(plan *Plan, step Step) error {
	for _, basis := range slices.Concat(plan.Rests, step.Rests) {
		if err := w.contain(basis.holds); err != nil {
			return err
		}
	}
	record, err := w.client.Repository(w.repo.Name)
	if err != nil {
		return err
	}
	if refusal := w.exchanged(record); refusal != nil {
		return refusal
	}
	if refusal := w.checkKillSwitch(); refusal != nil {
		return refusal
	}
	if refusal := w.flowChanged(); refusal != nil {
		return refusal
	}
	if w.policyChanged() {
		r := Refuse(Conflict, "The policy changed while this call was under way; nothing was sent.").WithHint("Make the call again: it will be decided by the new policy.")
		r.Rule = "policy"
		return r
	}
	return nil
}

// policyChanged reports whether another policy is in force than the one that the
// call was decided by.
func (w *world) policyChanged() bool {
	now, nothing := w.desk.inForce(w.caller)
	return nothing != nil || !now.same(w.inForce)
}

// exchanged holds a repository's record against the one that was decided on.
func (w *world) exchanged(record *forge.Repository) *Refusal {
	name, err := canon.ParseFullName(record.FullName)
	switch {
	case err != nil || name != w.repo.Name:
		return w.moved(name)
	case record.ID != w.repo.ID:
		return Refuse(Moved, "Another repository has this name now: it was removed or renamed and made anew while the call was under way.").WithHint("Look at the repository before you decide anew.")
	case recorded(record).WhenWritten() != recorded(w.repo.Record).WhenWritten():
		return Refuse(Moved, "The repository was %s and is %s now.", recorded(w.repo.Record).WhenWritten(), recorded(record).WhenWritten()).WithHint("Decide anew, knowing who can see it.")
	case record.DefaultBranch != w.repo.DefaultBranch && !(w.repo.Empty && record.DefaultBranch == w.prepared.Target.branch):
		return Refuse(Moved, "The repository has another default branch now.").WithHint("Make the call again.")
	}
	return nil
}

// landed looks at the repository after a write, and returns a refusal if it is not
// the one that was decided on: what was written lies there all the same.
func (w *world) landed() *Refusal {
	record, err := w.client.Repository(w.repo.Name)
	var refusal *Refusal
	switch {
	case err == nil:
		refusal = w.exchanged(record)
	case forge.From(err).Kind == forge.Moved, forge.From(err).Kind == forge.NotFound:
		refusal = Refuse(Moved, "The repository has another name now, or is gone.")
	default:
		w.found.remark("the repository could not be looked at after the write")
		return nil
	}
	if refusal == nil {
		if w.policyChanged() || w.checkKillSwitch() != nil {
			w.found.remark("the policy or the kill switch changed while the request was on its way")
		}
		return nil
	}
	refusal.Message = "This was written, while the repository changed: " + strings.TrimSuffix(refusal.Message, ".") + "."
	refusal.Hint = "Look at what was written and where it lies; have it removed if it should not be there."
	return refusal
}

// remark notes, for the log and the answer, what a write's own answer does not
// tell.
func (f *findings) remark(text string) { f.remarks = append(f.remarks, text) }

// sendRefusal decides what is said of a request that failed.
func (w *world) sendRefusal(step Step, err error) *Refusal {
	failure := forge.From(err)
	switch failure.Kind {
	case forge.Lost:
		if failure.FailedInside() && w.plan.Undone != nil {
			if undone, err := w.plan.Undone(); err == nil && undone {
				return Refuse(Conflict, "Gitea failed on this, and a look shows that nothing was written.").WithHint("%s", w.plan.Why)
			}
		}
		what := "The request was sent, and Gitea's answer was lost"
		if failure.Status > 0 {
			what = fmt.Sprintf("The request was sent, and Gitea's answer (status %d) does not tell what became of it", failure.Status)
		}
		return w.unknown(what)
	case forge.Invalid:
		if _, ok := reasons[failure.Reason]; ok {
			break
		}
		return notAccepted(Conflict)
	case forge.NotFound:
		if failure.Reason != forge.Unknown || missing[failure.Asked.Thing].message != "" {
			break
		}
		if failure.Asked.Unit == forge.Wiki { // Gitea reads a page anew after it was written
			return w.unknown("The request was sent, and Gitea answers that there is no such page")
		}
		return notAccepted(NotFound)
	}
	return w.refusalOf(err)
}

// notAccepted is the refusal of a write whose parts are not as they were a moment before.
func notAccepted(code Code) *Refusal {
	return Refuse(code, "Gitea did not accept this; nothing was written.").
		WithHint("Something that it names may not be there, be there already, or be closed: look, and decide anew.")
}

// unknown is the refusal of a write that may have been carried out.
func (w *world) unknown(what string) *Refusal {
	return Refuse(OutcomeUnknown, "%s: it may have been carried out or not. It was sent once and is not sent again.", what).
		WithHint("Read %s before you do anything: if it is not there, the call can be made again.", w.lookAt())
}

// lookAt names what shows whether a write was carried out.
func (w *world) lookAt() string {
	where := w.repo.Name.String()
	if branch := w.prepared.Target.branch; branch != "" {
		where += " at " + branch
	}
	if w.plan.Look != "" {
		return w.plan.Look + " of " + where
	}
	return where
}

// partly adds to a refusal what was carried out before it.
func (w *world) partly(plan *Plan, answers []json.RawMessage, err error) error {
	if len(answers) == 0 {
		return err
	}
	refusal := *w.refusalOf(err)
	var done []string
	for _, step := range plan.Steps[:len(answers)] {
		done = append(done, step.What)
	}
	why := refusal.Message
	for _, whole := range []string{"; nothing was written.", "; nothing was sent."} { // as it is of a call's first request
		why = strings.Replace(why, whole, ".", 1)
	}
	refusal.Message = fmt.Sprintf("Of %d requests %d were carried out (%s), then: %s", len(plan.Steps), len(answers), strings.Join(done, ", "), why)
	if fields, err := plan.Answer(answers); err == nil {
		refusal.written = fields
	}
	return &refusal
}
