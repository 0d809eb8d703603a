package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"aegis/audit"

	"github.com/spf13/cobra"
)

func auditCommand(s *settings) *cobra.Command {
	return group("audit", "Verify, read and keep the audit log",
		"verify checks the log's hash chain, show prints its entries, rotate begins a new file, checkpoint signs how far it goes",
		verifyCommand(s), showCommand(s), rotateCommand(s), restartCommand(s), checkpointCommand(s), matchCommand(s), fleetCommand(), statsCommand(s), reportCommand(s))
}

func verifyCommand(s *settings) *cobra.Command {
	var against, keys []string
	command := &cobra.Command{
		Use:   "verify [LOG]",
		Short: "Check the audit log's hash chain",
		Long: `Reads LOG (default: the log that a session would write), with the files that were
rotated away from it, from its first entry to its last. Exit status 0 if every entry
is where and what it was; 1 and what, where and since when if not.

--against holds it to checkpoints that were kept elsewhere. Their signatures are
checked by --key, or else by the keys beside the log; without either a checkpoint
is believed for where it was kept.`,
		Args: cobra.MaximumNArgs(1),
		Example: `  aegis audit verify
  aegis audit verify --against checkpoints.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			log, err := logToRead(s, args)
			if err != nil {
				return err
			}
			checkpoints, err := checkpointsToHold(cmd, log, against, keys)
			if err != nil {
				return err
			}
			report, err := audit.VerifyAgainst(cmd.Context(), log, checkpoints)
			if err != nil {
				return &failure{exitFailed, plain(err)}
			}
			if len(args) == 0 && report.Headless && report.Problem == nil {
				return &failure{exitFailed, errors.New("there is no head beside the log, nor its lock or key: what lay beside it was taken away, and entries may have been with it")}
			}
			return printReport(cmd, log, report)
		},
	}
	command.Flags().StringArrayVar(&against, "against", nil, "file of checkpoints; repeatable")
	command.Flags().StringArrayVar(&keys, "key", nil, "public key of checkpoints, or a file of them; repeatable")
	return takes(command, auditLog)
}

// checkpointsToHold reads the checkpoints that a log is to be held against.
func checkpointsToHold(cmd *cobra.Command, log string, against, keys []string) (all []audit.Checkpoint, err error) {
	if len(against) == 0 {
		if len(keys) > 0 {
			return nil, wrong("--key", "there is nothing to check with it; --against names a file of checkpoints")
		}
		return nil, nil
	}
	known, err := publicKeys(keys)
	if err == nil && len(keys) == 0 {
		known, err = audit.KnownKeys(log)
	}
	if err != nil {
		return nil, &failure{exitUsage, plain(err)}
	}
	if len(known) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "note: there is no public key; what the checkpoints say is believed for where they were kept")
	}
	for _, file := range against {
		read, err := audit.ReadCheckpoints(file, known)
		if err != nil {
			return nil, &failure{exitFailed, plain(err)}
		}
		all = append(all, read...)
	}
	return all, nil
}

// publicKeys are keys as they are given, or the lines of files.
func publicKeys(given []string) (keys []string, err error) {
	for _, key := range given {
		if strings.Contains(key, "+") && !strings.ContainsAny(key, " \n") {
			if _, err := os.Lstat(key); err != nil {
				keys = append(keys, key)
				continue
			}
		}
		text, err := os.ReadFile(key)
		if err != nil {
			return nil, fmt.Errorf("--key: %w", err)
		}
		keys = append(keys, strings.Split(strings.TrimSpace(string(text)), "\n")...)
	}
	return keys, nil
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
		fmt.Fprintf(out, "note: %s\n", harmless(note))
	}
	if r.Problem != nil {
		return &failure{exitFailed, errors.New(harmless(r.Problem.String()))}
	}
	files := ""
	if r.Files > 1 {
		files = fmt.Sprintf(" in %d files", r.Files)
	}
	if r.From > 1 {
		files += fmt.Sprintf(", from entry %d on", r.From)
	}
	_, err := fmt.Fprintf(out, "%s: %d entries%s, one chain, %s to %s\nlast entry %s\n", log, r.Entries, files,
		r.First.Format(time.RFC3339), r.Last.Format(time.RFC3339), r.Head)
	return err
}
