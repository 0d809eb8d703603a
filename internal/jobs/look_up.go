package jobs

import (
	"encoding/json"
	"fmt"

	"aegis/internal/jobs/hook"
)

// lookUp returns what is at the value's place.
func (r *reference) lookUp(s *Scope) (found any, there bool) {
	if r.space == "event" {
		found = eventValue(s.Event, r.member)
		return found, found != nil
	}
	found, there = r.members(s)[r.member]
	return found, there
}

// members are the row or the answer that the value is of, nil if there is none.
func (r *reference) members(s *Scope) map[string]any {
	switch answer := s.Steps[r.id]; {
	case r.space == "item":
		return s.Item
	case !r.first:
		return answer.Members
	case len(answer.Rows) > 0:
		return answer.Rows[0]
	}
	return nil
}

func eventValue(e *hook.Event, member string) any {
	if e == nil {
		return nil
	}
	switch member {
	case "repository":
		return e.Repository.String()
	case "number":
		return json.Number(fmt.Sprint(e.Number))
	case "run_id":
		return json.Number(fmt.Sprint(e.RunID))
	case "action":
		return e.Action
	case "label":
		return e.Label
	case "ref":
		return e.Ref.String()
	case "sha":
		return e.SHA
	case "sender":
		return e.Sender.String()
	}
	return nil
}
