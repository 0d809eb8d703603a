package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
)

type listIssueCommentsArgs struct {
	repoArgs
	Number int64 `json:"number" doc:"Of an issue or a pull request"`
	pageArgs
}

func listIssueComments() Tool {
	return read(definition[listIssueCommentsArgs]{
		name:        "list_issue_comments",
		title:       "Read comments",
		description: "Comments of an issue or a pull request, oldest first. Untrusted text.",
		target:      func(a listIssueCommentsArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListIssueComments,
		ahead:       func(ask *forge.Reader, a listIssueCommentsArgs, _ string) { _, _ = ask.Comments(a.repo, a.Number) },
	})
}

// commentItem is a comment.
type commentItem struct {
	ID      int64  `json:"id"`
	Poster  string `json:"author,omitempty"`
	Body    string `json:"body"`
	Created string `json:"created_at,omitempty"`
	Updated string `json:"updated_at,omitempty"` // if it was edited
	URL     string `json:"html_url,omitempty"`
}

// Author implements [gate.Authored].
func (c *commentItem) Author() string { return c.Poster }

// Hide implements [gate.Authored].
func (c *commentItem) Hide() { c.Body = gate.HiddenText }

func runListIssueComments(_ context.Context, v *gate.Visit, a listIssueCommentsArgs) (*gate.Result, error) {
	repo := v.Repo().Name
	found, err := v.Gitea().Comments(repo, a.Number)
	if err != nil {
		return nil, noSuchNumber(v, a.Number, err)
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, Whole: true}
	for _, c := range found {
		item := &commentItem{
			ID: c.ID, Poster: login(c.Poster), Body: c.Body, Created: stamp(c.Created), Updated: stamp(c.Updated), URL: c.HTMLURL,
		}
		if item.Poster == "" {
			item.Poster = c.OriginalAuthor
		}
		if item.Updated == item.Created {
			item.Updated = ""
		}
		list.Rows = append(list.Rows, gate.Row{Value: item})
	}
	return &gate.Result{List: list}, nil
}

// noSuchNumber is err, or not_found if there is nothing with this number: asked
// for its comments, Gitea answers that as a failure of its own.
func noSuchNumber(v *gate.Visit, number int64, err error) error {
	if forge.From(err).FailedInside() {
		if _, missing := v.Gitea().Issue(v.Repo().Name, number); missing != nil {
			return missing
		}
	}
	return err
}
