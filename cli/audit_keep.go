package cli

import (
	"errors"
	"fmt"
	"strings"

	"aegis/audit"

	"github.com/spf13/cobra"
)

// byHand is the session of entries that a command writes about the log.
func byHand() audit.Entry { return audit.Entry{Session: "by hand", Principal: principal()} }

// openAudit opens the log that is named, or the one a session would write.
func openAudit(cmd *cobra.Command, s *settings, args []string) (*audit.Log, error) {
	path, err := logToRead(s, args)
	if err != nil {
		return nil, err
	}
	var c Config
	if err := s.readKeeping(&c); err != nil {
		return nil, err
	}
	c.Audit.Logger = func(err error) { fmt.Fprintf(cmd.ErrOrStderr(), "warning: %v\n", plain(err)) }
	log, err := audit.Open(path, c.Audit)
	if err != nil {
		return nil, &failure{exitFailed, plain(err)}
	}
	return log, nil
}

// onLog is a command that does something to the log.
func onLog(s *settings, do func(cmd *cobra.Command, log *audit.Log) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		log, err := openAudit(cmd, s, args)
		if err != nil {
			return err
		}
		if err := errors.Join(do(cmd, log), log.Close()); err != nil {
			return &failure{exitFailed, plain(err)}
		}
		return nil
	}
}

// keeping are the settings that say how a log is kept.
func keeping() []string {
	return []string{auditLog, auditMaxSize, auditKeep, checkpointTo, checkpointBy}
}

func rotateCommand(s *settings) *cobra.Command {
	return takes(&cobra.Command{
		Use:   "rotate [LOG]",
		Short: "Begin a new file of the audit log",
		Long: `Begins a new file of LOG (default: the log that a session would write), whatever the
size of the old one, which is compressed beside it. The chain runs on, and so do
sessions. Rotated files that are older than --audit-keep are deleted.

If logrotate or the like has moved the log away, this puts it back on the chain.`,
		Args:    cobra.MaximumNArgs(1),
		Example: "  aegis audit rotate",
		RunE: onLog(s, func(cmd *cobra.Command, log *audit.Log) error {
			archived, err := log.Rotate(cmd.Context(), byHand())
			if err != nil {
				return err
			}
			said := "nothing to rotate: " + log.Path() + " has no entries of its own"
			if archived != "" {
				said = archived
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
			return err
		}),
	}, keeping()...)
}

func restartCommand(s *settings) *cobra.Command {
	reason := ""
	command := &cobra.Command{
		Use:   "restart [LOG] --reason TEXT",
		Short: "Set a broken audit log aside and chain a new one on",
		Long: `Sets LOG (default: the log that a session would write) aside, if it does not hold
together, and begins a new file that is chained on to it. Its first entry has the
reason, and the length and SHA-256 of what was set aside. Sessions that were
denied go on.

First find out what happened: "aegis audit verify" says what is wrong.`,
		Args:    cobra.MaximumNArgs(1),
		Example: `  aegis audit restart --reason "the disk was full on Monday"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return wrong("--reason", "say why, in a sentence: it is all that the new log tells of the old one")
			}
			return onLog(s, func(cmd *cobra.Command, log *audit.Log) error {
				aside, err := log.Restart(cmd.Context(), byHand(), reason)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "set aside as %s\n", aside)
				return err
			})(cmd, args)
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why, in a sentence")
	return takes(command, keeping()...)
}

func checkpointCommand(s *settings) *cobra.Command {
	renew := false
	command := &cobra.Command{
		Use:     "checkpoint [LOG]",
		Short:   "Sign how far the audit log goes, to keep elsewhere",
		Example: "  aegis audit checkpoint > checkpoints.txt",
		Long: `Prints a signed note of the number and the hash of the last entry of LOG (default: the
log that a session would write). Keep it where whoever can write to the log can't:
"aegis audit verify --against FILE" then finds that the log was rewritten, or set back.

The first checkpoint makes the key. From then on sessions make checkpoints on their
own, and --audit-checkpoint-to says where they go.`,
		Args: cobra.MaximumNArgs(1),
		RunE: onLog(s, func(cmd *cobra.Command, log *audit.Log) error {
			made, public, err := log.Checkpoint(cmd.Context(), byHand(), renew)
			if err != nil {
				return err
			}
			if public != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "a key was made; its public half is the last line of %s: keep a copy of that elsewhere, too\n", public)
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), made.Note)
			return err
		}),
	}
	command.Flags().BoolVar(&renew, "new-key", false, "make another key, which signs from now on")
	return takes(command, keeping()...)
}
