package tools

import (
	"time"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

// Issues and pull requests have the same members to be changed, and Gitea treats
// them alike: what it does not take it leaves out, and says so only by its answer.

// asked is what an issue or a pull request should hold after a change, as it was
// resolved. What is nil or empty was not asked for.
type asked struct {
	title, state string
	body         *string
	labels       []int64
	assignees    []string
	milestone    *int64 // 0 is none
	titled       string // the milestone's title, as it was given
	due          time.Time
	neverDue     bool
}

// resolve looks up the names.
func (a *asked) resolve(v *gate.Visit, labels labelChange, assignees []string, milestone *string, present []*gitea.Label) (err error) {
	if a.labels, err = labels.resolve(v, present); err != nil {
		return err
	}
	if assignees != nil {
		if a.assignees, err = assigneesOf(v, assignees); err != nil {
			return err
		}
	}
	if milestone != nil {
		a.milestone, a.titled = new(int64), *milestone
		if *milestone != "" {
			*a.milestone, err = milestoneID(v, *milestone)
		}
	}
	return err
}

// new is what is created by it.
func (a *asked) new() forge.NewIssue {
	issue := forge.NewIssue{Title: a.title, Labels: a.labels, Assignees: a.assignees}
	if a.body != nil {
		issue.Body = *a.body
	}
	if a.milestone != nil {
		issue.Milestone = *a.milestone
	}
	return issue
}

// edit is what is changed by it, but for labels.
func (a *asked) edit() forge.Edit {
	return forge.Edit{
		Title: a.title, State: a.state, Body: a.body, Assignees: a.assignees, Milestone: a.milestone, Due: a.due, NeverDue: a.neverDue,
	}
}

// issueEffect is what a change of an issue or a pull request was resolved to.
type issueEffect struct {
	Number    int64    `json:"number,omitempty"`
	URL       string   `json:"html_url,omitempty"`
	Version   *int64   `json:"content_version,omitempty"` // that the change is made to
	State     string   `json:"state,omitempty"`           // as it is before
	Changes   []string `json:"replaces,omitempty"`        // members
	Bytes     *int     `json:"body_bytes,omitempty"`
	Replaced  *int     `json:"replaced_body_bytes,omitempty"`
	Labels    []int64  `json:"label_ids,omitzero"`
	Assignees []string `json:"assign,omitzero"`
	Milestone *int64   `json:"milestone_id,omitempty"` // 0 is none
	Due       string   `json:"due_date,omitempty"`
}

func (a *asked) effect() issueEffect {
	e := issueEffect{Labels: a.labels, Assignees: a.assignees, Milestone: a.milestone, Due: stamp(a.due)}
	if a.body != nil {
		size := len(*a.body)
		e.Bytes = &size
	}
	return e
}

// effectOn is the effect on what there is.
func (a *asked) effectOn(held storedFields) issueEffect {
	e := a.effect()
	e.Number, e.URL, e.Version, e.State = held.number, held.url, held.version, held.state
	if a.body != nil {
		size := len(held.body)
		e.Replaced = &size
	}
	for _, member := range []struct {
		name    string
		changed bool
	}{
		{"title", a.title != ""}, {"body", a.body != nil}, {"state", a.state != ""}, {"labels", a.labels != nil},
		{"assignees", a.assignees != nil}, {"milestone", a.milestone != nil}, {"due_date", a.neverDue || !a.due.IsZero()},
	} {
		if member.changed {
			e.Changes = append(e.Changes, member.name)
		}
	}
	return e
}

// changesOf shows what of title and body is replaced.
func (a *asked) changesOf(held storedFields) func() ([]gate.Change, error) {
	return func() (all []gate.Change, err error) {
		if a.title != "" {
			all = append(all, gate.Change{Field: "title", Before: held.title, After: a.title})
		}
		if a.body != nil {
			all = append(all, gate.Change{Field: "body", Before: held.body, After: *a.body})
		}
		return all, nil
	}
}

// endOfDay is what Gitea makes of an issue's due date.
func endOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 59, 0, t.Location())
}
