package gate

import (
	"encoding/json"
	"fmt"
	"slices"

	"aegis/sanitize"
)

// maxShown bounds what a human is shown, in bytes: what a form holds, and what
// somebody reads before they say yes. What is longer can't be approved: nobody says
// yes to what they have not seen.
const maxShown = 12 << 10

// Setting is an argument that is no text: a number, a choice, an id.
type Setting struct {
	Field, Value string
}

// describe says in lines what a call would do and why a human is asked: what is
// written comes first, where it goes last. All of it is there, or the call is refused.
func (w *world) describe(asks []reason) (string, error) {
	var p page
	p.line("%s wants to be carried out%s.", w.tool.Name, w.place())
	for _, ask := range asks {
		why := ""
		if ask.why != "" {
			why = ": " + ask.why
		}
		p.line("You are asked because of %s%s", ask.rule, why)
	}
	if branch := w.prepared.Target.branch; branch != "" {
		p.text("branch", branch)
	}
	changes, err := w.changes()
	if err != nil {
		return "", err
	}
	for _, part := range []func(Written) bool{said, held} {
		for _, text := range w.prepared.Written {
			if !part(text) {
				continue
			}
			if at := slices.IndexFunc(changes, func(c Change) bool { return c.Field == text.Field }); at >= 0 {
				w.describeChange(&p, changes[at])
				changes = slices.Delete(changes, at, at+1)
				continue
			}
			p.text(text.Field, text.Text)
		}
	}
	for _, change := range changes { // what goes, or what is seen from now on
		w.describeChange(&p, change)
	}
	if w.prepared.Written == nil && !w.writes() {
		p.text("arguments", string(w.call.Args))
	}
	for _, setting := range w.prepared.Settings {
		p.text(setting.Field, setting.Value)
	}
	if err := w.describeEffect(&p); err != nil {
		return "", err
	}
	for _, text := range w.prepared.Written {
		if text.Names {
			p.text(text.Field, text.Text)
		}
	}
	return w.readable(p)
}

// said and held part what is written from the contents of files; paths are neither.
func said(text Written) bool {
	above := text.Field == "owner" || text.Field == "repo" // the repository, which is named already
	return !above && !text.Names && text.Kind != Content
}
func held(text Written) bool { return !text.Names && text.Kind == Content }

// place is where a call takes place.
func (w *world) place() string {
	switch {
	case w.repo == nil:
		return ""
	case w.writes():
		return fmt.Sprintf(" in %s (%s)", w.repo.Name, w.audience(w.repo.Record))
	}
	return fmt.Sprintf(" in %s (%s)", w.repo.Name, VisibilityOf(w.repo.Record))
}

// changes are what the plan has to show of what is stored.
func (w *world) changes() ([]Change, error) {
	if w.plan == nil || w.plan.Changes == nil {
		return nil, nil
	}
	return w.plan.Changes()
}

// describeChange shows a change: as a diff, where both sides are texts.
func (w *world) describeChange(p *page, c Change) {
	name := c.Field
	if c.What != "" {
		name += " (" + c.What + ")"
	}
	before, after := w.shownOf(c.Path, c.Before), w.shownOf(c.Path, c.After)
	if c.Published {
		p.text(name, after)
		return
	}
	p.diff(name, before, after)
}

// shownOf is a stored text as a reading would show it: a rule may be about its path.
func (w *world) shownOf(path, text string) string {
	if note, ok := binary(text); ok {
		return note
	}
	clean, _ := w.scrubber.Text(text, sanitize.TextOptions{Path: path})
	return clean
}

// describeEffect adds what the plan found out.
func (w *world) describeEffect(p *page) error {
	if w.plan == nil || w.plan.Effect == nil {
		return nil
	}
	raw, err := marshal(w.plan.Effect)
	if err != nil {
		return err
	}
	names, values, err := topLevel(raw)
	if err != nil {
		return err
	}
	for _, name := range names {
		var text string
		if json.Unmarshal(values[name], &text) != nil {
			text = string(values[name])
		}
		p.text(name, text)
	}
	return nil
}

// readable makes the message of a page: scrubbed, laid out, and scrubbed as it leaves.
// It is refused if it is too long, or if something had to be cut from it. What is
// stored was cut before, by itself: on the page a secret that begins in what goes could
// end in what comes, and hide it.
func (w *world) readable(p page) (string, error) {
	options := sanitize.TextOptions{ShowHidden: true}
	clean, report := w.scrubber.Text(p.String(), options)
	message, again := w.scrubber.Text(layOut(clean), options)
	cuts := len(report.Redactions) + len(again.Redactions) + report.Withheld + again.Withheld
	if cuts > 0 || cutFrom(message) {
		return "", w.unshowable("what would be written looks like a secret where it is shown", "Write it in another way. "+noSecret)
	}
	if len(message) > maxShown {
		return "", w.unshowable(fmt.Sprintf("it takes %d bytes to show all of it, and a form holds %d", len(message), maxShown),
			"Split the call: fewer or smaller files in each, shorter texts and paths. What can't be split a human has to do.")
	}
	return message, nil
}

// unshowable refuses what a human can't be shown.
func (w *world) unshowable(why, hint string) *Refusal {
	r := Refuse(ApprovalUnavailable, "A human has to approve this, and can't be shown it: %s.", why).WithHint("%s", hint)
	r.Rule = w.consent.rule
	r.tells = w.plan != nil && w.plan.Changes != nil // how long it is depends on what is stored
	return r
}
