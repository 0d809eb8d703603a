package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"aegis/forge"
	"aegis/gate"

	gitea "aegis/forge/gitea"
)

// storedFields is what an issue and a pull request have in common, as Gitea holds it.
type storedFields struct {
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

func storedIssue(i *forge.VersionedIssue) storedFields {
	t := storedFields{
		number: i.Index, url: i.HTMLURL, version: i.ContentVersion, title: i.Title, state: string(i.State), body: i.Body,
		labels: idsOf(i.Labels), assignees: logins(i.Assignees), due: i.Deadline,
	}
	if i.Milestone != nil {
		t.milestone = i.Milestone.ID
	}
	return t
}

func storedPull(p *forge.VersionedPull) storedFields {
	t := storedFields{
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
func (t storedFields) held() string {
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

// issueWritten is what Gitea holds after a change: of what was asked for as
// much as it took.
type issueWritten struct {
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

// noted makes the note of what turned out otherwise.
func (w issueWritten) noted(v *gate.Visit) issueWritten {
	noteDifferences(v, w.Otherwise)
	return w
}

// noteDifferences makes one note of what turned out otherwise.
func noteDifferences(v *gate.Visit, otherwise []string) []string {
	if len(otherwise) > 0 {
		v.Remark("Gitea did not do all that was asked for: " + strings.Join(otherwise, "; "))
	}
	return otherwise
}

// written compares what Gitea holds with what was asked for, as far as that was
// sent already.
func (a *asked) written(v *gate.Visit, held storedFields) issueWritten {
	w := issueWritten{Repository: v.Repo().FullName, Number: held.number, URL: held.url, State: held.state, Version: held.version}
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
