package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Manual calls f with each command, for who writes a manual of them. Of the settings a
// command has those alone that belong to it, and its text names those that are variables.
func Manual(f func(*cobra.Command) error) error {
	env := environment{lookup: func(string) (string, bool) { return "", false }, stdout: io.Discard, stderr: io.Discard}
	root := rootCommand(env)
	root.DisableAutoGenTag = true
	return describe(root, f)
}

func describe(command *cobra.Command, f func(*cobra.Command) error) error {
	belonging := strings.Fields(command.Annotations["settings"])
	command.Root().PersistentFlags().VisitAll(func(flag *pflag.Flag) {
		_, isSetting := allSettings[flag.Name]
		flag.Hidden = isSetting && !slices.Contains(belonging, flag.Name)
	})
	var variables []string
	for _, name := range belonging {
		if row := allSettings[name]; row.flag == "" {
			variables = append(variables, "    "+strings.Join(row.env, ", ")+": "+row.help)
		}
	}
	if long := command.Long; variables != nil {
		command.Long = long + "\n\nSettings that are variables alone:\n\n" + strings.Join(variables, "\n")
	}
	if err := f(command); err != nil {
		return err
	}
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() {
			if err := describe(below, f); err != nil {
				return err
			}
		}
	}
	return nil
}
