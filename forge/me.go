package forge

import (
	"net/http"

	"aegis/forge/gitea"
)

// Me returns whose the token is.
func (c *Reader) Me() (*gitea.User, error) {
	var user gitea.User
	if _, err := c.getJSON(&user, nil, "user"); err != nil {
		return nil, err
	}
	if user.ID <= 0 || user.UserName == "" {
		return nil, notGitea(http.StatusOK)
	}
	return &user, nil
}

// Version returns Gitea's version, as Gitea tells it.
func (c *Reader) Version() (string, error) {
	var answer struct{ Version string }
	if _, err := c.getJSON(&answer, nil, "version"); err != nil {
		return "", err
	}
	if answer.Version == "" {
		return "", notGitea(http.StatusOK)
	}
	return answer.Version, nil
}
