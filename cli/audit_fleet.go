package cli

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"aegis/audit"

	"github.com/spf13/cobra"
)

func fleetCommand() *cobra.Command {
	var hosts, keys []string
	var hostsFile, stale string
	var asJSON bool
	command := &cobra.Command{
		Use:   "fleet DIR",
		Short: "Check the audit logs of many machines",
		Long: `Verifies logs that were gathered in DIR, each in a folder with its machine's name: the
.jsonl file, what was rotated beside it, and files of checkpoints, which have
"checkpoint" in their names.

Exit status 0 if all of them are good and current, 1 if one is not.`,
		Args:    cobra.ExactArgs(1),
		Example: "  aegis audit fleet --stale 36h logs",
		RunE: func(cmd *cobra.Command, args []string) error {
			o := audit.FleetOptions{Hosts: hosts, Now: time.Now()}
			if hostsFile != "" {
				text, err := os.ReadFile(hostsFile)
				if err != nil {
					return wrong("--hosts", "%v", err)
				}
				o.Hosts = append(o.Hosts, strings.Fields(string(text))...)
			}
			var err error
			if stale != "" {
				if o.Stale, err = span(stale); err != nil {
					return wrong("--stale", "%q is no length of time; write it like 36h or 7d", stale)
				}
			}
			if o.Keys, err = publicKeys(keys); err != nil {
				return &failure{exitUsage, plain(err)}
			}
			all, err := audit.Fleet(cmd.Context(), args[0], o)
			if err != nil {
				return &failure{exitFailed, plain(err)}
			}
			return printFleet(cmd, all, asJSON)
		},
	}
	flags := command.Flags()
	flags.StringArrayVar(&hosts, "host", nil, "machine that must be there; repeatable")
	flags.StringVar(&hostsFile, "hosts", "", "file with the names of machines that must be there")
	flags.StringVar(&stale, "stale", "", "how old a last entry may be, like 36h or 7d")
	flags.StringArrayVar(&keys, "key", nil, "public key of checkpoints, or a file of them; repeatable")
	flags.BoolVar(&asJSON, "json", false, "print an array of JSON objects")
	return command
}

func printFleet(cmd *cobra.Command, all []audit.Machine, asJSON bool) error {
	bad := 0
	for _, m := range all {
		if m.Status != "ok" {
			bad++
		}
	}
	if asJSON {
		if err := printJSON(cmd.OutOrStdout(), all); err != nil {
			return err
		}
	} else if err := fleetTable(cmd, all); err != nil {
		return err
	}
	if bad > 0 {
		return &failure{exitFailed, fmt.Errorf("%d of %s not good", bad, count(int64(len(all)), "machine is", "machines are"))}
	}
	return nil
}

func fleetTable(cmd *cobra.Command, all []audit.Machine) error {
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "MACHINE\tSTATUS\tENTRIES\tLAST\tCHECKPOINT\tWHAT")
	for _, m := range all {
		last, covered := "-", "-"
		if !m.Last.IsZero() {
			last = m.Last.Format(time.RFC3339)
		}
		if m.Covered > 0 {
			covered = fmt.Sprintf("%d of %d", m.Covered, m.Seq)
		}
		fmt.Fprintf(out, "%s\t%s\t%d\t%s\t%s\t%s\n", quoted(m.Name), m.Status, m.Entries, last, covered, saying(m.Says))
	}
	return out.Flush()
}

// saying is a sentence about a log, in which names are quoted already.
func saying(text string) string {
	if text == "" {
		return "-"
	}
	return harmless(text)
}
