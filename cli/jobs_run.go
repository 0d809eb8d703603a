package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"aegis/internal/automation"
	"aegis/internal/automation/control"
	"aegis/internal/state"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

func runJobCommand(env environment, s *settings) *cobra.Command {
	var dry, asJSON bool
	command := &cobra.Command{
		Use:   "run NAME",
		Short: "Run a job now, through the same gate",
		Long: `Runs the job NAME once, whatever time it is, and says what came of it. The job has to
have repositories of its own: one that waits for a webhook has no event to work on.
With --dry-run it reads as it would and prints each write, none of which is sent.

It asks the server that has the state file (--state), whose jobs, policy and settings
count then. If none does, it runs here, with those that are given as a server's are.

Exit status 0 if the run is done; 1 if it is not, or is to be tried again.`,
		Example: `  aegis jobs run stale-issues --dry-run
  aegis jobs run stale-issues --state /var/lib/aegis/state.db`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer cancel()
			result, err := s.runJob(ctx, env, args[0], dry)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), result)
			} else {
				err = printResult(cmd.OutOrStdout(), result)
			}
			if err == nil && result.Outcome != automation.Done {
				err = &failure{exitFailed, errors.New(endedAs(result))}
			}
			return err
		},
	}
	command.Flags().BoolVar(&dry, "dry-run", false, "print what it would write, and send no write")
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return takes(command, append(everySetting(), jobsFile, stateFile)...)
}

// runJob has a job run by the server that has the state file, or runs it here.
func (s *settings) runJob(ctx context.Context, env environment, name string, dry bool) (r control.Result, err error) {
	var where serveConfig
	if err := s.readState(&where); err != nil {
		return r, err
	}
	if _, err := os.Stat(where.State); err != nil {
		return s.runJobHere(ctx, env, name, dry)
	}
	err = s.withKeeper(func(served *control.Client, _ keeper) error {
		if served == nil {
			return errFree
		}
		if r, err = served.Run(ctx, name, dry); ctx.Err() != nil {
			return &failure{exitFailed, errors.New("not waited for any more; the server makes the run, and its log says how it ends")}
		} else if err != nil {
			return byHandFailed(err)
		}
		return nil
	})
	if errors.Is(err, errFree) { // and closed again by now
		return s.runJobHere(ctx, env, name, dry)
	}
	return r, err
}

var errFree = errors.New("no server has the state file")

// runJobHere runs a job in this process, which has the state file for so long.
func (s *settings) runJobHere(ctx context.Context, env environment, name string, dry bool) (r control.Result, err error) {
	file, err := s.jobsFileName(nil)
	if err != nil {
		return r, err
	}
	var config serveConfig
	if config.Config, err = s.config(); err != nil {
		return r, err
	}
	if err := s.readState(&config); err != nil {
		return r, err
	}
	if level, _, _ := s.value(logLevel); level == "" {
		config.LogLevel = zerolog.WarnLevel // a shell shows both outputs together
	}
	env.knows(config.Config)
	logger := zerolog.New(env.stderr).Level(config.LogLevel).With().Timestamp().Logger()
	door, err := open(config.Config, logger)
	if errors.Is(err, state.ErrInUse) {
		return r, &failure{exitFailed, err}
	}
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, door.Close()) }()
	jobs, err := door.Automation(file, 0, env.learns)
	if err != nil {
		return r, faulty(err)
	}
	e, err := jobs.Once(ctx, name, dry)
	countIn(door.Metrics, config.MetricsFile, logger)
	if errors.Is(err, automation.ErrNoJob) {
		return r, &failure{exitFailed, fmt.Errorf("there is no job %q in %s", name, file)}
	}
	if err != nil {
		return r, &failure{exitFailed, err}
	}
	return control.ResultOf(e), nil
}

// endedAs says how a run ended that is not done.
func endedAs(r control.Result) string {
	said := fmt.Sprintf("the run %d is not done: %s", r.Run, quoted(r.Reason))
	switch r.Outcome {
	case automation.Later:
		return said + "; it is to be tried again"
	case automation.Unknown:
		return said + "; nobody knows whether a write is there: look before you retry it"
	}
	return said
}

func printResult(out io.Writer, r control.Result) error {
	fmt.Fprintf(out, "%s: %s, run %d, %s", r.Job, r.Outcome, r.Run, count(int64(r.Calls), "call", "calls"))
	for _, n := range []struct {
		count int
		what  string
	}{{r.Written, "written"}, {r.Planned, "planned"}, {r.Unknown, "of unknown outcome"}, {r.LeftOut, "left out"}} {
		if n.count > 0 {
			fmt.Fprintf(out, ", %d %s", n.count, n.what)
		}
	}
	fmt.Fprintln(out)
	if r.Limited {
		fmt.Fprintln(out, "  writes_per_run was reached")
	}
	for _, code := range slices.Sorted(maps.Keys(r.Refused)) {
		fmt.Fprintf(out, "  refused %d times: %s\n", r.Refused[code], quoted(code))
	}
	for _, w := range r.Would {
		word := "would"
		if w.Refused != "" {
			word = "is refused (" + quoted(w.Refused) + ")"
		}
		if _, err := fmt.Fprintf(out, "  %s %s %s\n", word, w.Tool, legible(w.Arguments)); err != nil {
			return err
		}
	}
	return nil
}

// legible is JSON whose characters a terminal shows and does nothing else with.
func legible(raw []byte) string {
	var b strings.Builder
	for _, r := range string(raw) {
		if !concealed(r) {
			b.WriteRune(r)
			continue
		}
		escaped := strconv.QuoteToASCII(string(r))
		b.WriteString(escaped[1 : len(escaped)-1])
	}
	return b.String()
}

func printGivenUp(out io.Writer, all []control.GivenUp) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "none")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RUN\tJOB\tTRIGGER\tABOUT\tGIVEN UP\tATTEMPTS\tREASON")
	for _, g := range all {
		trigger := string(g.Trigger)
		if g.Event != "" {
			trigger += " " + g.Event
		}
		if !g.Due.IsZero() {
			trigger += " " + g.Due.UTC().Format("2006-01-02T15:04Z")
		}
		about := orDash([]string{g.Repository})
		if g.Number > 0 {
			about += fmt.Sprintf("#%d", g.Number)
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n", g.Run, g.Job, trigger, about, g.Failed.UTC().Format(time.RFC3339), g.Attempts, quoted(g.Reason))
	}
	return table.Flush()
}

func runNumber(text string) (uint64, error) {
	id, err := strconv.ParseUint(text, 10, 63)
	if err != nil || id == 0 {
		return 0, &failure{exitUsage, fmt.Errorf("%q is no number of a run; \"aegis jobs failed\" lists them", text)}
	}
	return id, nil
}
