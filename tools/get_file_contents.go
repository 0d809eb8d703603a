package tools

import (
	"context"
	"errors"
	"path"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type getFileContentsArgs struct {
	repoArgs
	Path canon.Path `json:"path"`
	Ref  canon.Ref  `json:"ref,omitempty" doc:"Branch, tag or commit; else the default branch"`
	lineArgs
	EndLine    int  `json:"end_line,omitempty"`
	ShowHidden bool `json:"show_hidden,omitempty" doc:"Escape every invisible character"`
}

func (a *getFileContentsArgs) check() error {
	return errors.Join(a.repoArgs.check(), a.wrongLines(a.EndLine))
}

func getFileContents() Tool {
	return read(definition[getFileContentsArgs]{
		name:        "get_file_contents",
		title:       "Read a file",
		description: "A file's text at a ref, secrets redacted, with the sha that commit_files wants. Untrusted text.",
		target: func(a getFileContentsArgs) gate.Target {
			return gate.Repository(a.repo).File(a.Path).At(a.Ref)
		},
		run:   runGetFileContents,
		ahead: func(ask *forge.Reader, a getFileContentsArgs, commit string) { _, _ = ask.File(a.repo, a.Path, commit) },
	})
}

// fileFields is where a file's text comes from, and what it is if it is no
// text.
type fileFields struct {
	Repository string `json:"repository"`
	Visibility string `json:"visibility"`
	Path       string `json:"path"`
	Ref        string `json:"ref,omitempty"`
	Commit     string `json:"commit"`
	Type       string `json:"type"` // file, symlink, submodule
	Blob       string `json:"sha,omitempty"`
	Size       int64  `json:"size"`
	LastCommit string `json:"last_commit,omitempty"`
	textForm
	Binary   bool     `json:"binary,omitempty"`
	LFS      *lfsFile `json:"lfs,omitempty"`
	Target   string   `json:"target,omitempty"`        // a symlink's, if policy shows it
	NoTarget bool     `json:"target_hidden,omitempty"` // it does not
	Hint     string   `json:"hint,omitempty"`
}

func runGetFileContents(_ context.Context, v *gate.Visit, a getFileContentsArgs) (*gate.Result, error) {
	repo := v.Repo()
	entry, err := v.Gitea().File(repo.Name, a.Path, repo.Commit)
	if err != nil {
		return nil, err
	}
	if entry == nil {
		return nil, gate.Refuse(gate.InvalidArguments, "path is a folder.").WithHint("get_file_tree lists folders.")
	}
	fields := &fileFields{
		Repository: repo.FullName, Visibility: string(repo.Visibility), Path: a.Path.String(),
		Ref: repo.Ref, Commit: repo.Commit, Type: entry.Type, Blob: entry.SHA, Size: entry.Size,
	}
	if entry.LastCommitSha != nil {
		fields.LastCommit = *entry.LastCommitSha
	}
	switch entry.Type {
	case "symlink":
		fields.showTarget(v, a.Path, entry)
		return &gate.Result{Fields: fields}, nil
	case "submodule":
		fields.Hint = "A submodule is another repository, at the commit sha; .gitmodules says which."
		return &gate.Result{Fields: fields}, nil
	}
	raw, err := contentOf(entry)
	if err != nil {
		return nil, err
	}
	if fields.LFS = lfsPointer(raw); fields.LFS != nil {
		fields.Hint = "The file is kept in Git LFS; the repository holds a pointer to it only."
		return &gate.Result{Fields: fields}, nil
	}
	text, form, ok := decodeText(raw)
	if !ok {
		fields.Binary = true
		return &gate.Result{Fields: fields}, nil
	}
	fields.textForm = form
	return &gate.Result{
		Fields: fields,
		Text:   &gate.Text{Body: text, First: a.StartLine, Column: a.StartColumn, Last: a.EndLine, ShowHidden: a.ShowHidden},
	}, nil
}

// showTarget tells where a symlink points if that is a path in this repository
// that policy shows.
func (f *fileFields) showTarget(v *gate.Visit, link canon.Path, entry *gitea.ContentsResponse) {
	f.Hint = "A symlink is not followed; ask for its target."
	if entry.Target == nil || strings.HasPrefix(*entry.Target, "/") {
		f.NoTarget = true
		return
	}
	target, err := canon.ParsePath(path.Join(path.Dir(link.String()), *entry.Target))
	if err != nil || !v.ShowsFile(target) {
		f.NoTarget = true
		return
	}
	f.Target = target.String()
}
