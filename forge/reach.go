package forge

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Reaches reports whether a commit, given by its id, is on a branch or a tag, given in
// full: the ref's own commit, or one before it. Gitea keeps the commits of forks and
// pull requests in the same store and serves them all. This is what tells them from
// the repository's own.
func (c *Reader) Reaches(repo canon.Repo, ref, commit string) (bool, error) {
	query := Page{Page: 1, Limit: 1}.query()
	query.Set("sha", commit)
	query.Set("not", ref)
	for _, part := range []string{"stat", "verification", "files"} {
		query.Set(part, "false")
	}
	beyond, _, err := list[gitea.Commit](c, Page{Page: 1, Limit: 1}, query, "repos", repo.Owner(), repo.Name(), "commits")
	return err == nil && len(beyond) == 0, err
}

// Tip is where a branch, a tag or a pull request points.
type Tip struct {
	Ref    string // refs/heads/…, refs/tags/…, or "" for a pull request's
	Pull   int64  // the pull request's number, 0 for branches and tags
	Object string // the id of a commit, or of an annotated tag's object
}

// Tips returns all branches, tags and heads of pull requests of a repository, in
// one answer: Gitea has no pages here.
func (c *Reader) Tips(repo canon.Repo) ([]Tip, error) {
	var found []struct {
		Ref    string `json:"ref"`
		Object struct {
			SHA string `json:"sha"`
		} `json:"object"`
	}
	if _, err := c.getJSON(&found, url.Values{}, "repos", repo.Owner(), repo.Name(), "git", "refs"); err != nil {
		return nil, err
	}
	var tips []Tip
	for _, each := range found {
		if !commitID(each.Object.SHA) {
			return nil, notGitea(http.StatusOK)
		}
		tip := Tip{Object: each.Object.SHA}
		if number, ok := pullOf(each.Ref); ok {
			tip.Pull = number
		} else if strings.HasPrefix(each.Ref, "refs/heads/") || strings.HasPrefix(each.Ref, "refs/tags/") {
			tip.Ref = each.Ref
		} else {
			continue
		}
		tips = append(tips, tip)
	}
	return tips, nil
}

// pullOf reads refs/pull/N/head.
func pullOf(ref string) (int64, bool) {
	rest, isPull := strings.CutPrefix(ref, "refs/pull/")
	digits, isHead := strings.CutSuffix(rest, "/head")
	if !isPull || !isHead || !isNumber(digits) {
		return 0, false
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	return number, err == nil
}

// CanName reports whether a ref in full can be asked about: git has names that no
// request here may hold.
func CanName(ref string) bool { return ownRef(ref) }
