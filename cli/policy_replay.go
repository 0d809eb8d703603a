package cli

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"aegis/audit"
	"aegis/gate"
	"aegis/gate/policy"

	"github.com/spf13/cobra"
)

func replayCommand(s *settings) *cobra.Command {
	var log, from, floor string
	var asJSON bool
	command := &cobra.Command{
		Use:   "replay [--policy NEW] [--floor NEW]",
		Short: "Say which recorded calls another policy would decide differently",
		Long: `Decides the calls of the audit log, files that were rotated away among them, again by the
policy NEW on the managed floor of this machine or, to try a floor, on that of --floor.
Says per tool and repository what would be refused or asked about that was allowed, and
the other way round, with a count and an example of each. It contacts nobody and
changes nothing.

A call is decided by what the log has of it: "unknown" is one of which that is not
enough. One that was refused is told to be refused no longer, and not what else it
would have met. Limits, rows of lists and what is redacted are not decided again.

Exit status 0, whatever differs; 1 if the log is not what it was or can't be read, 2 if
the policy does not load.`,
		Example: `  aegis policy replay --policy new.yaml
  aegis policy replay --floor floor.yaml
  aegis policy replay --policy new.yaml --audit audit.jsonl --since 30d --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var query audit.Query
			var err error
			if query.Since, err = sinceFlag("--since", from, time.Now()); err != nil {
				return err
			}
			p, err := s.loadPolicy(cmd, "", floor)
			if err != nil {
				return err
			}
			var named []string
			if log != "" {
				named = []string{log}
			}
			file, err := logToRead(s, named)
			if err != nil {
				return err
			}
			replay := gate.NewReplay(p)
			reading, err := audit.Show(cmd.Context(), file, query, func(stored audit.Stored) error {
				if stored.Broken == "" {
					replay.Add(stored)
				}
				return nil
			})
			if err != nil {
				return &failure{exitFailed, plain(err)}
			}
			counts, found := replay.End()
			if err := printReplay(cmd.OutOrStdout(), asJSON, file, p, counts, found); err != nil {
				return err
			}
			return concludeReading(cmd.ErrOrStderr(), reading)
		},
	}
	floorFlag(command, &floor)
	command.Flags().StringVar(&log, "audit", "", "the audit log (default: the log that a session would write)")
	command.Flags().StringVar(&from, "since", "", sinceHelp)
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return takes(command, policyFile, auditLog)
}

// printReplay prints what came of a replay.
func printReplay(to io.Writer, asJSON bool, log string, p *policy.Policy, counts gate.ReplayCounts, found []*gate.Differences) error {
	if asJSON {
		return printJSON(to, struct {
			Log    string         `json:"log"`
			Policy string         `json:"policy"`
			SHA256 string         `json:"policy_sha256"`
			Floor  *policy.Origin `json:"floor,omitempty"`
			gate.ReplayCounts
			Differences []*gate.Differences `json:"differences"`
		}{log, p.Source(), p.SHA256(), floorOf(p), counts, found})
	}
	out := bufio.NewWriter(to)
	fmt.Fprintf(out, "%s: %s, decided again by %s %.12s\n", log, count(counts.Calls, "call", "calls"), p.Source(), p.SHA256())
	if floor := floorOf(p); floor != nil {
		fmt.Fprintf(out, "on the floor %s %.12s\n", floor.Source, floor.SHA256)
	}
	fmt.Fprintf(out, "unchanged %d, opened %d, unknown %d, closed %d, ended by what no policy decides %d\n",
		counts.Unchanged, counts.Widened, counts.Unknown, counts.Narrowed, counts.Otherwise)
	for _, d := range found {
		fmt.Fprintf(out, "%-5s -> %-7s %6d  %s %s", d.Was, d.Is, d.Calls, quoted(d.Tool), quoted(d.Repo))
		if d.Code != "" {
			fmt.Fprintf(out, "  %s", quoted(string(d.Code)))
		}
		if d.Rule != "" {
			fmt.Fprintf(out, "  %s", quoted(d.Rule))
		}
		if d.Why != "" {
			fmt.Fprintf(out, "  why=%s", quoted(d.Why))
		}
		fmt.Fprintf(out, "\n      such as call=%s time=%s%s\n", quoted(d.Example), d.Time, list("paths", d.Paths, 0))
	}
	return out.Flush()
}
