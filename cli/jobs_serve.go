package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"aegis/gate/caller"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

func serveJobsCommand(env environment, s *settings) *cobra.Command {
	command := &cobra.Command{
		Use:   "serve",
		Short: "Run jobs that have a schedule, without serving anybody",
		Long: `Runs the jobs of the jobs file (--jobs) when their times come, each through the same
gate. Nothing is listened to: jobs that wait for webhooks run where "aegis serve" takes
them. SIGTERM and SIGINT let running calls end (--drain).`,
		Example: `  aegis jobs serve --automation --jobs /etc/aegis/jobs.yaml --state /var/lib/aegis/state.db`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return serveJobs(cmd.Context(), env, s) },
	}
	return takes(command, append(everySetting(), automate, jobsFile, stateFile, drain)...)
}

// jobsConfig reads and checks everything that running jobs alone needs.
func (s *settings) jobsConfig() (c serveConfig, err error) {
	if c.Config, err = s.config(); err != nil {
		return c, err
	}
	for _, step := range []func(*serveConfig) error{s.readDrain, s.readState, s.readAutomation} {
		if err := step(&c); err != nil {
			return c, err
		}
	}
	if c.jobsFile == "" {
		err = wrong(names(automate), "jobs run only where this says so")
	}
	return c, err
}

// serveJobs runs jobs until it is told to end.
func serveJobs(ctx context.Context, env environment, s *settings) error {
	config, err := s.jobsConfig()
	if err != nil {
		return err
	}
	env.knows(config.Config)
	logs := newLogQueue(env.stderr)
	defer logs.flush()
	logger := zerolog.New(logs).Level(config.LogLevel).With().Timestamp().Logger()
	limitServingMemory()
	door, err := open(config.Config, logger)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer cancel()
	self, on := caller.New(caller.Config{ID: "server", Principal: principal()}), caller.Connect("")
	_, jobsEnd, err := config.automate(ctx, env, door, logger)
	if err != nil {
		return errors.Join(err, door.Close())
	}
	if err := door.Gate.Begin(context.WithoutCancel(ctx), self, on); err != nil {
		logger.Error().Err(err).Msg("audit log unavailable; calls will be denied")
	}
	current, _ := door.Policies.Current()
	logger.Info().Str("version", Version).Str("gitea", config.URL.Host).Str("policy", current.Source()).Func(onFloor(door)).Bool("write", config.Write).
		Str("audit_log", config.AuditLog).Str("jobs", config.jobsFile).Msg("jobs start")
	endCounting := config.keepCounting(door, func(context.Context) {}, logger)
	<-ctx.Done()
	jobsEnd()
	endCounting()
	last, done := context.WithTimeout(context.Background(), endsWithin)
	defer done()
	err = errors.Join(door.Gate.End(last, self, on), door.Close())
	logger.Info().Interface("counters", door.Metrics.Counters()).Msg("jobs end")
	return err
}
