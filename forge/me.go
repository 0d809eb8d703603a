package forge

import "aegis/forge/gitea"

// Me returns whose the token is.
func (c *Reader) Me() (*gitea.User, error) {
	var user gitea.User
	if _, err := c.getJSON(&user, nil, "user"); err != nil {
		return nil, err
	}
	return &user, nil
}

// Version returns Gitea's version, as Gitea tells it.
func (c *Reader) Version() (string, error) {
	var answer struct{ Version string }
	_, err := c.getJSON(&answer, nil, "version")
	return answer.Version, err
}
