package jobs

import (
	"errors"
	"maps"

	"aegis/internal/jobs/hook"
)

// EventOf makes an event that the job waits for of values that somebody writes. An action or
// a repository may be left out where the job waits for one alone.
func (j *Job) EventOf(values map[string]string) (*hook.Event, error) {
	if j.On.Event == nil {
		return nil, errors.New("the job waits for no event, but for a time")
	}
	values = maps.Clone(values)
	if _, ok := values["action"]; !ok && len(j.On.Actions) == 1 {
		values["action"] = j.On.Actions[0]
	}
	if _, ok := values["repository"]; !ok && len(j.Repositories) == 1 {
		if repo, exact := j.Repositories[0].Exact(); exact {
			values["repository"] = repo.String()
		}
	}
	e, err := hook.EventOf(j.On.Event, values)
	if err != nil {
		return nil, err
	}
	if !j.Wants(e) {
		return nil, errors.New("the job waits for no such event: its file names repositories and actions")
	}
	return &e, nil
}
