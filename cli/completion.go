package cli

import (
	"fmt"

	"aegis/gate/policy"

	"github.com/spf13/cobra"
)

// shells have a script that completes what is typed.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print what completes commands and flags in a shell",
		Long: `Prints a script for bash, zsh, fish or powershell that completes commands, flags, tools
and names of clients. bash needs the package bash-completion. Where it goes:

    bash        ~/.local/share/bash-completion/completions/aegis
    zsh         _aegis, in a folder of $fpath
    fish        ~/.config/fish/completions/aegis.fish
    powershell  what $PROFILE runs`,
		Example: `  aegis completion bash > aegis
  aegis completion zsh > _aegis
  aegis completion fish > aegis.fish
  aegis completion powershell > aegis.ps1`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return fmt.Errorf("%q is no shell that is known", args[0])
		},
	}
}

// completes has the names completed that nobody knows by heart.
func completes(root *cobra.Command) {
	one := func(values []string) cobra.CompletionFunc {
		return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return values, cobra.ShellCompDirectiveNoFileComp
		}
	}
	for _, path := range [][]string{{"call"}, {"policy", "explain"}} {
		if command, _, err := root.Find(path); err == nil {
			command.ValidArgsFunction = one(policy.Tools())
		}
	}
	if command, _, err := root.Find([]string{"init"}); err == nil {
		_ = command.RegisterFlagCompletionFunc("client", cobra.FixedCompletions(clientNames(), cobra.ShellCompDirectiveNoFileComp))
	}
	levels := []string{"trace", "debug", "info", "warn", "error"}
	_ = root.RegisterFlagCompletionFunc(allSettings[logLevel].flag, cobra.FixedCompletions(levels, cobra.ShellCompDirectiveNoFileComp))
}
