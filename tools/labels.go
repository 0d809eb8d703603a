package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"aegis/forge"
	"aegis/gate"

	gitea "aegis/forge/gitea"
)

// labelSet is the labels that a repository's issues can have.
type labelSet struct {
	all     []*forge.Label // the repository's own, and its organisation's
	bounded bool           // there are more than were looked at
	unread  bool           // the organisation's could not be read
}

// unreadLabels is what is said where an organisation's labels could not be read.
const unreadLabels = "The organization's labels, if it has any, are missing: the token may not read them. That takes the scope read:organization."

func labelsOf(v *gate.Visit) (known labelSet, err error) {
	known.all, known.bounded, err = scan(func(p forge.Page) ([]*forge.Label, bool, error) {
		rows, more, unread, err := v.Gitea().Labels(v.Repo().Name, p)
		known.unread = known.unread || unread
		return rows, more, err
	})
	slices.SortStableFunc(known.all, func(a, b *forge.Label) int { return strings.Compare(a.Organization, b.Organization) })
	return known, err
}

// labelChange is what becomes of the labels that something has: all are replaced, or
// some are added and others taken away.
type labelChange struct {
	Labels []string // nil leaves them
	Add    []string
	Remove []string
}

// isZero reports whether nothing changes.
func (c labelChange) isZero() bool { return c.Labels == nil && len(c.Add) == 0 && len(c.Remove) == 0 }

// check refuses what contradicts itself.
func (c labelChange) check() error {
	if c.Labels != nil && (len(c.Add) > 0 || len(c.Remove) > 0) {
		return errors.New("labels replaces all labels, and does not go with add_labels and remove_labels: give those alone to keep the others")
	}
	for i, name := range c.Add {
		if slices.ContainsFunc(c.Remove, func(other string) bool { return strings.EqualFold(name, other) }) {
			return fmt.Errorf("add_labels[%d] is in remove_labels, too", i)
		}
	}
	return nil
}

// resolve returns the ids of all labels that something shall have, nil if they are
// left. present are those that it has. Gitea leaves out, without a word, what it does
// not know.
func (c labelChange) resolve(v *gate.Visit, present []*gitea.Label) ([]int64, error) {
	if c.isZero() {
		return nil, nil
	}
	ids := []int64{}
	if len(c.Labels)+len(c.Add)+len(c.Remove) == 0 {
		return ids, nil
	}
	known, err := labelsOf(v)
	if err != nil {
		return nil, err
	}
	has := func(id int64) bool {
		return slices.ContainsFunc(present, func(l *gitea.Label) bool { return l.ID == id })
	}
	for _, label := range present { // an organisation's that can't be read, say
		if !slices.ContainsFunc(known.all, func(l *forge.Label) bool { return l.ID == label.ID }) {
			known.all = append(known.all, &forge.Label{ID: label.ID, Name: label.Name})
		}
	}
	if c.Labels == nil {
		for _, label := range present {
			ids = append(ids, label.ID)
		}
	}
	for i, name := range c.Labels {
		id, err := known.id(name, fmt.Sprintf("labels[%d]", i), has)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	for i, name := range c.Add {
		id, err := known.id(name, fmt.Sprintf("add_labels[%d]", i), has)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	for i, name := range c.Remove {
		gone, err := known.id(name, fmt.Sprintf("remove_labels[%d]", i), has)
		if err != nil {
			return nil, err
		}
		ids = slices.DeleteFunc(ids, func(id int64) bool { return id == gone })
	}
	var unique []int64
	for _, id := range ids {
		if !slices.Contains(unique, id) {
			unique = append(unique, id)
		}
	}
	return append([]int64{}, unique...), nil
}

// id finds the label of a name, in any case. Of several it is the one that is spelled
// exactly so, and of those the only one that is there already.
func (s labelSet) id(name, argument string, has func(int64) bool) (int64, error) {
	found := bestSpelled(s.all, name, func(l *forge.Label) string { return l.Name })
	if len(found) > 1 {
		if there := slices.DeleteFunc(slices.Clone(found), func(l *forge.Label) bool { return !has(l.ID) }); len(there) == 1 {
			found = there
		}
	}
	switch {
	case len(found) == 1:
		return found[0].ID, nil
	case len(found) > 1:
		return 0, gate.Refuse(gate.Conflict, "There are %d labels of the name in %s; nothing was written.", len(found), argument).
			WithHint("list_labels lists them. Spell the name as it is there; if they are spelled alike a human has to rename one.")
	case s.bounded:
		return 0, tooMany("labels")
	}
	refusal := gate.Refuse(gate.NotFound, "Neither the repository nor its organization has a label of the name in %s, in any case.", argument).
		WithHint("list_labels lists them; create_label makes one.")
	if s.unread {
		refusal.Message = fmt.Sprintf("The repository has no label of the name in %s, in any case; its organization's can't be read.", argument)
		refusal.Hint = "The token may not read them: that takes the scope read:organization. list_labels lists the repository's own."
	}
	return 0, refusal
}
