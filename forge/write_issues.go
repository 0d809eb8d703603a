package forge

import (
	"net/http"
	"strconv"
	"time"

	"aegis/internal/canon"
)

// NewIssue is what an issue begins with. What is zero is left out.
type NewIssue struct {
	Title, Body string
	Labels      []int64
	Assignees   []string
	Milestone   int64
}

// CreateIssue opens an issue: POST …/issues. Gitea leaves out labels and milestones
// that it does not know. For those who may not write it leaves out all but title and
// body. Its answer shows what it took.
func CreateIssue(repo canon.Repo, issue NewIssue) Write {
	return in(repo, http.MethodPost, issue.members(), "issues")
}

func (i NewIssue) members() map[string]any {
	body := map[string]any{"title": i.Title}
	if i.Body != "" {
		body["body"] = i.Body
	}
	if len(i.Labels) > 0 {
		body["labels"] = i.Labels
	}
	if len(i.Assignees) > 0 {
		body["assignees"] = i.Assignees
	}
	if i.Milestone > 0 {
		body["milestone"] = i.Milestone
	}
	return body
}

// Edit is a change of an issue or of a pull request. What is zero stays as it is.
type Edit struct {
	Title, State string
	Body         *string   // may be empty
	Assignees    []string  // all of them, if not nil
	Milestone    *int64    // 0 takes it away
	Due          time.Time // an issue's; Gitea keeps the day
	NeverDue     bool      // takes an issue's due date away
	Labels       []int64   // all of a pull request's, if not nil
}

// IsZero reports whether nothing is changed.
func (e Edit) IsZero() bool { return len(e.members(0)) == 1 }

func (e Edit) members(version int64) map[string]any {
	body := map[string]any{"content_version": version}
	if e.Title != "" {
		body["title"] = e.Title
	}
	if e.Body != nil {
		body["body"] = *e.Body
	}
	if e.State != "" {
		body["state"] = e.State
	}
	if e.Assignees != nil {
		body["assignees"] = e.Assignees
	}
	if e.Milestone != nil {
		body["milestone"] = *e.Milestone
	}
	if !e.Due.IsZero() {
		body["due_date"] = e.Due.Format(time.RFC3339)
	}
	if e.NeverDue {
		body["unset_due_date"] = true
	}
	if e.Labels != nil {
		body["labels"] = e.Labels
	}
	return body
}

// EditIssue changes an issue that still has a version: PATCH …/issues/{n}. Gitea
// makes the changes one after the other. It takes a pull request's number, too.
func EditIssue(repo canon.Repo, number, version int64, edit Edit) Write {
	return in(repo, http.MethodPatch, edit.members(version), "issues", strconv.FormatInt(number, 10))
}

// SetLabels replaces the labels of an issue: PUT …/issues/{n}/labels. Gitea
// answers those that it has then.
func SetLabels(repo canon.Repo, number int64, labels []int64) Write {
	if labels == nil {
		labels = []int64{}
	}
	return in(repo, http.MethodPut, map[string]any{"labels": labels}, "issues", strconv.FormatInt(number, 10), "labels")
}

// EditComment replaces the text of a comment: PATCH …/issues/comments/{id}.
func EditComment(repo canon.Repo, id int64, body string) Write {
	return in(repo, http.MethodPatch, map[string]any{"body": body}, "issues", "comments", strconv.FormatInt(id, 10))
}

// CreateLabel makes a label, color being # and six hex digits: POST …/labels. Gitea
// makes a second one of the same name, too.
func CreateLabel(repo canon.Repo, name, color, description string) Write {
	body := map[string]any{"name": name, "color": color}
	if description != "" {
		body["description"] = description
	}
	return in(repo, http.MethodPost, body, "labels")
}

// CreateMilestone makes a milestone, which is due at the end of a day unless due is
// zero: POST …/milestones. Gitea makes a second one of the same title, too.
func CreateMilestone(repo canon.Repo, title, description string, due time.Time) Write {
	body := map[string]any{"title": title}
	if description != "" {
		body["description"] = description
	}
	if !due.IsZero() {
		body["due_on"] = due.Format(time.RFC3339)
	}
	return in(repo, http.MethodPost, body, "milestones")
}
