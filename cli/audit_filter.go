package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aegis/audit"
	"aegis/gate"

	"github.com/spf13/pflag"
)

// logFilter is which entries of a log a command is about, by its flags.
type logFilter struct {
	session, tool, job, repo, client, principal, code, since, until string
	denied, writes                                                  bool
}

func (f *logFilter) define(flags *pflag.FlagSet) {
	flags.StringVar(&f.session, "session", "", "only this session, by its id")
	flags.StringVar(&f.tool, "tool", "", "only calls of this tool")
	flags.StringVar(&f.job, "job", "", "only what this job did, by its name")
	flags.StringVar(&f.repo, "repo", "", "only calls on this repository, owner/name")
	flags.BoolVar(&f.denied, "denied", false, "only refusals")
	flags.BoolVar(&f.writes, "writes", false, "only calls of tools that write or start automation")
	flags.StringVar(&f.client, "client", "", "only calls of clients with this in their name")
	flags.StringVar(&f.principal, "principal", "", "only calls of this principal")
	flags.StringVar(&f.code, "code", "", "only calls that ended with this code")
	flags.StringVar(&f.since, "since", "", sinceHelp)
	flags.StringVar(&f.until, "until", "", "only entries before then, likewise")
}

// chosen are the flags by which a part of a log was chosen, as they were given.
func chosen(flags *pflag.FlagSet) (given []string) {
	known := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(logFilter).define(known)
	flags.Visit(func(flag *pflag.Flag) {
		if known.Lookup(flag.Name) != nil {
			given = append(given, "--"+flag.Name, flag.Value.String())
		}
	})
	return given
}

const sinceHelp = "only entries since then: 90m, 36h, 7d, a day such as 2031-02-03, or a time such as 2031-02-03T04:05:06Z"

func (f *logFilter) query(now time.Time) (q audit.Query, err error) {
	q = audit.Query{
		Session: f.session, Tool: f.tool, Job: f.job, Repo: f.repo, Denied: f.denied, Writes: f.writes,
		Client: f.client, Principal: f.principal, Code: f.code,
	}
	for _, code := range gate.Faults() {
		q.Failures = append(q.Failures, string(code))
	}
	if owner, name, ok := strings.Cut(f.repo, "/"); f.repo != "" && (!ok || owner == "" || name == "" || strings.Contains(name, "/")) {
		return q, wrong("--repo", "%q is not owner/name", f.repo)
	}
	if q.Since, err = sinceFlag("--since", f.since, now); err != nil {
		return q, err
	}
	q.Until, err = sinceFlag("--until", f.until, now)
	return q, err
}

// sinceFlag reads the value of a flag that is a time, or how long ago it was; zero if it was
// not given.
func sinceFlag(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := since(text, now)
	if err != nil {
		return at, wrong(flag, "%v", err)
	}
	return at, nil
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
