package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"aegis/audit"

	"github.com/spf13/cobra"
)

func matchCommand(s *settings) *cobra.Command {
	var call, arguments string
	command := &cobra.Command{
		Use:   "match [LOG] --call ID --args JSON",
		Short: "Find out whether a call had certain arguments",
		Long: `Says whether the call had these arguments, by the hash in LOG (default: the log that a
session would write) and the key beside it. The log has no arguments, only that hash.
They count byte by byte as the client sent them; compact JSON is tried as well.
--args - reads them from standard input.

Exit status 0 if they are the same, 1 if not.`,
		Args:    cobra.MaximumNArgs(1),
		Example: `  aegis audit match --call CALL --args '{"owner":"acme","repo":"website"}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if call == "" || arguments == "" {
				return &failure{exitUsage, errors.New("--call and --args are both needed")}
			}
			log, err := logToRead(s, args)
			if err != nil {
				return err
			}
			given := []byte(arguments)
			if arguments == "-" {
				if given, err = io.ReadAll(io.LimitReader(cmd.InOrStdin(), 16<<20)); err != nil {
					return &failure{exitFailed, err}
				}
			}
			matches, err := audit.Match(cmd.Context(), log, call, spellings(given))
			switch {
			case err != nil:
				return &failure{exitFailed, plain(err)}
			case !matches:
				return &failure{exitFailed, fmt.Errorf("call %s had other arguments, or the same in other bytes", quoted(call))}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "call %s had these arguments\n", quoted(call))
			return err
		},
	}
	command.Flags().StringVar(&call, "call", "", "the call's id")
	command.Flags().StringVar(&arguments, "args", "", "the arguments, as JSON")
	return takes(command, auditLog)
}

// spellings are the bytes that arguments may have been sent in.
func spellings(given []byte) [][]byte {
	all := [][]byte{given, bytes.TrimSpace(given)}
	var compact bytes.Buffer
	if json.Compact(&compact, given) == nil {
		all = append(all, compact.Bytes())
	}
	return all
}
