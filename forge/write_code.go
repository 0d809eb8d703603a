package forge

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// CreateBranch makes a branch at a commit, given by its id: POST …/branches.
//
// Gitea pushes the id to the new branch, and git takes a branch of that name for it.
// Where one is called by the commit's id ([Client.Unshadowed]), the new one is made at
// that one's head.
func CreateBranch(repo canon.Repo, branch, commit string) Write {
	return in(repo, http.MethodPost, map[string]any{"new_branch_name": branch, "old_ref_name": commit}, "branches")
}

// BranchAddress is where people see a branch.
func BranchAddress(repo *Repository, branch string) string {
	return strings.TrimSuffix(repo.HTMLURL, "/") + "/src/branch/" + (&url.URL{Path: branch}).EscapedPath()
}

// FileChange is one file of a commit.
type FileChange struct {
	Operation string // create, update or delete
	Path      canon.Path
	Content   string // of what is not deleted
	SHA       string // the id of the content that is replaced or deleted; "" if created
}

// ChangeFiles adds a commit to a branch that is there, given by its short name:
// POST …/contents. Gitea takes the branch as it is when the request comes and
// holds nothing but each SHA against it.
func ChangeFiles(repo canon.Repo, branch, message string, changes []FileChange) Write {
	files := make([]map[string]any, len(changes))
	for i, change := range changes {
		file := map[string]any{"operation": change.Operation, "path": change.Path.String()}
		if change.Operation != "create" {
			file["sha"] = change.SHA
		}
		if change.Operation != "delete" {
			file["content"] = base64.StdEncoding.EncodeToString([]byte(change.Content))
		}
		files[i] = file
	}
	return in(repo, http.MethodPost, map[string]any{"branch": branch, "message": message, "files": files}, "contents")
}

// FilesChanged is Gitea's answer to [ChangeFiles].
type FilesChanged struct {
	Files  []*gitea.ContentsResponse `json:"files"` // in the order of the changes, nil for what was deleted
	Commit *struct {
		SHA     string `json:"sha"`
		URL     string `json:"html_url"`
		Parents []struct {
			SHA string `json:"sha"`
		} `json:"parents"`
	} `json:"commit"`
}

// Parent is the id of the commit that the change was made on, "" if there is not
// exactly one.
func (f *FilesChanged) Parent() string {
	if f.Commit == nil || len(f.Commit.Parents) != 1 {
		return ""
	}
	return f.Commit.Parents[0].SHA
}

// Unshadowed returns an error, NotFound, if a branch or a tag is called by a
// commit's id.
func (c *Reader) Unshadowed(repo canon.Repo, commit string) error { return c.unshadowed(repo, commit) }
