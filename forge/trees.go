package forge

import (
	"net/http"
	"strings"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Trees looks at many paths of one commit, and asks for each folder once. It is
// not safe for concurrent use.
type Trees struct {
	client  *Reader
	repo    canon.Repo
	commit  string
	folders map[string]map[string]gitea.GitEntry // by the tree's id, by name
}

// Trees returns the trees of a commit, given by its id.
func (c *Reader) Trees(repo canon.Repo, commit string) *Trees {
	return &Trees{client: c, repo: repo, commit: commit, folders: make(map[string]map[string]gitea.GitEntry)}
}

// Entry returns what lies at a path, which is not the root: nil if nothing does.
// blocked says that there can't be anything, because something on the way to it is
// no folder.
func (t *Trees) Entry(path canon.Path) (entry *gitea.GitEntry, blocked bool, err error) {
	id := t.commit
	segments := strings.Split(path.String(), "/")
	for depth, segment := range segments {
		folder, err := t.folder(id)
		if err != nil {
			return nil, false, err
		}
		found, ok := folder[segment]
		switch {
		case !ok:
			return nil, false, nil
		case depth == len(segments)-1:
			return &found, false, nil
		case found.Type != "tree":
			return nil, true, nil
		}
		id = found.SHA
	}
	return nil, false, nil
}

// folder returns all entries of a tree.
func (t *Trees) folder(id string) (map[string]gitea.GitEntry, error) {
	if known, ok := t.folders[id]; ok {
		return known, nil
	}
	entries := make(map[string]gitea.GitEntry)
	for page := 1; ; page++ {
		if page > maxTreePages {
			return nil, &Error{Kind: TooLarge, Message: "A folder on the way has more entries than are looked at."}
		}
		found, err := t.client.Tree(t.repo, id, false, page, perTree)
		if err != nil {
			return nil, err
		}
		for _, entry := range found.Entries {
			if !commitID(entry.SHA) {
				return nil, notGitea(http.StatusOK)
			}
			entries[entry.Path] = entry
		}
		if !found.Truncated || len(found.Entries) == 0 {
			t.folders[id] = entries
			return entries, nil
		}
	}
}
