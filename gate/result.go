package gate

import (
	"aegis/forge"
	"aegis/internal/canon"
)

// Result is what a handler found, before filtering and scrubbing.
type Result struct {
	// Fields is a struct whose JSON members become the answer's own; nil for
	// none.
	Fields any
	// List, if there is one, becomes items, page, limit and has_more.
	List *List
	// Text, if there is one, becomes the answer's second block.
	Text *Text
	// Diff, if there is one, is filtered and then shown as Text would be; Text,
	// if given, says which lines.
	Diff *Diff
}

// List is rows that the gate judges one by one.
type List struct {
	Rows    []Row
	Page    int // from 1
	Limit   int // rows a page
	HasMore bool
	// Whole says that Rows are all pages, not one: the gate filters first and
	// pages then. HasMore then says that Gitea had more than was looked at.
	Whole bool
	// Names says that the rows are mere names of repositories, and what all who see the
	// name may know. Showing them is not a reading of what they hold.
	Names bool
	// Own says that the list is the token user's alone: nobody else sees which rows
	// it has, nor that it has none.
	Own bool
	// Query is the caller's query. With one, a row stays only if the query's words occur
	// in the scrubbed text that it stands for. Nothing withheld is counted, and only rows
	// that are shown move has_more: what Gitea found in hidden text must not show. It goes
	// with Whole.
	Query string
}

// Row is one item of a list, with what it has to be judged by.
type Row struct {
	Value any // marshals to the item
	// Record is the repository that the row stands for or is from, nil if there
	// is none but the target. Repo is the same where only its name is known.
	Record *forge.Repository
	Repo   canon.Repo
	RepoID int64 // of Repo, 0 if Gitea does not say
	// Owner is whom the row belongs to where it belongs to no repository.
	Owner canon.Owner
	// Path is the file or folder of the target repository that the row stands
	// for, zero if it stands for none.
	Path   canon.Path
	Folder bool
	// Former is the path that a file had before it was renamed.
	Former canon.Path
	// Unnameable is set where what the row stands for has a name that is no path in any
	// spelling. It can't be held against the policy and is withheld.
	Unnameable bool
	// Text is what a query is held against; Value's own JSON if "".
	Text string
}

// Authored is implemented by values (of rows, or Result.Fields) that hold text
// somebody wrote who may have no standing in the repository. Where policy says
// untrusted: hide, the gate calls Hide on them.
type Authored interface {
	Author() string // login
	Hide()          // replaces title, body and the like
}

// Narrow is implemented by values (of rows, or Result.Fields) that may hold what fewer
// people see than their repository: a draft, say.
type Narrow interface {
	Narrow() bool
}

// Text is a file, a diff or a log: raw text, scrubbed whole and cut then.
type Text struct {
	Body       string
	First      int // first line to show, from 1; 0 is 1
	Column     int // first byte of that line to show, from 1, as it is shown; 0 is 1
	Last       int // last line to show; 0 is the last there is
	Tail       int // with neither First nor Last: only so many lines, the last ones
	ShowHidden bool
}
