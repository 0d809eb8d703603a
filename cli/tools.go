package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"aegis/tools"

	"github.com/spf13/cobra"
)

func toolsCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "tools",
		Short: "List the tools that a client can be shown",
		Long: `Lists every tool with its class and arguments, those that belong together side by
side; a client is shown them by name. ? is optional. What a session may do with
them, policy and write mode say. Needs no configuration and contacts nobody.`,
		Args:    cobra.NoArgs,
		Example: "  aegis tools\n  aegis tools --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return printToolsJSON(cmd.OutOrStdout())
			}
			return printTools(cmd.OutOrStdout())
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON, with descriptions and the arguments' schemas")
	return command
}

func printTools(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, tool := range tools.All() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", tool.Name, tool.Capability, strings.Join(argumentsOf(tool), ", "))
	}
	return table.Flush()
}

func argumentsOf(tool tools.Tool) (names []string) {
	for _, name := range tool.Schema().PropertyOrder {
		if !slices.Contains(tool.Schema().Required, name) {
			name += "?"
		}
		names = append(names, name)
	}
	return names
}

func printToolsJSON(out io.Writer) error {
	type listed struct {
		Name        string `json:"name"`
		Class       string `json:"class"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Arguments   any    `json:"arguments"` // a JSON schema
	}
	all := []listed{}
	for _, tool := range tools.All() {
		all = append(all, listed{tool.Name, tool.Capability.String(), tool.Title, tool.Description, tool.Schema()})
	}
	return printJSON(out, all)
}
