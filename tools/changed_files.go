package tools

import (
	"slices"
	"strings"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

// fileChange is a file that a commit touches. One that was renamed is two of
// them.
type fileChange struct {
	Path   string `json:"path"`
	Status string `json:"status"`               // added, modified or removed
	Name   string `json:"unnameable,omitempty"` // why it can't be asked for
}

func (f fileChange) paths() []string { return []string{f.Path} }

// shownFiles sorts the changed files by path, Gitea has them in no order, and
// leaves those that policy shows. It is never nil.
func shownFiles(v *gate.Visit, files []fileChange) []fileChange {
	slices.SortFunc(files, func(a, b fileChange) int { return strings.Compare(a.Path, b.Path) })
	shown := append([]fileChange{}, gate.Files(v, files, fileChange.paths)...)
	for i := range shown {
		_, why, _ := canon.ListedPath(shown[i].Path)
		shown[i].Name = unnameable(why)
	}
	return shown
}

// changedBetween is what commits, given newest first, did to each file: how it
// was first touched tells if it is new, how it was last touched if it is gone.
func changedBetween(commits []*forge.Commit) []fileChange {
	first, last := make(map[string]string), make(map[string]string)
	for _, commit := range commits {
		for _, file := range commit.Files {
			first[file.Path] = file.Status
			if _, newer := last[file.Path]; !newer {
				last[file.Path] = file.Status
			}
		}
	}
	var files []fileChange
	for path, status := range last {
		if status == "modified" && first[path] == "added" {
			status = "added"
		}
		if status == "added" && first[path] != "added" { // removed, and made again
			status = "modified"
		}
		files = append(files, fileChange{Path: path, Status: status})
	}
	return files
}
