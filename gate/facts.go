package gate

import (
	"slices"
	"sync"

	"aegis/forge"
	"aegis/internal/canon"
)

// facts are what a call has found out by asking Gitea, each asked once. They only
// grow, and are safe for concurrent use but for the repositories.
type facts struct {
	repo   *Resolved   // the target as it was resolved, nil if there is none
	others []*Resolved // more repositories of the call, whose rules on paths hold as well

	mu      sync.Mutex
	ids     map[canon.Repo][]int64 // whose a name is, or was at different moments of the call
	records map[question]finding
	asked   map[questionKind]int
}

// question is something about a repository that may have to be asked of Gitea.
type question struct {
	kind questionKind
	repo canon.Repo
}

type questionKind uint8

const (
	aboutParent  questionKind = iota // the record of what something was forked from
	aboutNamed                       // the record of what a row only names
	aboutWriters                     // who may write there
)

// Bounds on how many repositories a call asks about, by what it asks.
const (
	maxAncestors = 100
	maxNamed     = 50
	maxWriters   = 1000
)

var mostAsked = map[questionKind]int{aboutParent: maxAncestors, aboutNamed: maxNamed, aboutWriters: maxWriters}

// finding is the answer to a question.
type finding struct {
	record  *forge.Repository
	writers map[string]bool // folded logins
	err     error
}

// look returns the answer to a question, whether there is one, and how many more of
// its kind may be asked.
func (f *facts) look(q question) (found finding, known bool, room int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, known = f.records[q]
	return found, known, mostAsked[q.kind] - f.asked[q.kind]
}

// note keeps the answer to a question.
func (f *facts) note(q question, found finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.records == nil {
		f.records, f.asked = make(map[question]finding), make(map[questionKind]int)
	}
	if _, known := f.records[q]; !known {
		f.asked[q.kind]++
	}
	f.records[q] = found
}

// count is how many questions of a kind were asked.
func (f *facts) count(kind questionKind) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[kind]
}

// identified notes whose a name is.
func (f *facts) identified(name canon.Repo, id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids == nil {
		f.ids = make(map[canon.Repo][]int64)
	}
	if !slices.Contains(f.ids[name], id) {
		f.ids[name] = append(f.ids[name], id)
	}
}

func (f *facts) idsOf(name canon.Repo) []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ids[name])
}

// target is the target repository's name, zero if there is none.
func (f *facts) target() canon.Repo {
	if f.repo == nil {
		return canon.Repo{}
	}
	return f.repo.Name
}

// own is the call's repository that a handler's copy is of, nil if it is of none.
func (f *facts) own(copied *Resolved) *Resolved {
	for _, each := range append([]*Resolved{f.repo}, f.others...) {
		if each != nil && copied != nil && each.Name == copied.Name {
			return each
		}
	}
	return nil
}

// from is the repository that a row is from.
func (f *facts) from(row Row) canon.Repo {
	if row.Record != nil {
		name, _ := canon.ParseFullName(row.Record.FullName)
		return name
	}
	if !row.Repo.IsZero() {
		return row.Repo
	}
	return f.target()
}
