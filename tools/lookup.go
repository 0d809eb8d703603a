package tools

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

// Gitea leaves out, without a word, most of what it does not know by an id, and
// fails in the midst of a change on the rest. Names are looked up first.

// milestoneID finds the milestone of a title, in any case; of several the one that is
// spelled exactly so, or the only one that is open.
func milestoneID(v *gate.Visit, title string) (int64, error) {
	known, bounded, err := milestonesOf(v)
	if err != nil {
		return 0, err
	}
	found := bestSpelled(known, title, func(m *gitea.Milestone) string { return m.Title })
	if len(found) > 1 {
		if open := slices.DeleteFunc(slices.Clone(found), func(m *gitea.Milestone) bool { return m.State != gitea.StateOpen }); len(open) == 1 {
			found = open
		}
	}
	switch {
	case len(found) == 1:
		return found[0].ID, nil
	case len(found) > 1:
		return 0, gate.Refuse(gate.Conflict, "The repository has %d milestones of the title in milestone; nothing was written.", len(found)).
			WithHint("list_milestones lists them. Spell the title as it is there; if they are spelled alike a human has to rename one.")
	case bounded:
		return 0, tooMany("milestones")
	}
	return 0, gate.Refuse(gate.NotFound, "The repository has no milestone of the title in milestone, in any case.").
		WithHint("list_milestones lists them.")
}

// bestSpelled returns what has a name: that which is spelled exactly so, or if there
// is none, that which is in another case.
func bestSpelled[T any](all []T, name string, of func(T) string) []T {
	var exact, folded []T
	for _, each := range all {
		switch spelled := of(each); {
		case spelled == name:
			exact = append(exact, each)
		case strings.EqualFold(spelled, name):
			folded = append(folded, each)
		}
	}
	if exact != nil {
		return exact
	}
	return folded
}

func milestonesOf(v *gate.Visit) (all []*gitea.Milestone, bounded bool, err error) {
	return scan(func(p forge.Page) ([]*gitea.Milestone, bool, error) {
		return v.Gitea().Milestones(v.Repo().Name, p, "all")
	})
}

// assigneesOf finds who is meant among those who may be assigned, in Gitea's
// spelling, each once.
func assigneesOf(v *gate.Visit, names []string) ([]string, error) {
	if len(names) == 0 {
		return []string{}, nil
	}
	known, err := v.Gitea().Assignees(v.Repo().Name)
	if err != nil {
		return nil, err
	}
	found := []string{}
	for i, name := range names {
		at := slices.IndexFunc(known, func(login string) bool { return strings.EqualFold(login, name) })
		if at < 0 {
			return nil, gate.Refuse(gate.NotFound, "Nobody by the name in assignees[%d] can be assigned in this repository.", i).
				WithHint("It takes the login of somebody who may write to it.")
		}
		if !slices.Contains(found, known[at]) {
			found = append(found, known[at])
		}
	}
	return found, nil
}

func tooMany(what string) error {
	return gate.Refuse(gate.TooLarge, "The repository has more than %d %s; what is beyond is not looked at.", maxScan*scanPage, what)
}

// blank reports whether nothing of a text shows.
func blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// notBlank refuses a text of which nothing shows: Gitea stores it.
func notBlank(name, text string) error {
	if text != "" && blank(text) {
		return errors.New(name + " must not be blank")
	}
	return nil
}

// isNothing reports whether Gitea has nothing there.
func isNothing(err error) bool {
	var failure *forge.Error
	return errors.As(err, &failure) && failure.Kind == forge.NotFound
}

// ownUser is whom the token is of.
func ownUser(v *gate.Visit) (*gitea.User, error) {
	if v.Gitea().Anonymous() {
		return nil, gate.Refuse(gate.GiteaUnauthorized, "There is no token, so that nothing is its user's.").
			WithHint("Set GITEA_TOKEN (or GITEA_TOKEN_FILE).")
	}
	user, err := v.Gitea().Me()
	if err != nil {
		return nil, err
	}
	if user.ID <= 0 {
		return nil, gate.Refuse(gate.GiteaError, "Gitea does not say whose the token is.")
	}
	return user, nil
}
