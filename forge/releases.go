package forge

import (
	"net/http"
	"slices"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Releases returns a page of a repository's releases, newest first.
func (c *Reader) Releases(repo canon.Repo, p Page) ([]*gitea.Release, bool, error) {
	rows, more, err := list[gitea.Release](c, p, p.query(), "repos", repo.Owner(), repo.Name(), "releases")
	if err != nil {
		return nil, false, err
	}
	return rows, more, eachOf(c, repo, rows, func(r *gitea.Release) (int64, []string) { return 0, []string{r.HTMLURL, r.URL} })
}

// LatestRelease returns the newest release that is neither a draft nor a
// prerelease.
func (c *Reader) LatestRelease(repo canon.Repo) (*gitea.Release, error) {
	return c.release(repo, "repos", repo.Owner(), repo.Name(), "releases", "latest")
}

// Release returns the release of a tag, given by its short name.
func (c *Reader) Release(repo canon.Repo, tag string) (*gitea.Release, error) {
	release, err := c.ReleaseInAnyCase(repo, tag)
	if err != nil {
		return nil, err
	}
	if release.TagName != tag { // Gitea folds case here, and git doesn't
		return nil, otherName()
	}
	return release, nil
}

func (c *Reader) release(repo canon.Repo, segments ...string) (*gitea.Release, error) {
	var release gitea.Release
	if _, err := c.getJSON(&release, nil, segments...); err != nil {
		return nil, err
	}
	if release.ID <= 0 || slices.Contains(release.Attachments, nil) {
		return nil, notGitea(http.StatusOK)
	}
	return &release, c.isOf(repo, 0, release.HTMLURL, release.URL)
}
