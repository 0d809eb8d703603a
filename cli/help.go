package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groups are the settings in the order in which help shows them.
var groups = []struct {
	title    string
	settings []string
}{
	{"Gitea", []string{giteaURL, giteaToken, tokenFile, tokenCommand, insecureHTTP, caFile, timeout}},
	{"Policy and audit log", []string{policyFile, auditLog, auditMaxSize, auditKeep, auditTexts, checkpointTo, checkpointAt, checkpointBy, killSwitch}},
	{"Writing", []string{writeMode, writeRepo, askTimeout}},
	{"Redaction", []string{secretsFile, gitleaksFile}},
	{"Logging and counting", []string{logLevel, metricsFile}},
	{keyed, []string{keysFile, apiKeys}},
	{serving, []string{
		listen, listenHost, listenPort, tlsCert, tlsKey, insecureBind, host, trustedProxy, stateFile,
		ratePerIP, ratePerKey, maxFailures, failureWindow, drain, adminListen, adminInsecure, noAuth,
	}},
	{automating, []string{automate, jobsFile}},
}

// What belongs to "aegis serve" alone, and what "aegis keys" takes as well.
const (
	keyed      = "Keys"
	serving    = "Serving"
	automating = "Jobs"
)

// everySetting belongs to what opens a gate for whoever starts it.
func everySetting() (all []string) {
	for _, group := range groups {
		if group.title != serving && group.title != keyed && group.title != automating {
			all = append(all, group.settings...)
		}
	}
	return all
}

// servingSettings belong to a gate for many.
func servingSettings() (all []string) {
	for _, group := range groups {
		if group.title == serving || group.title == keyed || group.title == automating {
			all = append(all, group.settings...)
		}
	}
	return all
}

// takes notes which settings belong to a command, for its help. A setting that does
// not is taken all the same, and has no effect.
func takes(command *cobra.Command, settings ...string) *cobra.Command {
	command.Annotations = map[string]string{"settings": strings.Join(settings, " ")}
	return command
}

// showUsage prints how a command is used: its own flags, and the settings that
// belong to it.
func showUsage(command *cobra.Command) error {
	out := command.OutOrStderr()
	fmt.Fprint(out, "Usage:\n")
	if command.Runnable() {
		fmt.Fprintf(out, "  %s\n", command.UseLine())
	}
	if command.HasAvailableSubCommands() {
		fmt.Fprintf(out, "  %s [command]\n\nCommands:\n", command.CommandPath())
		for _, below := range command.Commands() {
			if below.IsAvailableCommand() || below.Name() == "help" {
				fmt.Fprintf(out, "  %-*s %s\n", below.NamePadding(), below.Name(), below.Short)
			}
		}
	}
	if command.HasExample() {
		fmt.Fprintf(out, "\nExamples:\n%s\n", command.Example)
	}
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if _, isSetting := allSettings[flag.Name]; !isSetting || flag != command.Root().PersistentFlags().Lookup(flag.Name) {
			own.AddFlag(flag)
		}
	})
	fmt.Fprintf(out, "\nFlags:\n%s", own.FlagUsages())
	showSettings(out, command)
	if command.HasAvailableSubCommands() {
		fmt.Fprintf(out, "\nUse \"%s [command] --help\" for more information about a command.\n", command.CommandPath())
	}
	return nil
}

// showSettings prints the settings that belong to a command, group by group.
func showSettings(out io.Writer, command *cobra.Command) {
	belonging := strings.Fields(command.Annotations["settings"])
	for _, group := range groups {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.SortFlags = false
		var variables []setting
		for _, name := range group.settings {
			switch row := allSettings[name]; {
			case !slices.Contains(belonging, name):
			case row.flag == "":
				variables = append(variables, row)
			default:
				flags.AddFlag(command.Root().PersistentFlags().Lookup(row.flag))
			}
		}
		if !flags.HasFlags() && variables == nil {
			continue
		}
		fmt.Fprintf(out, "\n%s:\n%s", group.title, flags.FlagUsages())
		for _, row := range variables {
			fmt.Fprintf(out, "      %s: %s\n", strings.Join(row.env, ", "), row.help)
		}
	}
}
