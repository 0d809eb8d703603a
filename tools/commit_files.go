package tools

import (
	"errors"
	"fmt"
	"strings"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

// maxCommitBytes bounds the content of all files of a commit.
const maxCommitBytes = 4 << 20

type commitFilesArgs struct {
	writeArgs
	Branch  canon.Ref    `json:"branch" doc:"Short name"`
	Message string       `json:"message" text:"message"`
	Files   []commitFile `json:"files" doc:"1 to 100, at most 4 MiB"`
	Binary  bool         `json:"replace_binary,omitempty" doc:"By text"`

	branch string
}

// commitFile is one file of a commit.
type commitFile struct {
	Operation string     `json:"operation" enum:"create,update,delete"`
	Path      canon.Path `json:"path"`
	Content   *string    `json:"content,omitempty" text:"content" doc:"All of it; not to delete"`
	SHA       string     `json:"sha,omitempty" text:"id" max:"40" doc:"To update or delete: from get_file_contents"`
}

func (a *commitFilesArgs) check() (err error) {
	a.branch, err = shortRef("branch", a.Branch)
	var message error
	if !shows(a.Message) {
		message = errors.New("message must not be blank")
	}
	return errors.Join(a.repoArgs.check(), err, message, a.checkFiles())
}

// checkFiles holds each file to its operation, and the files to one another. Gitea
// takes what contradicts itself, and the last file wins.
func (a *commitFilesArgs) checkFiles() error {
	if len(a.Files) == 0 {
		return errors.New("files must not be empty")
	}
	var wrong []error
	for i := range a.Files {
		if err := a.Files[i].check(); err != nil {
			wrong = append(wrong, fmt.Errorf("files[%d]: %w", i, err))
		}
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	return a.checkTogether()
}

// checkTogether holds the files to one another.
func (a *commitFilesArgs) checkTogether() error {
	total, idle := 0, 0
	seen, folders := make(map[string]bool), make(map[string]bool)
	for i, file := range a.Files {
		if file.Content != nil {
			total += len(*file.Content)
			if file.SHA == forge.BlobID([]byte(*file.Content)) {
				idle++
			}
		}
		path := foldCase(file.Path.String())
		if seen[path] {
			return fmt.Errorf("files[%d]: path is that of another file, perhaps in another case", i)
		}
		seen[path] = true
		for at := range path {
			if path[at] == '/' {
				folders[path[:at]] = true
			}
		}
	}
	for i, file := range a.Files {
		if folders[foldCase(file.Path.String())] {
			return fmt.Errorf("files[%d]: path is the folder of another file", i)
		}
	}
	switch {
	case total > maxCommitBytes:
		return fmt.Errorf("files are larger than %d MiB together", maxCommitBytes>>20)
	case idle == len(a.Files):
		return errors.New("files change nothing: each has the content that its sha stands for")
	}
	return nil
}

func (f *commitFile) check() error {
	if f.Operation == "delete" && f.Content != nil && *f.Content == "" {
		f.Content = nil
	}
	switch {
	case strings.HasPrefix(f.Path.String(), "-"):
		return errors.New("path begins with a dash, which Gitea takes for an option of git: only a human can write there, with git")
	case f.Operation == "create" && f.SHA != "":
		return errors.New("sha is for update and delete; what is created replaces nothing")
	case f.Operation != "create" && (!canon.IsCommitID(f.SHA) || f.SHA != strings.ToLower(f.SHA)):
		return fmt.Errorf("sha is required to %s: the 40 hex digits that get_file_contents answers", f.Operation)
	case f.Operation == "delete" && f.Content != nil:
		return errors.New("content is not for delete")
	case f.Operation != "delete" && f.Content == nil:
		return fmt.Errorf("content is required to %s", f.Operation)
	}
	return nil
}

// foldCase makes one spelling of names that a file system may take for the same.
func foldCase(s string) string { return strings.ToLower(strings.ToUpper(s)) }

func commitFiles() Tool {
	return write(changing[commitFilesArgs]{
		name:  "commit_files",
		title: "Commit files",
		description: "Adds one commit to a branch (create_branch makes one): creates, replaces and deletes text files, all or none. " +
			"Encoding and line ends stay. Write none back that was redacted or cut.",
		target: func(a commitFilesArgs) gate.Target {
			paths := make([]canon.Path, len(a.Files))
			for i, file := range a.Files {
				paths[i] = file.Path
			}
			return gate.Repository(a.repo).OnBranch(a.branch).At(mustRef("refs/heads/" + a.branch)).OrNothing().Writing(paths...)
		},
		plan:        planCommitFiles,
		destructive: true,
	})
}
