package cli

import (
	"fmt"
	"io"
	"time"

	"aegis/audit"

	"github.com/spf13/cobra"
)

func statsCommand(s *settings) *cobra.Command {
	var f logFilter
	var asJSON bool
	command := &cobra.Command{
		Use:   "stats [LOG]",
		Short: "Count what the audit log has",
		Long: `Counts the calls of LOG (default: the log that a session would write) and of what was
rotated away from it: by tool, repository, principal and client, refusals by reason,
redactions by rule. Flags that choose add up, as with audit show.

Exit status 0; 1 if the log is not what it was or can't be read.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			sum, reading, _, err := f.summarise(cmd, s, args)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), statsOf(sum))
			} else {
				err = printStats(cmd.OutOrStdout(), sum)
			}
			return firstOf(err, func() error { return concludeReading(cmd.ErrOrStderr(), reading) })
		},
	}
	f.define(command.Flags())
	command.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return takes(command, auditLog)
}

// summarise counts what the flags ask for, in the log that is named or that a session would
// write.
func (f *logFilter) summarise(cmd *cobra.Command, s *settings, args []string) (audit.Summary, audit.Reading, string, error) {
	var sum audit.Summary
	query, err := f.query(time.Now())
	if err != nil {
		return sum, audit.Reading{}, "", err
	}
	log, err := logToRead(s, args)
	if err != nil {
		return sum, audit.Reading{}, "", err
	}
	sum, reading, err := audit.Summarise(cmd.Context(), log, query)
	if err != nil {
		return sum, reading, log, &failure{exitFailed, plain(err)}
	}
	return sum, reading, log, nil
}

// stats are what --json prints: a contract of its own, whatever a Summary is.
type stats struct {
	Calls      int64         `json:"calls"`
	Allowed    int64         `json:"allowed"`
	Denied     int64         `json:"denied"`
	Failed     int64         `json:"failed"`
	Wrote      int64         `json:"wrote"`
	Redacted   int64         `json:"redacted"`
	Withheld   int64         `json:"withheld"`
	First      time.Time     `json:"first,omitzero"`
	Last       time.Time     `json:"last,omitzero"`
	Days       []audit.Count `json:"days"`
	Tools      []audit.Count `json:"tools"`
	Repos      []audit.Count `json:"repositories"`
	Principals []audit.Count `json:"principals"`
	Clients    []audit.Count `json:"clients"`
	Refusals   []audit.Count `json:"refusals"`
	Redactions []audit.Count `json:"redactions"`
}

func statsOf(s audit.Summary) stats {
	return stats{
		s.Calls, s.Allowed, s.Denied, s.Failed, s.Wrote, s.Redacted, s.Withheld, s.First, s.Last,
		s.ByDay, s.ByTool, s.ByRepo, s.ByPrincipal, s.Client, s.Denials, s.Redactions,
	}
}

// mostListed is how many names of each table are printed.
const mostListed = 15

func printStats(out io.Writer, s audit.Summary) error {
	if s.Calls == 0 {
		_, err := fmt.Fprintln(out, "no calls")
		return err
	}
	_, err := fmt.Fprintf(out, "%s, %s to %s\n%d allowed, %d denied, %d failed; %d wrote; %d findings redacted, %d items withheld\n",
		count(s.Calls, "call", "calls"), s.First.Format(time.RFC3339), s.Last.Format(time.RFC3339),
		s.Allowed, s.Denied, s.Failed, s.Wrote, s.Redacted, s.Withheld)
	for _, table := range []struct {
		title string
		rows  []audit.Count
	}{
		{"tools", s.ByTool}, {"repositories", s.ByRepo}, {"principals", s.ByPrincipal}, {"clients", s.Client},
		{"refusals and failures", s.Denials}, {"redactions", s.Redactions},
	} {
		if err == nil && len(table.rows) > 0 {
			err = printCounts(out, table.title, table.rows)
		}
	}
	return err
}

func printCounts(out io.Writer, title string, rows []audit.Count) error {
	if _, err := fmt.Fprintf(out, "\n%s\n", title); err != nil {
		return err
	}
	for i, row := range rows {
		if i == mostListed {
			_, err := fmt.Fprintf(out, "%8s  and %d more\n", "", len(rows)-mostListed)
			return err
		}
		denied := ""
		if row.OfDenials > 0 && row.OfDenials < row.N {
			denied = fmt.Sprintf(" (%d denied)", row.OfDenials)
		}
		if _, err := fmt.Fprintf(out, "%8d  %s%s\n", row.N, quotedWords(row.Name), denied); err != nil {
			return err
		}
	}
	return nil
}
