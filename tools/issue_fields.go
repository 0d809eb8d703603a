package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"aegis/forge"
	"aegis/gate"

	gitea "code.gitea.io/sdk/gitea"
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
func (a *asked) resolve(v *gate.Visit, labels, assignees []string, milestone *string, present []*gitea.Label) (err error) {
	if labels != nil {
		if a.labels, err = labelIDs(v, labels, present); err != nil {
			return err
		}
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

// trackedEffect is what a change of an issue or a pull request was resolved to.
type trackedEffect struct {
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

func (a *asked) effect() trackedEffect {
	e := trackedEffect{Labels: a.labels, Assignees: a.assignees, Milestone: a.milestone, Due: stamp(a.due)}
	if a.body != nil {
		size := len(*a.body)
		e.Bytes = &size
	}
	return e
}

// effectOn is the effect on what there is.
func (a *asked) effectOn(held tracked) trackedEffect {
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
func (a *asked) changesOf(held tracked) func() ([]gate.Change, error) {
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

// tracked is what an issue and a pull request have in common, as Gitea holds it.
type tracked struct {
	number       int64
	url          string
	version      *int64
	title, state string
	body         string
	labels       []int64
	assignees    []string
	milestone    int64
	due          *time.Time
}

func trackedIssue(i *forge.VersionedIssue) tracked {
	t := tracked{
		number: i.Index, url: i.HTMLURL, version: i.ContentVersion, title: i.Title, state: string(i.State), body: i.Body,
		labels: idsOf(i.Labels), assignees: logins(i.Assignees), due: i.Deadline,
	}
	if i.Milestone != nil {
		t.milestone = i.Milestone.ID
	}
	return t
}

func trackedPull(p *forge.VersionedPull) tracked {
	t := tracked{
		number: p.Index, url: p.HTMLURL, version: p.ContentVersion, title: p.Title, state: string(p.State), body: p.Body,
		labels: idsOf(p.Labels), assignees: logins(p.Assignees), due: p.Deadline,
	}
	if p.Milestone != nil {
		t.milestone = p.Milestone.ID
	}
	return t
}

func idsOf(labels []*gitea.Label) []int64 {
	ids := []int64{}
	for _, label := range labels {
		if label != nil {
			ids = append(ids, label.ID)
		}
	}
	return ids
}

// held is what a change rests on, as a text to compare: Gitea's version counts
// changes of the body only.
func (t tracked) held() string {
	raw, _ := json.Marshal([]any{
		t.number, t.version, t.title, t.state, t.body, slices.Sorted(slices.Values(t.labels)), slices.Sorted(slices.Values(t.assignees)), t.milestone, stampOf(t.due),
	})
	return string(raw)
}

// versioned refuses what Gitea does not count the versions of: a change could undo
// somebody else's.
func versioned(version *int64) error {
	if version == nil {
		return gate.Refuse(gate.GiteaError, "This Gitea does not count the versions of issues, as it does from 1.26 on; a change could undo somebody else's unseen.")
	}
	return nil
}

// trackedWritten is what Gitea holds after a change: of what was asked for as
// much as it took.
type trackedWritten struct {
	Repository string   `json:"repository"`
	Number     int64    `json:"number"`
	URL        string   `json:"html_url"`
	State      string   `json:"state"`
	Version    *int64   `json:"content_version,omitempty"`
	Labels     *int     `json:"labels,omitempty"` // how many it has
	Assignees  []string `json:"assignees,omitzero"`
	Milestone  string   `json:"milestone,omitempty"`
	Due        string   `json:"due_date,omitempty"`
	Otherwise  []string `json:"not_as_asked,omitempty"`
}

// written compares what Gitea holds with what was asked for, as far as that was
// sent already.
func (a *asked) written(v *gate.Visit, held tracked) trackedWritten {
	w := trackedWritten{Repository: v.Repo().FullName, Number: held.number, URL: held.url, State: held.state, Version: held.version}
	differs := func(what string, args ...any) { w.Otherwise = append(w.Otherwise, fmt.Sprintf(what, args...)) }
	if a.title != "" && strings.TrimSpace(held.title) != strings.TrimSpace(a.title) { // Gitea takes off blanks, at times
		differs("the title is another")
	}
	if a.body != nil && held.body != *a.body {
		differs("the body is another")
	}
	if a.state != "" && held.state != a.state {
		differs("the state is %s", held.state)
	}
	if a.labels != nil {
		size := len(held.labels)
		w.Labels = &size
		missing, more := 0, 0
		for _, id := range a.labels {
			if !slices.Contains(held.labels, id) {
				missing++
			}
		}
		for _, id := range held.labels {
			if !slices.Contains(a.labels, id) {
				more++
			}
		}
		if missing > 0 || more > 0 {
			differs("of %d labels %d are not there, and %d others are", len(a.labels), missing, more)
		}
	}
	if a.assignees != nil {
		w.Assignees = []string{}
		for _, name := range a.assignees {
			if slices.ContainsFunc(held.assignees, func(login string) bool { return strings.EqualFold(login, name) }) {
				w.Assignees = append(w.Assignees, name)
			}
		}
		if len(w.Assignees) != len(a.assignees) || len(held.assignees) != len(a.assignees) {
			differs("of %d assignees %d are not there, and %d others are", len(a.assignees), len(a.assignees)-len(w.Assignees), len(held.assignees)-len(w.Assignees))
		}
	}
	if a.milestone != nil {
		if held.milestone == *a.milestone {
			w.Milestone = a.titled
		} else {
			differs("the milestone is another, or none")
		}
	}
	if a.neverDue && stampOf(held.due) != "" {
		differs("it is still due")
	}
	if !a.due.IsZero() {
		w.Due = stampOf(held.due)
		if held.due == nil || held.due.Unix() != endOfDay(a.due).Unix() {
			differs("the due date is another")
		}
	}
	return w
}

// told makes the note of what turned out otherwise.
func (w trackedWritten) told(v *gate.Visit) trackedWritten {
	told(v, w.Otherwise)
	return w
}

// told makes one note of what turned out otherwise.
func told(v *gate.Visit, otherwise []string) []string {
	if len(otherwise) > 0 {
		v.Remark("Gitea did not do all that was asked for: " + strings.Join(otherwise, "; "))
	}
	return otherwise
}

// endOfDay is what Gitea makes of an issue's due date.
func endOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 59, 0, t.Location())
}
