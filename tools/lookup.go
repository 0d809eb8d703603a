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

// labelIDs finds the repository's labels of the given names, spelled exactly so,
// each once. Those that what is changed has already may be an organisation's, too.
func labelIDs(v *gate.Visit, names []string, present []*gitea.Label) ([]int64, error) {
	if len(names) == 0 {
		return []int64{}, nil
	}
	known, bounded, err := labelsOf(v)
	if err != nil {
		return nil, err
	}
	own := make(map[int64]bool)
	for _, label := range known {
		own[label.ID] = true
	}
	for _, label := range present {
		if !own[label.ID] {
			known = append(known, &forge.Label{ID: label.ID, Name: label.Name})
		}
	}
	ids := []int64{}
	for i, name := range names {
		var found []int64
		for _, label := range known {
			if label.Name == name && label.ID > 0 {
				found = append(found, label.ID)
			}
		}
		switch {
		case len(found) == 0 && bounded:
			return nil, tooMany("labels")
		case len(found) == 0:
			return nil, gate.Refuse(gate.NotFound, "The repository has no label of the name in labels[%d].", i).
				WithHint("list_labels lists them; capitals and small letters differ.")
		case len(found) > 1:
			return nil, gate.Refuse(gate.Conflict, "The repository has %d labels of the name in labels[%d]; nothing was written.", len(found), i).
				WithHint("Which one is meant can't be told by name.")
		}
		if !slices.Contains(ids, found[0]) {
			ids = append(ids, found[0])
		}
	}
	return ids, nil
}

func labelsOf(v *gate.Visit) (all []*forge.Label, bounded bool, err error) {
	return scan(func(p forge.Page) ([]*forge.Label, bool, error) {
		return v.Gitea().Labels(v.Repo().Name, p)
	})
}

// milestoneID finds the milestone of a title, spelled exactly so; of several the
// only one that is open.
func milestoneID(v *gate.Visit, title string) (int64, error) {
	known, bounded, err := milestonesOf(v)
	if err != nil {
		return 0, err
	}
	var open, all []int64
	for _, m := range known {
		if m.Title != title || m.ID <= 0 {
			continue
		}
		all = append(all, m.ID)
		if m.State == gitea.StateOpen {
			open = append(open, m.ID)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case len(open) == 1:
		return open[0], nil
	case len(all) > 1:
		return 0, gate.Refuse(gate.Conflict, "The repository has %d milestones of the title in milestone; nothing was written.", len(all)).
			WithHint("Which one is meant can't be told by title.")
	case bounded:
		return 0, tooMany("milestones")
	}
	return 0, gate.Refuse(gate.NotFound, "The repository has no milestone of the title in milestone.").
		WithHint("list_milestones lists them; capitals and small letters differ.")
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
