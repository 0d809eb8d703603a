package cli

import (
	"encoding/hex"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"aegis/internal/keys"

	"github.com/spf13/cobra"
)

func listKeysCommand(s *settings) *cobra.Command {
	return takes(&cobra.Command{
		Use:   "list",
		Short: "Show the keys, and what each may do",
		Long: `Shows a line for each key: whether it counts, the first digits of its hashes, until
when, from where, with which token, what it may write and which policy narrows it.`,
		Example: "  aegis keys list --keys /etc/aegis/keys.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, all, err := readKeys(cmd, s)
			if err != nil {
				return err
			}
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(out, "NAME\tSTATE\tSHA256\tEXPIRES\tFROM\tGITEA\tWRITES\tPOLICY")
			for _, k := range all {
				fmt.Fprintln(out, strings.Join(keyColumns(k, time.Now()), "\t"))
			}
			return out.Flush()
		},
	}, keysFile)
}

// keyColumns are a key's columns in a list.
func keyColumns(k *keys.Key, now time.Time) []string {
	state := "in force"
	if !k.InForce(now) {
		state = "expired"
	}
	var hashes, from, writes []string
	for _, secret := range k.Secrets {
		text := hex.EncodeToString(secret.Hash[:4]) + "…"
		if !secret.Until.IsZero() {
			text += " until " + secret.Until.Format(time.RFC3339)
		}
		hashes = append(hashes, text)
	}
	for _, network := range k.From {
		from = append(from, network.String())
	}
	for _, repo := range k.Writes {
		writes = append(writes, repo.String())
	}
	expires, token, narrowed := "never", "nobody", "-"
	if k.Policy != "" {
		narrowed = quoted(k.Policy)
	}
	if !k.Expires.IsZero() {
		expires = k.Expires.Format(time.RFC3339)
	}
	switch {
	case k.Shared:
		token = "the server's"
	case k.TokenFile != "":
		token = quoted(k.TokenFile)
	}
	return []string{k.Name, state, strings.Join(hashes, ", "), expires, orDash(from), token, orDash(writes), narrowed}
}

func orDash(all []string) string {
	if text := strings.Join(all, ", "); text != "" {
		return text
	}
	return "-"
}

func checkKeysCommand(s *settings) *cobra.Command {
	return takes(&cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with the file of keys, and with what it names",
		Long: `Reads the file exactly as a server would, with the access tokens and the policies
that it names. Exit status 0 and how many keys count, or exit status 1 and what is
wrong, and where.`,
		Example: "  aegis keys check --keys /etc/aegis/keys.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, all, err := readKeys(cmd, s)
			if err != nil {
				return err
			}
			inForce, problems := 0, []string(nil)
			for _, k := range all {
				if k.InForce(time.Now()) {
					inForce++
				} else {
					warn(cmd, file, []string{k.Name + " has expired"})
				}
				for _, err := range []error{checkToken(cmd, k.TokenFile), checkPolicy(cmd, k.Policy)} {
					if err != nil {
						problems = append(problems, fmt.Sprintf("%s: %v", k.Name, err))
					}
				}
			}
			if problems != nil {
				return &failure{exitFailed, fmt.Errorf("%s", strings.Join(problems, "\n"))}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d keys, %d in force\n", file, len(all), inForce)
			return err
		},
	}, keysFile)
}
