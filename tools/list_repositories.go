package tools

import (
	"context"
	"strings"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

type listRepositoriesArgs struct {
	Query string      `json:"query,omitempty" max:"1024" doc:"Words"`
	Owner canon.Owner `json:"owner,omitempty" doc:"Only this owner's"`
	pageArgs
}

func listRepositories() Tool {
	return read(definition[listRepositoriesArgs]{
		name:        "list_repositories",
		title:       "List repositories",
		description: "Repositories that the token and the policy show, by words of their names.",
		target:      func(listRepositoriesArgs) gate.Target { return gate.Everywhere().OnlyNames() },
		run:         runListRepositories,
	})
}

func runListRepositories(_ context.Context, v *gate.Visit, a listRepositoriesArgs) (*gate.Result, error) {
	word := searchWord(a.Query)
	fetch := func(page forge.Page) ([]*forge.Repository, bool, error) {
		return v.Gitea().Repositories(page, forge.RepositorySearch{Owner: a.Owner, Query: word, ByName: v.WriteMode()})
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, Query: a.Query, Whole: a.Query != "", Names: true}
	found, err := collect(list, fetch)
	if err != nil {
		return nil, err
	}
	var note any
	if list.Whole {
		note = scanNote()
	}
	for _, record := range found {
		item := repositoryName(v, record)
		list.Rows = append(list.Rows, gate.Row{Value: item, Record: record, Text: searched(item, word)})
	}
	return &gate.Result{Fields: note, List: list}, nil
}

// searched is the text of a row in which Gitea looks for word: name and
// description. The owner is none of it: it may be given with the name, or as
// another word of the query.
func searched(item repositoryItem, word string) string {
	owner, name, _ := strings.Cut(item.FullName, "/")
	text := name + " " + item.Description
	if strings.Contains(strings.ToLower(owner), strings.ToLower(word)) {
		return text
	}
	return item.FullName + " " + text
}

// repositoryName is the row of a list that is no reading where the session may write:
// of what not everybody sees it has the name alone. How much goes on in a repository,
// and when, is content, which get_repository shows.
func repositoryName(v *gate.Visit, r *forge.Repository) repositoryItem {
	if visibility := gate.VisibilityOf(r); v.WriteMode() && visibility != gate.Public {
		return repositoryItem{FullName: r.FullName, Visibility: string(visibility)}
	}
	return repositoryRow(v, r)
}
