package cli

import (
	"fmt"

	"aegis/gate/policy"

	"github.com/spf13/cobra"
)

func policyCommand(s *settings) *cobra.Command {
	return group("policy", "Check policies", "check FILE says what is wrong with a policy, replay what another one would have decided", replayCommand(s), &cobra.Command{
		Use:   "check FILE",
		Short: "Say what is wrong with a policy, or what it means",
		Long: `Loads FILE exactly as a session would. Exit status 0 and what it means in plain
words, or exit status 1 and what is wrong with it, where, and the line itself.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, warnings, err := policy.Load(args[0])
			for _, warning := range warnings {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", warning)
			}
			if err != nil {
				return &failure{exitFailed, err}
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), loaded.Describe())
			return err
		},
	})
}
