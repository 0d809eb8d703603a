package forge

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
)

// Contents is what lies at a path: exactly one of File and Folder is not nil.
type Contents struct {
	File   *gitea.ContentsResponse   // a file with its content in base64, a symlink or a submodule
	Folder []*gitea.ContentsResponse // a folder's entries without contents, none of them nil
}

// Contents returns what lies at path in a commit, given by its id. A file of
// more than about 15 MB is TooLarge.
func (c *Client) Contents(repo canon.Repo, path canon.Path, commit string) (*Contents, error) {
	content, failure := c.contents(repo, path, commit)
	if failure != nil {
		return nil, failure
	}
	var found Contents
	target := any(&found.File)
	if isArray(content) {
		target = &found.Folder
	}
	if json.Unmarshal(content, target) != nil || slices.Contains(found.Folder, nil) ||
		(found.File == nil) == (found.Folder == nil) {
		return nil, notGitea(http.StatusOK)
	}
	return &found, nil
}

// IsFolder reports whether a folder lies at path in a commit. What does not
// exist is NotFound.
func (c *Client) IsFolder(repo canon.Repo, path canon.Path, commit string) (bool, error) {
	content, failure := c.contents(repo, path, commit)
	if failure != nil {
		if failure.Kind == TooLarge && !path.IsRoot() {
			return false, nil // a file's content; a folder as large can't be listed either
		}
		return false, failure
	}
	return isArray(content), nil
}

func (c *Client) contents(repo canon.Repo, path canon.Path, commit string) ([]byte, *Error) {
	segments := []string{"repos", repo.Owner(), repo.Name(), "contents"}
	if !path.IsRoot() {
		segments = below(repo, path.String(), "contents")
	}
	content, _, failure := c.get(url.Values{"ref": {commit}}, segments)
	return content, failure
}

// Tree returns a page, counted from 1, of the entries of a commit's root
// folder, or of all folders if recursive. perPage is 1 to 1,000; Gitea may
// give fewer. Truncated says that there is another page.
func (c *Client) Tree(repo canon.Repo, commit string, recursive bool, page, perPage int) (*gitea.GitTreeResponse, error) {
	var tree gitea.GitTreeResponse
	query := url.Values{
		"page":      {strconv.Itoa(page)},
		"per_page":  {strconv.Itoa(perPage)},
		"recursive": {strconv.FormatBool(recursive)},
	}
	if _, err := c.GetJSON(&tree, query, "repos", repo.Owner(), repo.Name(), "git", "trees", commit); err != nil {
		return nil, err
	}
	return &tree, nil
}

func isArray(content []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(content, " \t\r\n"), []byte("["))
}
