package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"aegis/gate/policy"
	"aegis/internal/operatorfile"

	"github.com/spf13/cobra"
)

func policyCommand(env environment, s *settings) *cobra.Command {
	return group("policy", "Check, explain, test, compare and replay policies",
		"check says what a policy comes to, explain why a call is decided as it is, test holds it against what you expect, diff compares two, replay asks what another would have decided",
		checkPolicyCommand(env, s), explainPolicyCommand(s), expectPolicyCommand(s), diffPolicyCommand(), replayCommand(s))
}

// maxPolicy bounds a policy on standard input: more than a file may have.
const maxPolicy = 4 << 20

func checkPolicyCommand(env environment, s *settings) *cobra.Command {
	var asJSON, online bool
	var floor string
	command := &cobra.Command{
		Use:   "check [FILE|-]",
		Short: "Say what is wrong with a policy, or what it comes to",
		Long: `Loads FILE, or standard input, exactly as a session would. Says for each pattern of
repositories what may be read, written and started there once all rules that apply are
put together, what a human is asked about, and which rules others overrule; and then
what to look at twice.

Without FILE it is the policy that a session with these settings would have, narrowed by
this machine's managed floor: both are named, and each rule says which it is of. A FILE is
looked at by itself, or with --floor on the floor of another file.

With --online it also asks Gitea, with the access token of a session, whether the
repositories, owners and branches that the policy spells out are there, and have the ids
that it gives. Principals can't be looked up: they are keys, jobs and users of this
system, not of Gitea. These calls only read, and are in the audit log like any others.

Exit status 0, or 1 and what is wrong, where, and the line itself.`,
		Example: "  aegis policy check policy.yaml\n  aegis policy check --json - < policy.yaml\n  aegis policy check policy.yaml --floor floor.yaml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, warnings, err := s.checked(env, args, floor)
			var missing []policy.Caution
			if online && err == nil {
				if missing, err = s.online(cmd.Context(), env, p); err != nil {
					return err
				}
			}
			if asJSON {
				return printChecked(cmd.OutOrStdout(), p, warnings, missing, err)
			}
			for _, warning := range warnings {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", warning)
			}
			if err != nil {
				return &failure{exitFailed, err}
			}
			named, told, _ := strings.Cut(policy.Describe(p), "\n")
			fmt.Fprintln(cmd.OutOrStdout(), named)
			if len(args) == 0 && floor == "" && floorOf(p) == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "floor   %s\n", withoutFloor())
			}
			fmt.Fprint(cmd.OutOrStdout(), told)
			for _, caution := range append(policy.Cautions(p), missing...) {
				fmt.Fprintf(cmd.OutOrStdout(), "look twice: %s\n", caution)
			}
			return nil
		},
	}
	floorFlag(command, &floor)
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	command.Flags().BoolVar(&online, "online", false, "ask Gitea whether what the policy names is there")
	return takes(command, policyFile, giteaURL, giteaToken, tokenFile, tokenCommand, insecureHTTP, caFile, auditLog)
}

// checked loads what is to be checked, on the floor of a file if one is named.
func (s *settings) checked(env environment, args []string, floor string) (p *policy.Policy, warnings []policy.Warning, err error) {
	switch {
	case len(args) == 0:
		return s.policyInForce(floor)
	case args[0] != "-":
		p, warnings, err = policy.Load(args[0])
	default:
		raw, failed := io.ReadAll(io.LimitReader(env.stdin, maxPolicy))
		if failed != nil {
			return nil, nil, fmt.Errorf("standard input can't be read: %w", plain(failed))
		}
		p, warnings, err = policy.Parse("stdin", raw)
	}
	if err != nil {
		return nil, warnings, err
	}
	return narrowedByFloor(p, warnings, floor)
}

// problem is what is wrong, or doubtful, at a place of a policy.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

func printChecked(out io.Writer, p *policy.Policy, warnings []policy.Warning, missing []policy.Caution, wrong error) error {
	told := struct {
		Policy   string           `json:"policy,omitempty"`
		SHA256   string           `json:"sha256,omitempty"`
		Floor    *policy.Origin   `json:"floor,omitempty"` // that it stands on
		OK       bool             `json:"ok"`
		Errors   []problem        `json:"errors"`
		Warnings []problem        `json:"warnings"`
		Cautions []policy.Caution `json:"cautions"`
		Reach    []policy.Reach   `json:"reach"`
	}{OK: wrong == nil, Errors: []problem{}, Warnings: []problem{}, Cautions: []policy.Caution{}, Reach: []policy.Reach{}}
	for _, w := range warnings {
		told.Warnings = append(told.Warnings, problem{w.File, w.Line, w.Column, w.Message})
	}
	var invalid *policy.InvalidError
	switch {
	case errors.As(wrong, &invalid):
		for _, each := range invalid.Problems {
			told.Errors = append(told.Errors, problem{each.File, each.Line, each.Column, each.Message})
		}
		if invalid.More > 0 {
			told.Errors = append(told.Errors, problem{Message: fmt.Sprintf("and %d more", invalid.More)})
		}
	case wrong != nil:
		told.Errors = append(told.Errors, problem{Message: wrong.Error()})
	default:
		told.Policy, told.SHA256, told.Floor = p.Source(), p.SHA256(), floorOf(p)
		told.Cautions, told.Reach = slices.Concat(told.Cautions, policy.Cautions(p), missing), policy.Reaches(p)
	}
	if err := printJSON(out, told); err != nil || wrong == nil {
		return err
	}
	return &failure{exitFailed, errors.New("the policy does not load")}
}

// readOperatorFile reads a file that is no policy, in the one way of such files.
func readOperatorFile(name string, most int64) ([]byte, error) {
	read, err := operatorfile.Read(name, most)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return read.Raw, nil
}
