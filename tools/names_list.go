package tools

import (
	"aegis/forge"
	"aegis/gate"
)

// namesList is an empty list of what has a name.
func namesList(query string, a pageArgs) *gate.List {
	return &gate.List{Page: a.Page, Limit: a.Limit, Query: query, Whole: query != ""}
}

// listNames lists what has a name. Gitea has no search by it: a query is
// answered on our side.
func listNames[T any](query string, a pageArgs, fetch func(forge.Page) ([]*T, bool, error), row func(*T) gate.Row) (*gate.Result, error) {
	list := namesList(query, a)
	found, err := collect(list, fetch)
	if err != nil {
		return nil, err
	}
	var note any
	if list.Whole {
		note = scanNote()
	}
	for _, each := range found {
		list.Rows = append(list.Rows, row(each))
	}
	return &gate.Result{Fields: note, List: list}, nil
}
