package gate

import (
	"encoding/json"
	"errors"
	"fmt"
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

// change carries out a plan, or tells of it, if the call is a dry run.
func (v *Visit) change() (*Result, error) {
	plan := v.planned
	if plan == nil || len(plan.Steps) == 0 || plan.Answer == nil {
		return nil, errors.New("the tool has no plan")
	}
	if v.prepared.DryRun {
		return v.rehearse(plan)
	}
	grant := forge.Grant{CallID: v.id, Write: v.repo.Name, Repos: []canon.Repo{v.repo.Name}}
	for _, from := range plan.From {
		grant.Repos = append(grant.Repos, from.Name)
	}
	sender := v.way.Client(v.ctx, grant)
	defer sender.Close()
	defer func() { v.sent = sender.LastStatus() }()
	var answers []json.RawMessage
	for _, step := range plan.Steps {
		if err := v.stillSo(plan); err != nil {
			return nil, v.partly(plan, answers, err)
		}
		if err := v.recordSending(); err != nil {
			return nil, v.partly(plan, answers, v.auditRefusal(err))
		}
		v.sends++
		answer, err := sender.Send(step.Write)
		if err != nil {
			return nil, v.partly(plan, answers, v.sendRefusal(step, err))
		}
		v.written++
		answers = append(answers, answer)
	}
	fields, err := plan.Answer(answers)
	if err != nil { // it was carried out, and the answer is not to be read
		return nil, v.unknown("Gitea carried this out, and its answer can't be read")
	}
	if refusal := v.landed(); refusal != nil {
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
func (v *Visit) rehearse(plan *Plan) (*Result, error) {
	if err := v.stillSo(plan); err != nil {
		return nil, err
	}
	r := rehearsed{DryRun: true, Repository: v.repo.FullName, Visibility: string(openness(v.repo.Record)), Would: plan.Effect, Requests: len(plan.Steps)}
	for _, ask := range v.asks {
		r.Ask = append(r.Ask, ask.rule)
	}
	return &Result{Fields: r}, nil
}

// stillSo looks whether what was decided on is still so: what the plan rests on,
// the repository, the policy, what the session was shown and the kill switch. The repository comes last of
// what has to be asked for: one request at most lies between any of these looks
// and the write.
func (v *Visit) stillSo(plan *Plan) error {
	if plan.Check != nil {
		if err := v.contain(plan.Check); err != nil {
			return err
		}
	}
	record, err := v.client.Repository(v.repo.Name)
	if err != nil {
		return err
	}
	if refusal := v.exchanged(record); refusal != nil {
		return refusal
	}
	if refusal := v.checkKillSwitch(); refusal != nil {
		return refusal
	}
	if refusal := v.flowChanged(); refusal != nil {
		return refusal
	}
	if v.policyChanged() {
		r := Refuse(Conflict, "The policy changed while this call was under way; nothing was sent.").WithHint("Make the call again: it will be decided by the new policy.")
		r.Rule = "policy"
		return r
	}
	return nil
}

// policyChanged reports whether another policy is in force than the one that the
// call was decided by.
func (v *Visit) policyChanged() bool {
	current, change := v.gate.policies.Current()
	v.gate.changes.note(change)
	return current.SHA256() != v.policy.SHA256()
}

// exchanged holds a repository's record against the one that was decided on.
func (v *Visit) exchanged(record *forge.Repository) *Refusal {
	name, err := canon.ParseFullName(record.FullName)
	switch {
	case err != nil || name != v.repo.Name:
		return v.moved(&forge.Error{Kind: forge.Moved, MovedTo: name})
	case record.ID != v.repo.ID:
		return Refuse(Moved, "Another repository has this name now: it was removed or renamed and made anew while the call was under way.").WithHint("Look at the repository before you decide anew.")
	case openness(record) != openness(v.repo.Record):
		return Refuse(Moved, "The repository was %s and is %s now.", openness(v.repo.Record), openness(record)).WithHint("Decide anew, knowing who can see it.")
	case record.DefaultBranch != v.repo.DefaultBranch:
		return Refuse(Moved, "The repository has another default branch now.").WithHint("Make the call again.")
	}
	return nil
}

// landed looks at the repository after a write, and returns a refusal if it is not
// the one that was decided on: what was written lies there all the same.
func (v *Visit) landed() *Refusal {
	record, err := v.client.Repository(v.repo.Name)
	var refusal *Refusal
	switch {
	case err == nil:
		refusal = v.exchanged(record)
	case forge.From(err).Kind == forge.Moved, forge.From(err).Kind == forge.NotFound:
		refusal = Refuse(Moved, "The repository has another name now, or is gone.")
	default:
		v.remark("the repository could not be looked at after the write")
		return nil
	}
	if refusal == nil {
		if v.policyChanged() || v.checkKillSwitch() != nil {
			v.remark("the policy or the kill switch changed while the request was on its way")
		}
		return nil
	}
	refusal.Message = "This was written, while the repository changed: " + strings.TrimSuffix(refusal.Message, ".") + "."
	refusal.Hint = "Look at what was written and where it lies; have it removed if it should not be there."
	return refusal
}

// remark notes, for the log and the answer, what a write's own answer does not
// tell.
func (v *Visit) remark(text string) { v.remarks = append(v.remarks, text) }

// Remark is for a tool to note what turned out otherwise than planned.
func (v *Visit) Remark(text string) { v.remark(text) }

// sendRefusal decides what is said of a request that failed.
func (v *Visit) sendRefusal(step Step, err error) *Refusal {
	failure := forge.From(err)
	switch failure.Kind {
	case forge.Lost:
		what := "The request was sent, and Gitea's answer was lost"
		if failure.Status > 0 {
			what = fmt.Sprintf("The request was sent, and Gitea's answer (status %d) does not tell what became of it", failure.Status)
		}
		return v.unknown(what)
	case forge.Invalid:
		return Refuse(Conflict, "Gitea did not accept this; nothing was written.").
			WithHint("Something that it names may not be there, be there already, or be closed: look, and decide anew.")
	}
	return v.refusalOf(err)
}

// unknown is the refusal of a write that may have been carried out.
func (v *Visit) unknown(what string) *Refusal {
	return Refuse(OutcomeUnknown, "%s: it may have been carried out or not. It was sent once and is not sent again.", what).
		WithHint("Read %s before you do anything: if it is not there, the call can be made again.", v.lookAt())
}

// lookAt names what shows whether a write was carried out.
func (v *Visit) lookAt() string {
	where := v.repo.Name.String()
	if branch := v.prepared.Target.branch; branch != "" {
		where += " at " + branch
	}
	if v.planned.Look != "" {
		return v.planned.Look + " of " + where
	}
	return where
}

// partly adds to a refusal what was carried out before it.
func (v *Visit) partly(plan *Plan, answers []json.RawMessage, err error) error {
	if len(answers) == 0 {
		return err
	}
	refusal := *v.refusalOf(err)
	var done []string
	for _, step := range plan.Steps[:len(answers)] {
		done = append(done, step.What)
	}
	refusal.Message = fmt.Sprintf("Of %d requests %d were carried out (%s), then: %s", len(plan.Steps), len(answers), strings.Join(done, ", "), refusal.Message)
	if fields, err := plan.Answer(answers); err == nil {
		refusal.written = fields
	}
	return &refusal
}

// recordSending puts on disk that a request is sent next.
func (v *Visit) recordSending() error {
	entry := v.entry(audit.KindDecision)
	entry.Stage, entry.Decision = audit.StageResolved, audit.Allow
	return v.recordMore(entry)
}
