package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"aegis/audit"
	"aegis/gate"
	"aegis/gate/policy"

	"github.com/spf13/cobra"
)

func diffPolicyCommand() *cobra.Command {
	var asJSON bool
	var log, floor string
	command := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what two policies decide differently, what the new one opens first",
		Long: `Decides calls by both policies, and says which are decided differently and by which rules.
The calls are made of what the policies speak of: each tool, in a repository of each pattern
and one of none, for each principal, with a path and a branch of each pattern. With --recorded
the cases in an audit log, files that were rotated away among them, are decided as well.

The policies are compared by themselves, whatever the floor of a machine takes from both. With
--floor only what differs on that one is told.

It is no proof that nothing else differs. Exit status 0 if nothing does, 1 if something
does, 2 if a policy does not load.`,
		Example: "  aegis policy diff old.yaml new.yaml\n  aegis policy diff --floor floor.yaml old.yaml new.yaml",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var both [2]*policy.Policy
			for i, file := range args {
				p, _, err := policy.Load(file)
				if err == nil {
					p, _, err = narrowedByFloor(p, nil, floor)
				}
				if err != nil {
					return &failure{exitUsage, err}
				}
				both[i] = p
			}
			found := policy.Compare(both[0], both[1])
			recorded, err := compareRecorded(cmd.Context(), log, both[0], both[1])
			if err != nil {
				return &failure{exitUsage, plain(err)}
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = printJSON(out, struct {
					Differences []policy.Difference `json:"differences"`
					Recorded    *recordedCases      `json:"recorded,omitempty"`
				}{append([]policy.Difference{}, found...), recorded})
			} else {
				for _, d := range found {
					fmt.Fprintf(out, "%s  %s\n", map[bool]string{true: "opens ", false: "closes"}[d.Widens], d)
				}
				recorded.print(out)
			}
			if err == nil && (len(found) > 0 || recorded.differ()) {
				err = &failure{exitFailed, errors.New("the policies differ")}
			}
			return err
		},
	}
	floorFlag(command, &floor)
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	command.Flags().StringVar(&log, "recorded", "", "audit log whose cases are decided as well")
	return takes(command)
}

// recordedCases are cases of an audit log, decided by two policies.
type recordedCases struct {
	Decided int `json:"decided"`
	Unknown int `json:"unknown"` // the log does not have the whole case
	Opened  int `json:"opened"`
	Closed  int `json:"closed"`
}

// compareRecorded decides the cases of a log by both policies; nil if there is no log.
func compareRecorded(ctx context.Context, log string, old, now *policy.Policy) (*recordedCases, error) {
	if log == "" {
		return nil, nil
	}
	found := new(recordedCases)
	_, err := audit.Show(ctx, log, audit.Query{}, func(s audit.Stored) error {
		if s.Kind != audit.KindDecision {
			return nil
		}
		c, err := gate.CaseOf(s)
		if err != nil {
			found.Unknown++
			return nil
		}
		found.Decided++
		switch a, b := old.Decide(c), now.Decide(c); {
		case a.Allow && !b.Allow, a.Allow && b.Ask && !a.Ask:
			found.Closed++
		case b.Allow && !a.Allow, b.Allow && a.Ask && !b.Ask:
			found.Opened++
		}
		return nil
	})
	return found, err
}

func (r *recordedCases) differ() bool { return r != nil && r.Opened+r.Closed > 0 }

func (r *recordedCases) print(out io.Writer) {
	if r != nil {
		fmt.Fprintf(out, "recorded: %d cases, of which %d are opened and %d closed; of %d the log does not have the whole case\n", r.Decided, r.Opened, r.Closed, r.Unknown)
	}
}
