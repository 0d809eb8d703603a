package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aegis/audit"
	"aegis/gate"

	"github.com/spf13/cobra"
)

const (
	shownByDefault = 50
	mostShown      = 100_000 // of the last entries; all of them have no bound
)

// showFlags are those of aegis audit show.
type showFlags struct {
	call, session, tool, job, repo, since, until string
	client, principal, code                      string
	denied, writes, json, unfinished             bool
	entries, follow, local                       bool
	limit                                        int
}

func showCommand(s *settings) *cobra.Command {
	var f showFlags
	command := &cobra.Command{
		Use:   "show [LOG]",
		Short: "Print entries of the audit log",
		Long: `Prints the last calls of LOG (default: the log that a session would write) and of
the files that were rotated away from it, the newest last, a line each: when, what was
decided, the tool and what it was about, what came of it, and the client. A line is cut
to a terminal's width; piped, it is whole. Flags that choose add up.

It checks the hash chain as it reads: an entry that does not belong is marked with !!,
what comes after it with !, and a line that is no entry with --. It changes nothing
and may run while sessions write.

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
			out := bufio.NewWriter(cmd.OutOrStdout())
			p := printer{out: out, raw: f.json}
			var reading audit.Reading
			switch {
			case f.unfinished:
				reading, err = audit.ShowUnfinished(cmd.Context(), log, query, p.unfinished)
			case f.follow:
				return f.followLog(cmd, log, query)
			case f.entries || f.json:
				reading, err = audit.Show(cmd.Context(), log, query, p.entry)
			default:
				reading, err = f.calls(cmd, log, query, out)
			}
			if f.unfinished && err == nil && p.printed == 0 && reading.Earlier == 0 && !f.json {
				fmt.Fprintln(out, "none")
			}
			if err = errors.Join(err, out.Flush()); err != nil {
				return &failure{exitFailed, plain(err)}
			}
			return f.conclude(cmd.ErrOrStderr(), reading, p)
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.call, "call", "", "only this call, by its id")
	flags.StringVar(&f.session, "session", "", "only this session, by its id")
	flags.StringVar(&f.tool, "tool", "", "only calls of this tool")
	flags.StringVar(&f.job, "job", "", "only what this job did, by its name")
	flags.StringVar(&f.repo, "repo", "", "only calls on this repository, owner/name")
	flags.BoolVar(&f.denied, "denied", false, "only refusals")
	flags.BoolVar(&f.writes, "writes", false, "only calls of tools that write or start automation")
	flags.StringVar(&f.client, "client", "", "only calls of clients with this in their name")
	flags.StringVar(&f.principal, "principal", "", "only calls of this principal")
	flags.StringVar(&f.code, "code", "", "only calls that ended with this code")
	flags.StringVar(&f.since, "since", "", "only entries since then: 90m, 36h, 7d, a day such as 2031-02-03, or a time such as 2031-02-03T04:05:06Z")
	flags.StringVar(&f.until, "until", "", "only entries before then, likewise")
	flags.IntVar(&f.limit, "limit", shownByDefault, "how many of the last lines; 0 for all")
	flags.BoolVar(&f.entries, "entries", false, "a line each entry, with its members")
	flags.BoolVar(&f.follow, "follow", false, "go on with what is appended, until interrupted")
	flags.BoolVar(&f.local, "local", false, "times of this machine's zone instead of UTC")
	flags.BoolVar(&f.json, "json", false, "print the stored lines as they are")
	flags.BoolVar(&f.unfinished, "unfinished", false, "list writes that were about to be sent and have no outcome")
	command.MarkFlagsMutuallyExclusive("unfinished", "denied")
	command.MarkFlagsMutuallyExclusive("unfinished", "limit")
	command.MarkFlagsMutuallyExclusive("unfinished", "follow")
	return takes(command, auditLog)
}

func (f *showFlags) query(now time.Time) (q audit.Query, err error) {
	q = audit.Query{Call: f.call, Session: f.session, Tool: f.tool, Job: f.job, Repo: f.repo, Denied: f.denied, Limit: f.limit,
		Client: f.client, Principal: f.principal, Code: f.code, Writes: f.writes}
	for _, code := range gate.Faults() {
		q.Failures = append(q.Failures, string(code))
	}
	if f.limit < 0 || f.limit > mostShown {
		return q, wrong("--limit", "%d is not between 0 and %d; 0 shows all", f.limit, mostShown)
	}
	if owner, name, ok := strings.Cut(f.repo, "/"); f.repo != "" && (!ok || owner == "" || name == "" || strings.Contains(name, "/")) {
		return q, wrong("--repo", "%q is not owner/name", f.repo)
	}
	if f.since != "" {
		if q.Since, err = since(f.since, now); err != nil {
			return q, wrong("--since", "%v", err)
		}
	}
	if f.until != "" {
		if q.Until, err = since(f.until, now); err != nil {
			return q, wrong("--until", "%v", err)
		}
	}
	return q, nil
}

// calls prints a line a call.
func (f *showFlags) calls(cmd *cobra.Command, log string, q audit.Query, out io.Writer) (audit.Reading, error) {
	p := newCallPrinter(out, cmd.OutOrStdout(), q.Limit, f.local)
	q.Limit = 0 // of calls, which have several entries
	reading, err := audit.Show(cmd.Context(), log, q, p.entry)
	if err == nil {
		err = p.finish()
	}
	reading.Earlier = p.earlier
	return reading, err
}

// followLog prints what is appended, until the command is interrupted.
func (f *showFlags) followLog(cmd *cobra.Command, log string, q audit.Query) error {
	ctx, cancel := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	calls := newCallPrinter(cmd.OutOrStdout(), cmd.OutOrStdout(), 0, f.local)
	each := calls.entry
	if f.entries || f.json {
		each = (&printer{out: cmd.OutOrStdout(), raw: f.json}).entry
	}
	if err := audit.Follow(ctx, log, after, q, each); err != nil {
		return &failure{exitFailed, plain(err)}
	}
	return nil
}

// since reads a time, or how long ago it was.
func since(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	ago, err := span(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither how long ago (90m, 36h, 7d) nor a day nor a time such as 2031-02-03T04:05:06Z", text)
	}
	return now.Add(-ago), nil
}

// span reads a length of time: as Go writes it, or in days.
func span(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = errors.New("it is negative")
	}
	return d, err
}

// conclude says on stderr what the entries do not, and is the command's error.
func (f *showFlags) conclude(stderr io.Writer, r audit.Reading, p printer) error {
	for _, note := range r.Notes {
		fmt.Fprintf(stderr, "note: %s\n", note)
	}
	if r.Earlier > 0 && !f.unfinished {
		fmt.Fprintf(stderr, "note: %d earlier lines are not shown; --limit 0 shows all\n", r.Earlier)
	}
	for _, problem := range r.Problems {
		fmt.Fprintf(stderr, "!! %s\n", problem)
	}
	if r.More > 0 {
		fmt.Fprintf(stderr, "!! and %d more\n", r.More)
	}
	var wrong []string
	if len(r.Problems) > 0 {
		wrong = append(wrong, "the log is not what it was: "+count(int64(len(r.Problems))+r.More, "place does", "places do")+" not fit; keep the log and the files beside it, and find out what happened")
	}
	if p.heldBack > 0 {
		wrong = append(wrong, count(p.heldBack, "line holds", "lines hold")+" control characters that Aegis never stores as they are, and a terminal might obey; without --json they are shown, escaped")
	}
	if f.unfinished && r.Earlier > 0 {
		wrong = append(wrong, fmt.Sprintf("%d decisions to write could not be followed: too many calls before them had no outcome", r.Earlier))
	}
	if f.unfinished && p.printed > 0 {
		wrong = append(wrong, count(p.printed, "write has", "writes have")+" no outcome")
	}
	if len(wrong) == 0 {
		return nil
	}
	return &failure{exitFailed, errors.New(strings.Join(wrong, "; "))}
}

func count(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
