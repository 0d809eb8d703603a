package forge

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// File returns the file, symlink or submodule at path in a commit, given by its id. A
// file has its content in base64, if Gitea gives that out. Where there is a folder it
// is nil. A file of more than about 15 MB is TooLarge.
//
// Gitea takes a branch or a tag whose name is the 40 digits for the commit. So whoever
// may push could swap what is read below a commit id. What the answer was read from is
// therefore held against what was asked for.
func (c *Reader) File(repo canon.Repo, path canon.Path, commit string) (*gitea.ContentsResponse, error) {
	content, _, failure := c.get(url.Values{"ref": {commit}}, below(repo, path.String(), "contents"))
	if failure != nil {
		return nil, failure
	}
	if bytes.HasPrefix(bytes.TrimLeft(content, " \t\r\n"), []byte("[")) {
		return nil, nil
	}
	var file *gitea.ContentsResponse
	if json.Unmarshal(content, &file) != nil || file == nil || file.Path != path.String() {
		return nil, notGitea(http.StatusOK)
	}
	for _, address := range []*string{file.URL, file.HTMLURL} {
		if address != nil {
			if err := c.isOf(repo, 0, *address); err != nil {
				return nil, err
			}
		}
	}
	if file.HTMLURL != nil && readFrom(*file.HTMLURL, commit, path) {
		return file, nil
	}
	// It was read from a name that shadows the commit, or is a submodule, which
	// has no address. The tree can't be shadowed: if it has the same there, this
	// is what was asked for.
	entry, err := c.TreeEntry(repo, commit, path)
	if err != nil {
		return nil, err
	}
	if entry.SHA != file.SHA {
		return nil, &Error{Kind: GiteaError, Status: http.StatusOK,
			Message: "Gitea takes a branch or tag that is named like the commit for it; the file can't be read from the commit."}
	}
	return file, nil
}

// readFrom reports whether a content's address says that it was read from a
// commit and not from a branch or a tag: …/src/commit/ID/PATH.
func readFrom(address, commit string, path canon.Path) bool {
	u, err := url.Parse(address)
	return err == nil && strings.HasSuffix(u.Path, "/src/commit/"+commit+"/"+path.String())
}

// perTree is the most entries that Gitea gives of a tree at once.
const perTree = 1000

// maxTreePages bounds how many pages of one folder are looked at for an entry.
const maxTreePages = 100

// TreeEntry returns the entry at a path, which is not the root, of a commit: it
// goes down the trees from the commit's own. Its Path is its last segment.
func (c *Reader) TreeEntry(repo canon.Repo, commit string, path canon.Path) (gitea.GitEntry, error) {
	id := commit
	segments := strings.Split(path.String(), "/")
	for depth, segment := range segments {
		entry, err := c.childOf(repo, id, segment)
		if err != nil {
			return gitea.GitEntry{}, err
		}
		if depth == len(segments)-1 {
			return entry, nil
		}
		if entry.Type != "tree" {
			break
		}
		id = entry.SHA
	}
	return gitea.GitEntry{}, nothingThere(repo)
}

func (c *Reader) childOf(repo canon.Repo, tree, name string) (gitea.GitEntry, error) {
	for page := 1; page <= maxTreePages; page++ {
		found, err := c.Tree(repo, tree, false, page, perTree)
		if err != nil {
			return gitea.GitEntry{}, err
		}
		for _, entry := range found.Entries {
			if entry.Path == name {
				if !commitID(entry.SHA) {
					return gitea.GitEntry{}, notGitea(http.StatusOK)
				}
				return entry, nil
			}
		}
		if !found.Truncated || len(found.Entries) == 0 {
			return gitea.GitEntry{}, nothingThere(repo)
		}
	}
	return gitea.GitEntry{}, &Error{Kind: TooLarge, Message: "A folder on the way has more entries than are looked at."}
}

// FolderTree returns the id of the tree that a folder of a commit is. What is
// there but is no folder has the id "".
func (c *Reader) FolderTree(repo canon.Repo, commit string, folder canon.Path) (string, error) {
	if folder.IsRoot() {
		return commit, nil
	}
	entry, err := c.TreeEntry(repo, commit, folder)
	if err != nil || entry.Type != "tree" {
		return "", err
	}
	return entry.SHA, nil
}

// Tree returns a page, counted from 1, of the entries of a tree, or of it and
// all below if recursive. tree is a commit's id, or that of a tree which was
// found in one. perPage is 1 to 1,000; Gitea may give fewer. Truncated says
// that there is another page.
func (c *Reader) Tree(repo canon.Repo, tree string, recursive bool, page, perPage int) (*gitea.GitTreeResponse, error) {
	var found gitea.GitTreeResponse
	query := url.Values{
		"page":      {strconv.Itoa(page)},
		"per_page":  {strconv.Itoa(perPage)},
		"recursive": {strconv.FormatBool(recursive)},
	}
	if _, err := c.getJSON(&found, query, "repos", repo.Owner(), repo.Name(), "git", "trees", tree); err != nil {
		return nil, err
	}
	return &found, c.isOf(repo, 0, found.URL)
}

func nothingThere(repo canon.Repo) *Error {
	return &Error{Kind: NotFound, Status: http.StatusNotFound, Asked: Asked{Repo: repo, Unit: Code, Thing: AFile}, Message: "There is nothing at this path in the commit."}
}
