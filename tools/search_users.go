package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

type searchUsersArgs struct {
	Query string `json:"query" max:"1024" doc:"Words"`
	pageArgs
}

func searchUsers() Tool {
	return read(definition[searchUsersArgs]{
		name:        "search_users",
		title:       "Search users",
		description: "Users by login or full name.",
		target:      func(searchUsersArgs) gate.Target { return gate.Everywhere() },
		run:         runSearchUsers,
	})
}

// userItem is a user in a list. Addresses are left out: Gitea shows those of
// whoever did not ask for the opposite.
type userItem struct {
	Login string `json:"login"`
	Name  string `json:"name,omitempty"`
}

func runSearchUsers(_ context.Context, v *gate.Visit, a searchUsersArgs) (*gate.Result, error) {
	// Gitea finds e-mail addresses as well, hidden ones too: what a row stands
	// for is what it shows.
	found, more, err := scan(func(page forge.Page) ([]*gitea.User, bool, error) {
		return v.Gitea().Users(page, searchWord(a.Query))
	})
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more, Whole: true, Query: a.Query}
	for _, u := range found {
		list.Rows = append(list.Rows, gate.Row{
			Value: userItem{Login: u.UserName, Name: u.FullName},
			Text:  u.UserName + "\n" + u.FullName,
		})
	}
	return &gate.Result{Fields: scanNote(), List: list}, nil
}
