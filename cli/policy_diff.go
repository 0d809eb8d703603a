package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

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
the cases in an audit log, files that were rotated away among them, are decided as well: how
many of which tool and repository differ, with the first of them.

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
					fmt.Fprintf(out, "%s  %s\n", effectOn(d), d)
				}
				recorded.print(out)
			}
			if recorded != nil && len(recorded.Problems) > 0 {
				return errors.Join(err, &failure{exitFailed, errors.New("the log is not what it was: " + strings.Join(recorded.Problems, "; "))})
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
	Decided     int                  `json:"decided"`
	Unknown     int                  `json:"unknown"` // the log does not have the whole case
	Opened      int                  `json:"opened"`
	Closed      int                  `json:"closed"`
	Differences []recordedDifference `json:"differences"`
	Problems    []string             `json:"problems,omitempty"` // because of which the log is not what it was
}

// recordedDifference is how often cases of a tool and a repository are decided differently
// by the same rules. What else the difference says is of the first of them.
type recordedDifference struct {
	Cases int `json:"cases"`
	policy.Difference
}

// compareRecorded decides the cases of a log by both policies; nil if there is no log.
func compareRecorded(ctx context.Context, log string, old, now *policy.Policy) (*recordedCases, error) {
	if log == "" {
		return nil, nil
	}
	found := &recordedCases{Differences: []recordedDifference{}}
	at := make(map[string]int)
	reading, err := audit.Show(ctx, log, audit.Query{}, func(s audit.Stored) error {
		if s.Kind != audit.KindDecision || s.Broken != "" {
			return nil
		}
		c, err := gate.CaseOf(s)
		if err != nil {
			found.Unknown++
			return nil
		}
		found.Decided++
		if d, differs := policy.Differs(old, now, c); differs {
			found.add(at, d)
		}
		return nil
	})
	for _, problem := range reading.Problems {
		found.Problems = append(found.Problems, fmt.Sprint(problem))
	}
	slices.SortStableFunc(found.Differences, func(a, b recordedDifference) int {
		if a.Widens != b.Widens {
			return map[bool]int{true: -1, false: 1}[a.Widens]
		}
		return cmp.Compare(b.Cases, a.Cases)
	})
	return found, err
}

func (r *recordedCases) add(at map[string]int, d policy.Difference) {
	if d.Widens {
		r.Opened++
	} else {
		r.Closed++
	}
	key := strings.Join([]string{d.Tools[0], d.Repository, string(d.Was), string(d.Is), d.WasBy, d.IsBy}, " ")
	i, known := at[key]
	if !known {
		i = len(r.Differences)
		at[key], r.Differences = i, append(r.Differences, recordedDifference{0, d})
	}
	r.Differences[i].Cases++
}

func (r *recordedCases) differ() bool { return r != nil && r.Opened+r.Closed > 0 }

func (r *recordedCases) print(out io.Writer) {
	if r == nil {
		return
	}
	fmt.Fprintf(out, "recorded: %d cases, of which %d are opened and %d closed; of %d the log does not have the whole case\n", r.Decided, r.Opened, r.Closed, r.Unknown)
	for _, d := range r.Differences {
		d.Principal, d.Path, d.Branch = quotedIf(d.Principal), quotedIf(d.Path), quotedIf(d.Branch)
		fmt.Fprintf(out, "%s  %6d × %s\n", effectOn(d.Difference), d.Cases, d)
	}
}

// effectOn says in a word what a difference does.
func effectOn(d policy.Difference) string {
	if d.Widens {
		return "opens "
	}
	return "closes"
}
