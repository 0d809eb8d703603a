package tools

import (
	"context"
	"encoding/json"
	"fmt"

	"aegis/forge"
	"aegis/gate"
)

// commitEffect says what a commit will do, and on what.
type commitEffect struct {
	Branch string   `json:"branch"`
	Parent string   `json:"parent,omitempty"` // none of a first commit
	First  bool     `json:"becomes_default_branch,omitempty"`
	Create []string `json:"create,omitempty"`
	Update []string `json:"update,omitempty"`
	Delete []string `json:"delete,omitempty"`
	Kept   []string `json:"kept,omitempty"` // of how files are stored
	Bytes  int      `json:"bytes"`
}

// commitWritten is a commit that was made.
type commitWritten struct {
	Repository string        `json:"repository"`
	Branch     string        `json:"branch"`
	Commit     string        `json:"commit"`
	Parent     string        `json:"parent,omitempty"` // none of a first commit
	First      bool          `json:"became_default_branch,omitempty"`
	Planned    string        `json:"planned_parent,omitempty"` // if it is another
	Files      []fileWritten `json:"files"`
	Kept       []string      `json:"kept,omitempty"`
	URL        string        `json:"html_url"`
}

// fileWritten is a file as it is stored now.
type fileWritten struct {
	Operation string `json:"operation"`
	Path      string `json:"path"`
	Blob      string `json:"sha,omitempty"`
}

func planCommitFiles(_ context.Context, v *gate.Visit, a commitFilesArgs) (*gate.Plan, error) {
	repo := v.Repo()
	if repo.Empty {
		return planFirstCommit(v, a)
	}
	if repo.Ref != "refs/heads/"+a.branch {
		return nil, gate.Refuse(gate.NotFound, "There is no such branch.").WithHint("create_branch makes one.")
	}
	if err := checkStored(v, a.Files); err != nil {
		return nil, err
	}
	kept, err := keepForms(v, a)
	if err != nil {
		return nil, err
	}
	head := repo.Commit
	effect := commitEffect{Branch: a.branch, Parent: head}
	changes := make([]forge.FileChange, len(a.Files))
	for i, file := range a.Files {
		changes[i] = forge.FileChange{Operation: file.Operation, Path: file.Path, Content: kept[i].content, SHA: file.SHA}
		effect.Bytes += len(kept[i].content)
		for _, note := range kept[i].notes {
			effect.Kept = append(effect.Kept, fmt.Sprintf("files[%d]: %s", i, note))
		}
		list := map[string]*[]string{"create": &effect.Create, "update": &effect.Update, "delete": &effect.Delete}[file.Operation]
		*list = append(*list, file.Path.String())
	}
	return &gate.Plan{
		Steps:   []gate.Step{{Write: forge.ChangeFiles(repo.Name, a.branch, a.Message, changes)}},
		Effect:  effect,
		Changes: func() ([]gate.Change, error) { return changesOfFiles(v, a.Files, kept) },
		Rests: []gate.Basis{gate.RestsOn(head, func() (string, error) {
			now, err := v.Gitea().BranchCommit(repo.Name, a.branch)
			if err != nil && forge.From(err).Kind == forge.NotFound {
				err = nil
			}
			return now, err
		}, branchMoved("Read the files again and decide anew."))},
		Look:   "the latest commits",
		Answer: func(answers []json.RawMessage) (any, error) { return committed(v, a, changes, effect.Kept, answers[0]) },
	}, nil
}

// checkStored holds the files against what the branch has at its head. Gitea
// does so as well, for the head that it finds, but takes what is no file for one.
func checkStored(v *gate.Visit, files []commitFile) error {
	trees := v.Gitea().Trees(v.Repo().Name, v.Repo().Commit)
	for i, file := range files {
		entry, blocked, err := trees.Entry(file.Path)
		if err != nil {
			return err
		}
		refuse := func(why, hint string) error {
			return gate.Refuse(gate.Conflict, "files[%d]: %s Nothing was written.", i, why).WithHint("%s", hint)
		}
		switch {
		case blocked:
			return refuse("Something on the way to this path is no folder.", "get_file_tree shows what is there.")
		case entry == nil && file.Operation == "create":
			continue
		case entry == nil:
			return refuse("There is nothing at this path.", "It may have been deleted or renamed: look, and decide anew.")
		case entry.Type == "tree":
			return refuse("This path is a folder.", "Name the files in it.")
		case file.Operation == "create":
			return refuse("There is something at this path already.", "To replace it, read it and update it with its sha.")
		case entry.Type != "blob":
			return refuse("This path is a submodule, which is not changed here.", "A human has to.")
		case entry.SHA != file.SHA:
			return refuse("The file is not the one that sha stands for.", "It has changed: read it again and decide anew.")
		case file.Operation == "delete":
			continue
		case entry.Mode == symlinkMode:
			return refuse("This path is a symlink, which would be replaced by its text.", "Update the file that it leads to.")
		}
	}
	return nil
}

// symlinkMode is the mode of a symlink in git's trees.
const symlinkMode = "120000"

// committed reads Gitea's answer to a commit.
func committed(v *gate.Visit, a commitFilesArgs, changes []forge.FileChange, kept []string, answer json.RawMessage) (any, error) {
	made, err := forge.Read[forge.FilesChanged](answer)
	if err != nil {
		return nil, err
	}
	if made.Commit == nil || made.Commit.SHA == "" {
		return nil, fmt.Errorf("no commit in the answer")
	}
	repo := v.Repo()
	written := commitWritten{
		Repository: repo.FullName, Branch: a.branch, Commit: made.Commit.SHA, Parent: made.Parent(),
		First: repo.Empty, Kept: kept, URL: made.Commit.URL,
	}
	if written.Parent != repo.Commit {
		written.Planned = repo.Commit
		v.Remark("the branch had moved by the time that the commit was made: its parent is not the commit that was looked at")
	}
	for i, file := range a.Files {
		row := fileWritten{Operation: file.Operation, Path: file.Path.String()}
		if file.Content != nil && i < len(made.Files) && made.Files[i] != nil {
			row.Blob = made.Files[i].SHA
			if row.Blob != forge.BlobID([]byte(changes[i].Content)) {
				v.Remark("a file is stored with another content than was sent: Git LFS may keep it, or somebody changed it since")
			}
		}
		written.Files = append(written.Files, row)
	}
	if head, err := v.Gitea().BranchCommit(repo.Name, a.branch); err == nil && head != written.Commit {
		v.Remark("the branch has another commit at its head by now")
	}
	return written, nil
}
