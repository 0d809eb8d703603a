package tools

import (
	"aegis/gate"

	gitea "aegis/forge/gitea"
)

// issueItem is an issue in a list.
type issueItem struct {
	Number    int64    `json:"number"`
	Title     string   `json:"title"`
	State     string   `json:"state"`
	Poster    string   `json:"author,omitempty"`
	Labels    []string `json:"labels,omitempty"`
	Assignees []string `json:"assignees,omitempty"`
	Milestone string   `json:"milestone,omitempty"`
	Comments  int      `json:"comments,omitempty"`
	Created   string   `json:"created_at,omitempty"`
	Updated   string   `json:"updated_at,omitempty"`
	Closed    string   `json:"closed_at,omitempty"`
	Due       string   `json:"due_date,omitempty"`
}

// Author implements [gate.Authored].
func (i *issueItem) Author() string { return i.Poster }

// Hide implements [gate.Authored].
func (i *issueItem) Hide() { i.Title = gate.HiddenText }

func issueRow(issue *gitea.Issue) *issueItem {
	item := &issueItem{
		Number: issue.Index, Title: issue.Title, State: string(issue.State), Poster: login(issue.Poster),
		Assignees: logins(issue.Assignees), Comments: issue.Comments,
		Created: stamp(issue.Created), Updated: stamp(issue.Updated),
		Closed: stampOf(issue.Closed), Due: stampOf(issue.Deadline),
	}
	for _, label := range issue.Labels {
		item.Labels = append(item.Labels, label.Name)
	}
	if issue.Milestone != nil {
		item.Milestone = issue.Milestone.Title
	}
	return item
}
