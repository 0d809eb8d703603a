package forge

import (
	"net/http"
	"slices"

	"aegis/forge/gitea"
)

// Organizations returns a page of the organisations that the token may see.
func (c *Reader) Organizations(p Page) ([]*gitea.Organization, bool, error) {
	return list[gitea.Organization](c, p, p.query(), "orgs")
}

// Users returns a page of users whose login, full name or e-mail address
// contains text, the latter even if the record does not show it.
func (c *Reader) Users(p Page, text string) ([]*gitea.User, bool, error) {
	query := p.query()
	query.Set("q", text)
	var found struct {
		OK   bool          `json:"ok"`
		Data []*gitea.User `json:"data"`
	}
	header, err := c.getJSON(&found, query, "users", "search")
	if err != nil {
		return nil, false, err
	}
	if !found.OK || slices.Contains(found.Data, nil) {
		return nil, false, notGitea(http.StatusOK)
	}
	return found.Data, HasMore(header, p.Page, p.Limit, len(found.Data)), nil
}
