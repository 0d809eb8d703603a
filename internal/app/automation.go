package app

import (
	"errors"
	"time"

	"aegis/gate/caller"
	"aegis/internal/automation"
	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
	"aegis/tools"
)

// JobsSetting is the jobs file's setting, for a [Fault].
const JobsSetting = "jobs"

// Automation makes what runs the jobs of a file. What is to be done is kept in the state file. learn
// is told of each access token and secret of theirs, besides the gate. Its errors are a [Fault].
func (a *App) Automation(file string, drain time.Duration, learn func(secret string) error) (*automation.Automation, error) {
	if a.known.file == nil {
		return nil, &Fault{StateSetting, errors.New("what jobs are to do is kept in the state file, and there is none")}
	}
	all := tools.All()
	store, err := jobs.Open(file, automation.Catalog(all), func(c jobs.Change) {
		event := a.config.Logger.Info()
		if c.Err != nil || len(c.Warnings) > 0 {
			event = a.config.Logger.Warn()
		}
		event.Msg(c.String())
	})
	if err != nil {
		return nil, &Fault{JobsSetting, err}
	}
	return automation.New(automation.Config{
		Jobs: store, Queue: queue.New(a.known.file), Gate: a.Gate, Tools: all, Drain: drain, Observer: a.Metrics, Logger: a.config.Logger,
		Callers: func(j *jobs.Job, token string) *caller.Caller { return a.Known(a.callerOfJob(j, token)) },
		Learn:   func(secret string) error { return errors.Join(a.Gate.Learn(secret), learn(secret)) },
	}), nil
}

// callerOfJob is who a job is. It goes to Gitea with its own token alone, and may write to
// nothing that the process may not.
func (a *App) callerOfJob(j *jobs.Job, token string) caller.Config {
	return caller.Config{ID: j.Principal(), Principal: j.Principal(), Credential: token, Writable: a.config.WriteRepos}
}
