package tools

import (
	"context"
	"strings"
	"time"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
)

type listCommitsArgs struct {
	repoArgs
	Ref   canon.Ref  `json:"ref,omitempty" doc:"Branch, tag or commit id; default branch if absent"`
	Path  canon.Path `json:"path,omitempty" doc:"Only commits that touch this file or folder"`
	Since time.Time  `json:"since,omitempty"`
	Until time.Time  `json:"until,omitempty"`
	pageArgs
}

func listCommits() Tool {
	return read(definition[listCommitsArgs]{
		name:        "list_commits",
		title:       "List commits",
		description: "The commits that lead to a ref, newest first.",
		target: func(a listCommitsArgs) gate.Target {
			target := gate.Repository(a.repo).At(a.Ref).OrNothing()
			if a.Path.IsRoot() {
				return target
			}
			return target.FileOrFolder(a.Path)
		},
		run: runListCommits,
		ahead: func(ask *forge.Reader, a listCommitsArgs, commit string) {
			if a.Path.IsRoot() { // else it is not known yet if it is a file's or a folder's
				_, _, _ = ask.Commits(a.repo, a.page(), a.search(commit))
			}
		},
	})
}

// commitItem is a commit in a list: its subject, not its whole message.
type commitItem struct {
	SHA     string   `json:"sha"`
	Subject string   `json:"subject"`
	Author  string   `json:"author,omitempty"` // login, or the name that git has
	Date    string   `json:"date,omitempty"`
	Parents []string `json:"parents,omitempty"`
	HasBody bool     `json:"has_body,omitempty"`
}

// Hide takes away what whoever made the commit wrote.
func (c *commitItem) Hide() { c.Subject, c.Author = hiddenText, "" }

func (a listCommitsArgs) search(from string) forge.CommitSearch {
	return forge.CommitSearch{From: from, Path: a.Path, Since: a.Since, Until: a.Until}
}

func runListCommits(_ context.Context, v *gate.Visit, a listCommitsArgs) (*gate.Result, error) {
	repo := v.Repo()
	if repo.Commit == "" {
		return noneYet(v, a.Page, a.Limit), nil
	}
	commits, more, err := v.Gitea().Commits(repo.Name, a.page(), a.search(repo.Commit))
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, c := range commits {
		item := commitRow(c)
		v.Before(repo, append(item.Parents, item.SHA)...)
		list.Rows = append(list.Rows, gate.Row{Value: &item})
	}
	return &gate.Result{
		Fields: struct {
			Repository string `json:"repository"`
			Ref        string `json:"ref,omitempty"`
			Commit     string `json:"commit"`
		}{repo.FullName, repo.Ref, repo.Commit},
		List: list,
	}, nil
}

func commitRow(c *gitea.Commit) commitItem {
	item := commitItem{SHA: c.SHA, Author: login(c.Author)}
	if meta := c.RepoCommit; meta != nil {
		subject, body, _ := strings.Cut(meta.Message, "\n")
		item.Subject, item.HasBody = subject, strings.TrimSpace(body) != ""
		if meta.Author != nil {
			item.Date = meta.Author.Date
			if item.Author == "" {
				item.Author = meta.Author.Name
			}
		}
	}
	for _, parent := range c.Parents {
		item.Parents = append(item.Parents, parent.SHA)
	}
	return item
}
