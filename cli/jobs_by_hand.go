package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"aegis/internal/automation"
	"aegis/internal/automation/control"
	"aegis/internal/jobs/queue"
	"aegis/internal/state"

	"github.com/spf13/cobra"
)

// keeper is who has the state file, and with it the runs of jobs: a server, or nobody but us.
type keeper interface {
	Failed(ctx context.Context) ([]control.GivenUp, error)
	Retry(ctx context.Context, id uint64) (again uint64, err error)
}

// withKeeper calls ask with who has the state file. served is the server that has it, nil if
// it is free.
func (s *settings) withKeeper(ask func(served *control.Client, k keeper) error) error {
	var c serveConfig
	if err := s.readState(&c); err != nil {
		return err
	}
	if _, err := os.Stat(c.State); err != nil { // opening it would make it
		return &failure{exitFailed, fmt.Errorf("there is no state file: %w; name the server's by %s", plain(err), names(stateFile))}
	}
	file, err := state.Open(c.State)
	switch {
	case errors.Is(err, state.ErrInUse):
		client, err := control.Of(c.State)
		if errors.Is(err, control.ErrNoControl) {
			err = fmt.Errorf("%s is in use, and %w: it runs no jobs (%s), or has no admin listener (%s) on a loopback address, as \"aegis jobs serve\" has none", c.State, err, names(automate), names(adminListen))
		}
		if err != nil {
			return &failure{exitFailed, err}
		}
		return ask(client, client)
	case err == nil:
		err = file.Err()
	}
	if err != nil {
		return &failure{exitFailed, fmt.Errorf("%s: %w", c.State, err)}
	}
	defer file.Close()
	return ask(nil, idle{queue.New(file)})
}

// idle are the runs that no server has.
type idle struct{ queue *queue.Queue }

func (i idle) Failed(context.Context) ([]control.GivenUp, error) {
	all, err := i.queue.Failed()
	return control.GivenUpOf(all), err
}

func (i idle) Retry(_ context.Context, id uint64) (uint64, error) { return i.queue.Retry(id) }

// byHandFailed is the error of what was asked for by hand.
func byHandFailed(err error) error {
	switch {
	case errors.Is(err, automation.ErrNoJob):
		err = errors.New("the server has no such job in force; \"aegis jobs list\" shows those of the file")
	case errors.Is(err, queue.ErrGone):
		err = errors.New("no run of this number was given up; \"aegis jobs failed\" lists those that were")
	}
	return &failure{exitFailed, err}
}

// byHandSettings tell where the runs are.
var byHandSettings = []string{stateFile}

func failedJobsCommand(s *settings) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "failed",
		Short: "List the runs that were given up",
		Long: `Lists the runs that were given up, the oldest first: what made them, when and why they
were given up. The last 1,000 are kept.

It asks the server that has the state file (--state), or reads the file if none does.`,
		Example: "  aegis jobs failed --state /var/lib/aegis/state.db",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withKeeper(func(_ *control.Client, k keeper) error {
				all, err := k.Failed(cmd.Context())
				if err != nil {
					return byHandFailed(err)
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), all)
				}
				return printGivenUp(cmd.OutOrStdout(), all)
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return takes(command, byHandSettings...)
}

func retryJobCommand(s *settings) *cobra.Command {
	return takes(&cobra.Command{
		Use:   "retry RUN",
		Short: "Have a run that was given up made again",
		Long: `Puts the run RUN, by its number in "aegis jobs failed", at the end of what waits, as a
new run, and prints its number. What it wrote, and what it may have written, is not
written again: look at Gitea first if it was given up as outcome_unknown.

It asks the server that has the state file (--state), which makes the run. If none does,
the run waits in the file for the next one.`,
		Example: "  aegis jobs retry 12 --state /var/lib/aegis/state.db",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := runNumber(args[0])
			if err != nil {
				return err
			}
			return s.withKeeper(func(served *control.Client, k keeper) error {
				again, err := k.Retry(cmd.Context(), id)
				if err != nil {
					return byHandFailed(err)
				}
				if served == nil {
					fmt.Fprintln(cmd.ErrOrStderr(), "note: no server has the state file; the next one makes the run")
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), again)
				return err
			})
		},
	}, byHandSettings...)
}
