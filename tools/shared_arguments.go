package tools

import (
	"errors"
	"strings"
	"time"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

// repoArgs are the arguments that name a repository.
type repoArgs struct {
	Owner string `json:"owner" max:"40"`
	Name  string `json:"repo" max:"100"`

	repo canon.Repo
}

func (a *repoArgs) check() error {
	_, owner := canon.ParseOwner(a.Owner)
	_, name := canon.ParseRepo("owner", a.Name)
	if strings.Contains(a.Name, "/") {
		name = errors.New("repo must be the name alone: of acme/website owner is acme and repo is website")
	}
	if err := errors.Join(owner, name); err != nil {
		return err
	}
	repo, err := canon.ParseRepo(a.Owner, a.Name)
	a.repo = repo
	return err
}

// writeArgs are the arguments of every tool that changes something.
type writeArgs struct {
	repoArgs
	DryRun bool `json:"dry_run,omitempty"`
}

func (a writeArgs) dry() bool { return a.DryRun }

// pageArgs are the arguments of every list.
type pageArgs struct {
	Page  int `json:"page,omitempty" default:"1"`
	Limit int `json:"limit,omitempty" default:"30" max:"50" beyond:"bound"`
}

func (a pageArgs) page() forge.Page { return forge.Page{Page: a.Page, Limit: a.Limit} }

// A filter on our side looks at no more than maxScan pages of scanPage rows.
const (
	maxScan  = 10
	scanPage = 50
)

// scan fetches pages until Gitea has no more, or maxScan were read, for
// lists that are filtered on our side. bounded says that there was more.
func scan[T any](fetch func(forge.Page) (rows []T, more bool, err error)) (all []T, bounded bool, err error) {
	for page := 1; page <= maxScan; page++ {
		rows, more, err := fetch(forge.Page{Page: page, Limit: scanPage})
		if err != nil {
			return nil, false, err
		}
		all = append(all, rows...)
		if !more {
			return all, false, nil
		}
	}
	return all, true, nil
}

// collect fetches the rows of a list: one page of Gitea's, or for one that is
// filtered on our side as many as are looked at. It notes whether there are more.
func collect[T any](list *gate.List, fetch func(forge.Page) ([]T, bool, error)) (found []T, err error) {
	if list.Whole {
		found, list.HasMore, err = scan(fetch)
	} else {
		found, list.HasMore, err = fetch(forge.Page{Page: list.Page, Limit: list.Limit})
	}
	return found, err
}

// searchWord is what Gitea is asked to find for a query: its longest word. Gitea
// looks for a text as a whole, in what is shown and what is hidden. A query of
// several words, each of which is shown somewhere, would find where one of them
// meets a secret, and so what the secret begins with. A single word that is
// shown is found for that alone.
func searchWord(query string) string {
	longest := ""
	for word := range strings.FieldsSeq(query) {
		if len(word) > len(longest) {
			longest = word
		}
	}
	return longest
}

// scanned notes, in the answer of a list that is filtered on our side, how many
// of Gitea's matches the filter looked at; a narrower one finds the rest.
type scanned struct {
	AtMost int `json:"scanned_at_most"`
}

func scanNote() scanned { return scanned{maxScan * scanPage} }

// login is a user's name, "" for nobody.
func login(u *gitea.User) string {
	if u == nil {
		return ""
	}
	return u.UserName
}

func logins(users []*gitea.User) []string {
	var all []string
	for _, u := range users {
		all = append(all, login(u))
	}
	return all
}

// stamp is a time in RFC 3339, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() || t.Unix() == 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func stampOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return stamp(*t)
}

// noneYet is the list of a repository that has no commit yet.
func noneYet(v *gate.Visit, page, limit int) *gate.Result {
	return &gate.Result{
		Fields: struct {
			Repository string `json:"repository"`
			Empty      bool   `json:"empty_repository"`
		}{v.Repo().FullName, true},
		List: &gate.List{Page: page, Limit: limit},
	}
}

// notThis is the refusal of what is not there.
func notThis(message, hint string) error {
	return gate.Refuse(gate.NotFound, "%s", message).WithHint("%s", hint)
}

// otherKind is the refusal of what is there, and not of the kind that a tool is for.
func otherKind(message, hint string) error {
	return gate.Refuse(gate.NotFound, "%s", message).WithHint("%s", hint).Telling()
}
