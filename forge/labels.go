package forge

import (
	"errors"
	"net/http"
	"strings"

	"aegis/internal/canon"
)

// Label is a label that issues can have.
type Label struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Color       string `json:"color"` // six hex digits
	Description string `json:"description"`
	Exclusive   bool   `json:"exclusive"`
	Archived    bool   `json:"is_archived"`
	URL         string `json:"url"` // in the API

	Organization string `json:"-"` // whose it is, if it is not the repository's own
}

// Labels returns a page of the labels that a repository's issues can have: its own, and
// then those of the organisation that owns it. Each of the two has its pages, so that a
// page has up to twice as many rows. unread says that the token may not read the
// organisation's.
func (c *Reader) Labels(repo canon.Repo, p Page) (rows []*Label, more, unread bool, err error) {
	var shared []*Label
	var moreShared bool
	err = c.atOnce(
		func() (err error) {
			rows, more, err = list[Label](c, p, p.query(), "repos", repo.Owner(), repo.Name(), "labels")
			return err
		},
		func() (err error) {
			shared, moreShared, err = c.organizationLabels(repo.Owner(), p)
			var failure *Error
			if errors.As(err, &failure) && (failure.Kind == Forbidden || failure.Kind == Unauthorized) {
				unread, err = true, nil
			}
			return err
		},
	)
	if err != nil {
		return nil, false, false, err
	}
	c.transport.status.Store(http.StatusOK)
	err = eachOf(c, repo, rows, func(r *Label) (int64, []string) { return 0, []string{r.URL} })
	return append(rows, shared...), more || moreShared, unread, err
}

// organizationLabels returns a page of an organisation's labels, and none of a user's:
// which of both an owner is no record tells.
func (c *Reader) organizationLabels(owner string, p Page) ([]*Label, bool, error) {
	rows, more, err := list[Label](c, p, p.query(), "orgs", owner, "labels")
	var failure *Error
	if errors.As(err, &failure) && failure.Kind == NotFound {
		return nil, false, nil
	}
	for _, row := range rows {
		if row.URL != "" && !strings.Contains(pathOf(row.URL), "/orgs/"+owner+"/labels/") {
			return nil, false, notGitea(http.StatusOK)
		}
		row.Organization = owner
	}
	return rows, more, err
}
