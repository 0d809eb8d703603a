package tools

import (
	"context"
	"path"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type getFileTreeArgs struct {
	repoArgs
	Ref       canon.Ref  `json:"ref,omitempty" doc:"Branch, tag or commit; else the default branch"`
	Path      canon.Path `json:"path,omitempty" doc:"Folder; the root if absent"`
	Recursive bool       `json:"recursive,omitempty" doc:"Everything below"`
	Page      int        `json:"page,omitempty" default:"1"`
	Limit     int        `json:"limit,omitempty" default:"500" max:"1000" beyond:"bound"`
}

func getFileTree() Tool {
	return read(definition[getFileTreeArgs]{
		name:        "get_file_tree",
		title:       "List files",
		description: "Files and folders of a repository at a ref; get_file_contents reads one.",
		target: func(a getFileTreeArgs) gate.Target {
			return gate.Repository(a.repo).Folder(a.Path).At(a.Ref).OrNothing()
		},
		run: runGetFileTree,
		ahead: func(ask *forge.Reader, a getFileTreeArgs, commit string) {
			if a.Path.IsRoot() {
				_, _ = ask.Tree(a.repo, commit, a.Recursive, a.Page, a.Limit)
			}
		},
	})
}

// treeItem is an entry of a tree.
type treeItem struct {
	Path string `json:"path"`
	Type string `json:"type"` // file, folder, symlink, submodule
	Size int64  `json:"size,omitempty"`
	Name string `json:"unnameable,omitempty"` // why it can't be asked for
}

func runGetFileTree(_ context.Context, v *gate.Visit, a getFileTreeArgs) (*gate.Result, error) {
	repo := v.Repo()
	if repo.Commit == "" {
		return noneYet(v, a.Page, a.Limit), nil
	}
	id, err := v.Gitea().FolderTree(repo.Name, repo.Commit, a.Path)
	if err != nil {
		return nil, err
	}
	if id == "" {
		return nil, gate.Refuse(gate.InvalidArguments, "path is not a folder.").WithHint("get_file_contents reads files.")
	}
	tree, err := v.Gitea().Tree(repo.Name, id, a.Recursive, a.Page, a.Limit)
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: tree.Truncated}
	for _, entry := range tree.Entries {
		list.Rows = append(list.Rows, treeRow(a.Path, entry))
	}
	return &gate.Result{
		Fields: struct {
			Repository string `json:"repository"`
			Visibility string `json:"visibility"`
			Ref        string `json:"ref,omitempty"`
			Commit     string `json:"commit"`
		}{repo.FullName, string(repo.Visibility), repo.Ref, repo.Commit},
		List: list,
	}, nil
}

func treeRow(folder canon.Path, entry gitea.GitEntry) gate.Row {
	full := path.Join(folder.String(), entry.Path)
	name, why, ok := canon.ListedPath(full)
	item := treeItem{Path: full, Type: kindOf(entry), Size: entry.Size, Name: unnameable(why)}
	return gate.Row{Value: item, Path: name, Folder: item.Type == "folder", Unnameable: !ok}
}

// unnameable says that something can't be asked for, "" if it can.
func unnameable(why string) string {
	if why == "" {
		return ""
	}
	return "can't be asked for: its name " + why
}

// kindOf names an entry by its git mode.
func kindOf(entry gitea.GitEntry) string {
	switch entry.Mode {
	case "040000":
		return "folder"
	case "120000":
		return "symlink"
	case "160000":
		return "submodule"
	}
	return "file"
}
