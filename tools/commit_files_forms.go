package tools

import (
	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"

	gitea "aegis/forge/gitea"
)

// keepForms returns what is to be stored of each file: what replaces a text is kept as
// that is.
func keepForms(v *gate.Visit, a commitFilesArgs) ([]keptForm, error) {
	kept := make([]keptForm, len(a.Files))
	var paths []canon.Path
	var at []int // which file a path is of
	for i, file := range a.Files {
		if file.Content != nil {
			kept[i].content = *file.Content
		}
		if file.Operation == "update" {
			paths, at = append(paths, file.Path), append(at, i)
		}
	}
	repo := v.Repo()
	err := v.Gitea().EachFile(repo.Name, paths, repo.Commit, func(n int, stored *gitea.ContentsResponse) (err error) {
		kept[at[n]], err = keepFormOf(stored, a.Files[at[n]], at[n], a.Binary)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, file := range a.Files {
		if file.Operation != "update" || forge.BlobID([]byte(kept[i].content)) != file.SHA {
			return kept, nil
		}
	}
	return nil, gate.Refuse(gate.Conflict, "Each file has the content that is given already; nothing was written.").
		WithHint("A file keeps its encoding, its line ends, and whether its last line ends.")
}

// keepFormOf is [keepForm] for one file of a commit, by its number among them.
func keepFormOf(stored *gitea.ContentsResponse, file commitFile, i int, replaceBinary bool) (keptForm, error) {
	if stored == nil {
		return keptForm{}, gate.Refuse(gate.Conflict, "files[%d]: This path is a folder. Nothing was written.", i)
	}
	content, err := contentOf(stored)
	switch {
	case err != nil && replaceBinary: // too large to be looked at
		return keptForm{content: *file.Content}, nil
	case err != nil:
		return keptForm{}, gate.Refuse(gate.TooLarge, "files[%d]: The file is %d bytes long, and Gitea does not give it out: how it is kept can't be told. Nothing was written.", i, stored.Size).
			WithHint("With replace_binary: true it is replaced whatever it is.")
	case lfsPointer(content) != nil:
		return keptForm{}, gate.Refuse(gate.Conflict, "files[%d]: The file is kept in Git LFS; the repository holds a pointer to it only, which is not replaced by text. Nothing was written.", i).
			WithHint("A human has to change it, with git.")
	}
	kept, err := keepForm(content, *file.Content)
	switch {
	case err == errBinary && replaceBinary:
		return keptForm{content: *file.Content, notes: []string{"nothing of a binary file"}}, nil
	case err == errBinary:
		return kept, gate.Refuse(gate.Conflict, "files[%d]: The file %s. Nothing was written.", i, err).
			WithHint("If all that it holds is to be lost, call again with replace_binary: true.")
	case err != nil:
		return kept, gate.Refuse(gate.Conflict, "files[%d]: The file %s. Nothing was written.", i, err).
			WithHint("Write it with other characters. To have it in UTF-8, delete it with one commit and create it with the next.")
	}
	return kept, nil
}
