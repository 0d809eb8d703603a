package hook

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// nobody is Gitea's name for no user.
const nobody = "ghost"

// EventOf makes an event of values that somebody writes, by the names that jobs take them
// by. Each is held to the same rules as in one that comes in; what is left out it does not
// have. Without a sender it is nobody's.
func EventOf(kind *Kind, values map[string]string) (Event, error) {
	s := stored{Kind: kind.Name, Sender: nobody}
	texts := map[string]*string{
		"action": &s.Action, "repository": &s.Repository, "sender": &s.Sender, "label": &s.Label, "ref": &s.Ref, "sha": &s.SHA,
	}
	numbers := map[string]*int64{"number": &s.Number, "run_id": &s.RunID}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(kind.Fields, name) {
			return Event{}, fmt.Errorf("an event %s has no such value; it has: %s", kind.Name, strings.Join(kind.Fields, ", "))
		}
		if to := texts[name]; to != nil {
			*to = values[name]
			continue
		}
		n, err := strconv.ParseInt(values[name], 10, 64)
		if err != nil || n < 1 {
			return Event{}, fmt.Errorf("%s is a number from 1", name)
		}
		*numbers[name] = n
	}
	e, err := s.event()
	if err != nil {
		return Event{}, fmt.Errorf("no event %s has these values: %w", kind.Name, err)
	}
	return e, nil
}
