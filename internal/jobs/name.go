package jobs

import (
	"encoding/json"
	"slices"
)

// naming is under way while a write's name is made.
type naming struct {
	changing bool // a value was left out that may be another the next time
}

// changingKinds are the kinds of what may be another when a run is made again, often because of
// what the run wrote before: an issue that is commented has another time and count.
var changingKinds = []Kind{Count, SHA, Date, Word, Lines, Rows}

// standsFor reports whether a value's own name stands for it.
func (n *naming) standsFor(r *reference) bool {
	if n == nil || r.space == "event" || !slices.Contains(changingKinds, r.kind) {
		return false
	}
	n.changing = true
	return true
}

// Name is what a write is known by, in a run and when that is made again: its arguments, without
// what may change meanwhile. Instead of that it says what the write is about: the run's repository,
// and the row that its loop is at.
func (q *Query) Name(s *Scope) (json.RawMessage, error) {
	scope := *s
	scope.naming = new(naming)
	name, err := q.Arguments(&scope)
	if err != nil || !scope.naming.changing {
		return name, err
	}
	if s.Item == nil {
		return json.Marshal([]any{name, s.Repository.String()})
	}
	row, ok := rowKey(s.Item)
	if !ok { // it has nothing but what it says
		return q.Arguments(s)
	}
	loop, err := s.Loop.Name(&Scope{Repository: s.Repository, Event: s.Event, Steps: s.Steps})
	if err != nil {
		return nil, err
	}
	return json.Marshal([]any{name, s.Repository.String(), s.Loop.Tool, loop, row})
}

// rowKeys are the members by which a row is told from others of its list, for as long as it is
// there.
var rowKeys = []string{"id", "number", "sha", "path", "full_name", "name", "context", "title"}

func rowKey(row map[string]any) (any, bool) {
	for _, name := range rowKeys {
		if value, ok := row[name]; ok {
			return []any{name, value}, true
		}
	}
	return nil, false
}
