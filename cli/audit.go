package cli

import (
	"errors"
	"fmt"
	"time"

	"aegis/audit"

	"github.com/spf13/cobra"
)

func auditCommand(s *settings) *cobra.Command {
	return group("audit", "Verify and read the audit log", "verify checks the log's hash chain, show prints its entries", verifyCommand(s), showCommand(s))
}

func verifyCommand(s *settings) *cobra.Command {
	return takes(&cobra.Command{
		Use:   "verify [LOG]",
		Short: "Check the audit log's hash chain",
		Long: `Reads LOG (default: the log that a session would write) from its first entry to
its last. Exit status 0 if every entry is where and what it was; 1 and what,
where and since when if not.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := logToRead(s, args)
			if err != nil {
				return err
			}
			report, err := audit.Verify(cmd.Context(), log)
			if err != nil {
				return &failure{exitFailed, plain(err)}
			}
			return printReport(cmd, log, report)
		},
	}, auditLog)
}

// logToRead is the log that is named, or the one a session would write.
func logToRead(s *settings, args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	var c Config
	if err := s.readFiles(&c); err != nil {
		return "", err
	}
	return c.AuditLog, nil
}

func printReport(cmd *cobra.Command, log string, r audit.Report) error {
	out := cmd.OutOrStdout()
	for _, note := range r.Notes {
		fmt.Fprintf(out, "note: %s\n", note)
	}
	if r.Problem != nil {
		return &failure{exitFailed, errors.New(r.Problem.String())}
	}
	_, err := fmt.Fprintf(out, "%s: %d entries, one chain, %s to %s\nlast entry %s\n", log, r.Entries,
		r.First.Format(time.RFC3339), r.Last.Format(time.RFC3339), r.Head)
	return err
}
