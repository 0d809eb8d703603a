package forge

import "aegis/internal/canon"

// ShowsUnits reports whether Gitea shows anything of a repository to everybody. The
// client has to be one without a token ([Grant.Anonymous]).
//
// No record tells which units of a private repository are open. But Gitea answers
// 404 to nobody's question for a repository that is closed, and 403 where a single
// unit is open. Where Gitea answers nobody anything it is 403 as well: then its
// version is refused, too, and nothing is shown to everybody.
func (c *Reader) ShowsUnits(repo canon.Repo) (bool, error) {
	_, err := c.Repository(repo)
	if err == nil {
		return true, nil
	}
	switch failure := From(err); {
	case failure.Kind == NotFound, failure.Kind == Unauthorized:
		return false, nil
	case failure.Reason == Redirected: // to a page to sign in at
		return false, nil
	case failure.Kind != Forbidden:
		return true, err
	}
	_, err = c.getJSON(nil, nil, "version")
	if err == nil {
		return true, nil
	}
	switch From(err).Kind {
	case Forbidden, Unauthorized:
		return false, nil
	}
	return true, err
}
