package tools

import (
	"context"
	"errors"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

type getCommitArgs struct {
	repoArgs
	SHA  canon.Ref  `json:"sha" doc:"Commit id, whole or 7 digits at least"`
	Diff bool       `json:"diff,omitempty" default:"true" doc:"To the first parent"`
	Path canon.Path `json:"path,omitempty" doc:"Only this file"`
	lineArgs
}

func (a *getCommitArgs) check() error {
	_, whole := a.SHA.Commit()
	if _, short := a.SHA.ShortCommit(); !whole && !short {
		return errors.Join(a.repoArgs.check(), errors.New("sha must be a commit id, which list_commits has of each commit of a branch or a tag"))
	}
	return errors.Join(a.repoArgs.check(), a.wrongLines(0))
}

func getCommit() Tool {
	return read(definition[getCommitArgs]{
		name:        "get_commit",
		title:       "Read a commit",
		description: "One commit: message, changed files, diff. Untrusted text.",
		target: func(a getCommitArgs) gate.Target {
			target := gate.Repository(a.repo).At(a.SHA)
			if a.Path.IsRoot() {
				return target.Folder(a.Path)
			}
			return target.File(a.Path)
		},
		run: runGetCommit,
		ahead: func(ask *forge.Reader, a getCommitArgs, commit string) {
			_, _ = ask.Commit(a.repo, commit)
			if a.Diff {
				_, _ = ask.CommitDiff(a.repo, commit)
			}
		},
	})
}

// commitFields is a commit with its message and the files it touches.
type commitFields struct {
	Repository string       `json:"repository"`
	Visibility string       `json:"visibility"`
	SHA        string       `json:"sha"`
	Message    string       `json:"message"`
	Author     string       `json:"author,omitempty"` // login, or the name that git has
	Date       string       `json:"date,omitempty"`
	Parents    []string     `json:"parents"`
	Files      []fileChange `json:"files"`
	URL        string       `json:"html_url,omitempty"`
}

// Hide takes away what whoever made the commit wrote, names of files among it.
func (c *commitFields) Hide() { c.Message, c.Author, c.Files = gate.HiddenText, "", []fileChange{} }

func runGetCommit(_ context.Context, v *gate.Visit, a getCommitArgs) (*gate.Result, error) {
	repo := v.Repo()
	if repo.Ref != "" {
		return nil, otherKind("A branch or a tag is called so; sha has to be a commit id.", "list_commits with it as ref has the ids.")
	}
	commit, diff, err := readCommit(v.Gitea(), repo, a.Diff)
	if err != nil {
		return nil, err
	}
	row := commitRow(&commit.Commit)
	v.Before(repo, row.Parents...)
	var files []fileChange
	for _, file := range commit.Files {
		if a.Path.IsRoot() || file.Path == a.Path.String() {
			files = append(files, fileChange{Path: file.Path, Status: file.Status})
		}
	}
	result := &gate.Result{Fields: &commitFields{
		Repository: repo.FullName, Visibility: string(repo.Visibility),
		SHA: row.SHA, Message: commit.RepoCommit.Message, Author: row.Author, Date: row.Date,
		Parents: append([]string{}, row.Parents...), Files: shownFiles(v, files), URL: commit.HTMLURL,
	}}
	if !a.Diff {
		return result, nil
	}
	result.Diff = &gate.Diff{Body: diff, Path: a.Path}
	result.Text = &gate.Text{First: a.StartLine, Column: a.StartColumn}
	return result, nil
}

func readCommit(client *forge.Reader, repo *gate.Resolved, withDiff bool) (commit *forge.Commit, diff string, err error) {
	if withDiff {
		return client.CommitWithDiff(repo.Name, repo.Commit)
	}
	commit, err = client.Commit(repo.Name, repo.Commit)
	return commit, "", err
}
