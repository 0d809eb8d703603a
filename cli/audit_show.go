package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"aegis/audit"

	"github.com/spf13/cobra"
)

const (
	shownByDefault = 50
	mostShown      = 100_000 // of the last entries; all of them have no bound
)

// showFlags are those of aegis audit show.
type showFlags struct {
	logFilter
	call                             string
	json, unfinished, entries, local bool
	follow                           bool
	limit                            int
}

func showCommand(s *settings) *cobra.Command {
	var f showFlags
	command := &cobra.Command{
		Use:   "show [LOG]",
		Short: "Print entries of the audit log",
		Long: `Prints the last calls of LOG (default: the log that a session would write) and of
the files that were rotated away from it, the newest last, a line each: when, what was
decided, the tool and what it was about, what came of it, and who asked. On a terminal
lines are columns of its width, and what is cut ends with …; piped, they are whole.
Flags that choose add up.

It checks the hash chain as it reads: an entry that does not belong is marked with !!,
what comes after it with !, and a line that is no entry with --. It reads no more of the
older files than it takes, and says so. It changes nothing and may run while sessions
write.

--entries prints the entries of calls one by one, by the names of their members, with
hashes shortened; --json prints the stored lines.

--unfinished lists writes that were about to be sent and have no outcome.

Exit status 0; 1 if the log is not what it was or can't be read, and with
--unfinished also if there is such a write.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			query, err := f.query(time.Now())
			if err != nil {
				return err
			}
			log, err := logToRead(s, args)
			if err != nil {
				return err
			}
			reader := logReader{cmd, log, query, &f}
			switch {
			case f.unfinished:
				return reader.unfinished()
			case f.entries || f.json:
				return reader.entries()
			}
			return reader.calls()
		},
	}
	flags := command.Flags()
	f.define(flags)
	flags.StringVar(&f.call, "call", "", "only this call, by its id")
	flags.IntVar(&f.limit, "limit", shownByDefault, "how many of the last lines; 0 for all")
	flags.BoolVar(&f.entries, "entries", false, "a line each entry, with its members")
	flags.BoolVar(&f.follow, "follow", false, "then go on with what is appended, until interrupted")
	flags.BoolVar(&f.local, "local", false, "times of this machine's zone instead of UTC")
	flags.BoolVar(&f.json, "json", false, "print the stored lines as they are")
	flags.BoolVar(&f.unfinished, "unfinished", false, "list writes that were about to be sent and have no outcome")
	command.MarkFlagsMutuallyExclusive("unfinished", "denied")
	command.MarkFlagsMutuallyExclusive("unfinished", "limit")
	command.MarkFlagsMutuallyExclusive("unfinished", "follow")
	return takes(command, auditLog)
}

func (f *showFlags) query(now time.Time) (audit.Query, error) {
	q, err := f.logFilter.query(now)
	q.Call, q.Limit = f.call, f.limit
	if err == nil && (f.limit < 0 || f.limit > mostShown) {
		err = wrong("--limit", "%d is not between 0 and %d; 0 shows all", f.limit, mostShown)
	}
	return q, err
}

// logReader is how audit show reads a log, in one of its ways.
type logReader struct {
	cmd   *cobra.Command
	log   string
	query audit.Query
	*showFlags
}

// calls prints a line a call.
func (r logReader) calls() error {
	out := bufio.NewWriter(r.cmd.OutOrStdout())
	calls, reading, err := r.lastCalls(out)
	switch {
	case err != nil:
	case r.follow:
		err = calls.goOn()
	default:
		err = calls.finish()
	}
	calls.out, reading.Earlier = r.cmd.OutOrStdout(), calls.earlier
	return r.conclude(errors.Join(err, out.Flush()), reading, calls.entry, nil)
}

// lastCalls reads as many of the newest files as it takes for the last calls.
func (r logReader) lastCalls(out io.Writer) (*callPrinter, audit.Reading, error) {
	q := r.query
	q.Limit, q.Until = 0, time.Time{} // of entries; a call has several
	for q.Newest = min(1, r.limit); ; q.Newest *= 8 {
		calls := newCallPrinter(out, r.cmd.OutOrStdout(), r.limit, r.local)
		calls.until = r.query.Until
		reading, err := audit.Show(r.cmd.Context(), r.log, q, calls.entry)
		if err != nil || reading.Unread == 0 || len(calls.lines) == r.limit {
			return calls, reading, err
		}
	}
}

// entries prints a line an entry.
func (r logReader) entries() error {
	out := bufio.NewWriter(r.cmd.OutOrStdout())
	p := &printer{out: out, raw: r.json}
	reading, err := audit.Show(r.cmd.Context(), r.log, r.query, p.entry)
	err = errors.Join(err, out.Flush())
	p.out = r.cmd.OutOrStdout()
	return r.conclude(err, reading, p.entry, p)
}

// unfinished prints writes without an outcome.
func (r logReader) unfinished() error {
	out := bufio.NewWriter(r.cmd.OutOrStdout())
	p := &printer{out: out, raw: r.json}
	reading, err := audit.ShowUnfinished(r.cmd.Context(), r.log, r.query, p.unfinished)
	if err == nil && p.printed == 0 && reading.Earlier == 0 && !r.json {
		fmt.Fprintln(out, "none")
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return &failure{exitFailed, plain(err)}
	}
	lost, listed := "", ""
	if reading.Earlier > 0 {
		lost = fmt.Sprintf("%d decisions to write could not be followed: too many calls before them had no outcome", reading.Earlier)
	}
	if p.printed > 0 {
		listed = count(p.printed, "write has", "writes have") + " no outcome"
	}
	return concludeReading(r.cmd.ErrOrStderr(), reading, p.held(), lost, listed)
}

// conclude says what there is to say of what was read, and follows the log if that was
// asked for.
func (r logReader) conclude(err error, reading audit.Reading, each func(audit.Stored) error, p *printer) error {
	if err != nil {
		return &failure{exitFailed, plain(err)}
	}
	stderr := r.cmd.ErrOrStderr()
	if said := leftOut(reading); said != "" && !r.follow {
		fmt.Fprintf(stderr, "note: %s\n", said)
	}
	err = concludeReading(stderr, reading, p.held())
	if !r.follow {
		return err
	}
	ctx, cancel := signal.NotifyContext(r.cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if failed := audit.Follow(ctx, r.log, reading.Last, r.query, each); failed != nil {
		return &failure{exitFailed, plain(failed)}
	}
	return err
}
