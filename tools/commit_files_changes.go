package tools

import (
	"fmt"

	"aegis/forge/gitea"
	"aegis/gate"
)

// changesOfFiles reads what the files of a commit replace and delete, for a human to
// see.
func changesOfFiles(v *gate.Visit, files []commitFile, kept []keptForm) (all []gate.Change, err error) {
	for i, file := range files {
		if file.Operation == "create" {
			continue
		}
		stored, err := v.Gitea().File(v.Repo().Name, file.Path, v.Repo().Commit)
		if err != nil {
			return nil, err
		}
		before, err := textOf(stored)
		if err != nil {
			return nil, err
		}
		change := gate.Change{Field: fmt.Sprintf("files[%d].content", i), Path: file.Path.String(), Before: before}
		if file.Content != nil {
			change.After = shownText([]byte(kept[i].content))
		} else {
			change.Field, change.What = fmt.Sprintf("files[%d]", i), "deleted"
		}
		all = append(all, change)
	}
	return all, nil
}

// textOf is what a file holds, or a symlink's target.
func textOf(stored *gitea.ContentsResponse) (string, error) {
	switch {
	case stored == nil:
		return "", gate.Refuse(gate.Conflict, "One of the paths is a folder.")
	case stored.Type == "symlink" && stored.Target != nil:
		return "a symlink to " + *stored.Target, nil
	}
	content, err := contentOf(stored)
	return shownText(content), err
}

// shownText is a file's text, or its bytes if it is none.
func shownText(content []byte) string {
	if text, _, ok := decodeText(content); ok {
		return text
	}
	return string(content)
}
