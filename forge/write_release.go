package forge

import (
	"net/http"
	"strconv"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// ReleaseText are what a release says and how it is shown; nil leaves a member
// out. Gitea takes an empty text for none.
type ReleaseText struct {
	Title, Body       *string
	Draft, Prerelease *bool
}

func (r ReleaseText) members() map[string]any {
	body := make(map[string]any)
	if r.Title != nil {
		body["name"] = *r.Title
	}
	if r.Body != nil {
		body["body"] = *r.Body
	}
	if r.Draft != nil {
		body["draft"] = *r.Draft
	}
	if r.Prerelease != nil {
		body["prerelease"] = *r.Prerelease
	}
	return body
}

// CreateRelease makes a release of a tag: POST …/releases. Where there is no such
// tag, and it is no draft, Gitea makes the tag at the commit. It folds the tag's
// case: a tag in another spelling is taken for it.
func CreateRelease(repo canon.Repo, tag, commit string, text ReleaseText) Write {
	body := text.members()
	body["tag_name"], body["target_commitish"] = tag, commit
	return in(repo, http.MethodPost, body, "releases")
}

// EditRelease changes a release, given by its id: PATCH …/releases/{id}. If it is
// no draft then and its tag is not there, Gitea makes the tag at what the release
// has for a target.
func EditRelease(repo canon.Repo, id int64, text ReleaseText) Write {
	return in(repo, http.MethodPatch, text.members(), "releases", strconv.FormatInt(id, 10))
}

// ReleaseByID returns a release of the repository by its id. What is a tag only is
// NotFound.
func (c *Reader) ReleaseByID(repo canon.Repo, id int64) (*gitea.Release, error) {
	release, err := c.release(repo, "repos", repo.Owner(), repo.Name(), "releases", strconv.FormatInt(id, 10))
	if err != nil {
		return nil, err
	}
	if release.ID != id {
		return nil, notGitea(http.StatusOK)
	}
	return release, nil
}

// ReleaseInAnyCase returns the release, a draft too, of a tag that is spelled like the
// one given or in another case. That is what Gitea takes for a release of that tag.
func (c *Reader) ReleaseInAnyCase(repo canon.Repo, tag string) (*gitea.Release, error) {
	return c.release(repo, "repos", repo.Owner(), repo.Name(), "releases", "tags", tag)
}
