package cli

import (
	"context"

	"aegis/internal/app"
	"aegis/internal/automation"

	"github.com/rs/zerolog"
)

// readAutomation finds out whether jobs are to run. Unless they are, no jobs file is read.
func (s *settings) readAutomation(c *serveConfig) (err error) {
	on, err := s.flag(automate)
	if err != nil || !on {
		return err
	}
	if c.jobsFile, _, err = s.text(jobsFile); err != nil {
		return err
	}
	if c.jobsFile == "" {
		return wrong(names(jobsFile), "--%s runs jobs, and there is no file of them; name one", automate)
	}
	given, _, err := s.text(stateFile)
	if err == nil && given == "" {
		err = wrong(names(stateFile), "what jobs are to do is kept in the state file, and has to be there after a restart; name a file on a disk that stays")
	}
	return err
}

// automate runs jobs until ctx is done. What it returns is nil where none are to run; wait returns
// when nothing runs any more.
func (c serveConfig) automate(ctx context.Context, env environment, door *app.App, logger zerolog.Logger) (a *automation.Automation, wait func(), err error) {
	if c.jobsFile == "" {
		return nil, func() {}, nil
	}
	if a, err = door.Automation(c.jobsFile, c.serving.Drain, env.learns); err != nil {
		return nil, nil, faulty(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := a.Run(ctx); err != nil {
			logger.Error().Err(err).Msg("jobs run no more")
		}
	}()
	return a, func() { <-ended }, nil
}
