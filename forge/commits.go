package forge

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Commit is a commit with the files that it touches. A file that was renamed is
// two of them.
type Commit struct {
	gitea.Commit
	Files []ChangedFile `json:"files"`
}

// ChangedFile is a file that a commit touches.
type ChangedFile struct {
	Path   string `json:"filename"` // as git has it
	Status string `json:"status"`   // added, modified or removed
}

func (c *Commit) whole() bool {
	return c != nil && c.CommitMeta != nil && c.RepoCommit != nil && commitID(c.SHA) && !slices.Contains(c.Parents, nil)
}

// Commit returns a commit by its id.
func (c *Reader) Commit(repo canon.Repo, id string) (*Commit, error) {
	var commit *Commit
	query := url.Values{"stat": {"false"}, "verification": {"false"}, "files": {"true"}}
	if _, err := c.getJSON(&commit, query, "repos", repo.Owner(), repo.Name(), "git", "commits", id); err != nil {
		return nil, err
	}
	if !commit.whole() || commit.SHA != id {
		return nil, notGitea(http.StatusOK)
	}
	return commit, c.commitIn(repo, &commit.Commit)
}

// CommitWithDiff is [Client.Commit] and [Client.CommitDiff], asked for at the same time.
func (c *Reader) CommitWithDiff(repo canon.Repo, id string) (commit *Commit, diff string, err error) {
	err = c.atOnce(
		func() (err error) { commit, err = c.Commit(repo, id); return err },
		func() (err error) { diff, err = c.CommitDiff(repo, id); return err },
	)
	return commit, diff, err
}

// CommitDiff returns a commit's diff against its first parent, given by its
// id, as git writes it. A first commit's has a head of its own before it.
func (c *Reader) CommitDiff(repo canon.Repo, id string) (string, error) {
	return c.getText(nil, "repos", repo.Owner(), repo.Name(), "git", "commits", id+".diff")
}

// Compare returns the commits that lead from where head and base parted to
// head, the newest first, all of them. headRepo may be another repository than
// base's. Both are commit ids.
//
// Gitea takes a branch or a tag that is called by the id for the commit. What
// the answer was made from can't be told by the answer, so that such an id is
// NotFound.
//
// To compare across repositories Gitea copies base into headRepo. Where that does
// not have it the error is [ErrNotThere], and nothing is copied.
func (c *Reader) Compare(repo canon.Repo, base string, headRepo canon.Repo, head string) ([]*Commit, error) {
	comparison := base + "..." + head
	if headRepo != repo {
		comparison = base + "..." + headRepo.String() + ":" + head
		if err := c.canCompare(repo, base, headRepo); err != nil {
			return nil, err
		}
	}
	var found struct {
		Commits []*Commit `json:"commits"`
	}
	query := url.Values{"verification": {"false"}, "files": {"true"}}
	if _, err := c.getJSON(&found, query, "repos", repo.Owner(), repo.Name(), "compare", comparison); err != nil {
		return nil, c.OrUnrelated(err, headRepo, base, head) // which has both by now
	}
	for _, commit := range found.Commits {
		if !commit.whole() {
			return nil, notGitea(http.StatusOK)
		}
		if c.commitIn(repo, &commit.Commit) != nil {
			if err := c.commitIn(headRepo, &commit.Commit); err != nil {
				return nil, err
			}
		}
	}
	if err := c.unshadowed(repo, base); err != nil {
		return nil, err
	}
	switch {
	case len(found.Commits) == 0:
		return nil, c.unshadowed(headRepo, head)
	case found.Commits[0].SHA != head: // git begins with it
		return nil, shadowedCommit()
	}
	return found.Commits, nil
}

// OrUnrelated is err, or the error for the reason [Unrelated], if err is of what Gitea makes
// from where two commits of a repository parted, and they have nothing in common. Gitea
// fails on that alone as it does on anything else; but what lies between the two as they
// are it can tell.
func (c *Reader) OrUnrelated(err error, repo canon.Repo, base, head string) error {
	failure := From(err)
	if !failure.FailedInside() {
		return err
	}
	query := url.Values{"verification": {"false"}, "files": {"false"}}
	between := func(dots string) error {
		_, err := c.getJSON(nil, query, "repos", repo.Owner(), repo.Name(), "compare", base+dots+head)
		return err
	}
	if between("..") != nil || between("...") == nil {
		return err
	}
	return failure.as(Conflict, Unrelated)
}

// ErrNotThere is the error of a comparison that would copy a commit into another
// repository.
var ErrNotThere = errors.New("the head's repository does not have the base commit")

// canCompare reports why base is not to be compared with a commit of headRepo.
// What Gitea would take for base has to be there as well.
func (c *Reader) canCompare(repo canon.Repo, base string, headRepo canon.Repo) error {
	switch there, err := c.CommitID(headRepo, base); {
	case err == nil && there == base:
		return c.unshadowed(repo, base)
	case err == nil, From(err).Kind == NotFound:
		return ErrNotThere
	default:
		return err
	}
}

// Status is what was reported on a commit under one context, the latest of it.
type Status = gitea.Status

// Statuses returns a page of what was reported on a commit, given by its id.
func (c *Reader) Statuses(repo canon.Repo, commit string, p Page) ([]*Status, bool, error) {
	var found gitea.CombinedStatus
	header, err := c.getJSON(&found, p.query(), "repos", repo.Owner(), repo.Name(), "commits", commit, "status")
	if err != nil {
		return nil, false, err
	}
	if found.SHA != commit {
		return nil, false, shadowedCommit()
	}
	if slices.Contains(found.Statuses, nil) {
		return nil, false, notGitea(http.StatusOK)
	}
	err = c.isOf(repo, ofRecord(found.Repository), found.CommitURL)
	return found.Statuses, HasMore(header, p.Page, p.Limit, len(found.Statuses)), err
}
