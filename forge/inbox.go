package forge

import (
	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Notifications returns a page of what the token's user has not read, or has
// pinned. A notification from a repository that the user may not read any more
// has no Repository, and may have no Subject.
func (c *Reader) Notifications(p Page) ([]*gitea.NotificationThread, bool, error) {
	return list[gitea.NotificationThread](c, p, p.query(), "notifications")
}

// Packages returns a page of an owner's packages, each version a row. text, if
// not "", is a part of the name. One that belongs to a repository which the
// token may not read has no Repository.
func (c *Reader) Packages(p Page, owner canon.Owner, text string) ([]*gitea.Package, bool, error) {
	query := p.query()
	if text != "" {
		query.Set("q", text)
	}
	return list[gitea.Package](c, p, query, "packages", owner.String())
}
