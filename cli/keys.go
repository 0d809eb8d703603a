package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"aegis/internal/keys"
	"aegis/internal/operatorfile"

	"github.com/spf13/cobra"
)

func keysCommand(s *settings) *cobra.Command {
	return group("keys", "Make and take away the keys that callers come with",
		"add makes a key, list shows them, rotate and revoke change who comes in, check looks at the file",
		addKeyCommand(s), listKeysCommand(s), revokeKeyCommand(s), rotateKeyCommand(s), checkKeysCommand(s))
}

// keysFileName is the file that is given, or the one in its default place.
func (s *settings) keysFileName() (string, error) {
	file, _, err := s.value(keysFile)
	if err != nil {
		return "", &failure{exitUsage, err}
	}
	if file != "" {
		return file, nil
	}
	folder, err := s.folder("XDG_CONFIG_HOME", "AppData", ".config")
	if err != nil {
		return "", wrong(names(keysFile), "there is no home folder to keep the keys in; say where they should be")
	}
	return filepath.Join(folder, "keys.yaml"), nil
}

// editKeys changes the file of keys, and warns of what there is to warn of.
func editKeys(cmd *cobra.Command, s *settings, change func(all []*keys.Key) ([]*keys.Key, error)) error {
	file, err := s.keysFileName()
	if err != nil {
		return err
	}
	warnings, err := keys.Edit(cmd.Context(), file, change)
	warn(cmd, file, warnings)
	if err != nil {
		return &failure{exitFailed, plain(err)}
	}
	return nil
}

// readKeys reads the file of keys.
func readKeys(cmd *cobra.Command, s *settings) (file string, all []*keys.Key, err error) {
	if file, err = s.keysFileName(); err != nil {
		return "", nil, err
	}
	all, warnings, err := keys.Read(file)
	warn(cmd, file, warnings)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, &failure{exitFailed, fmt.Errorf("there is no file of keys at %s; \"aegis keys add\" makes one", file)}
	}
	if err != nil {
		return "", nil, &failure{exitFailed, err}
	}
	return file, all, nil
}

func warn(cmd *cobra.Command, file string, warnings []string) {
	for _, warning := range warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s: %s\n", file, warning)
	}
}

// showKey prints a key, alone, and what to do with it beside it.
func showKey(cmd *cobra.Command, key, told string) error {
	fmt.Fprintf(cmd.ErrOrStderr(), "%s\nThis is the only time that the key is shown; the file holds its hash.\n", told)
	if into, ok := cmd.OutOrStdout().(*os.File); ok {
		if info, err := into.Stat(); err == nil && info.Mode().IsRegular() && operatorfile.SomebodyCanRead(info) {
			warn(cmd, into.Name(), []string{fmt.Sprintf("others can read the file that the key goes into (mode %04o); chmod 600 it", info.Mode().Perm())})
		}
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), key)
	return err
}

func revokeKeyCommand(s *settings) *cobra.Command {
	return takes(&cobra.Command{
		Use:   "revoke NAME",
		Short: "Take a key away",
		Long: `Takes the key NAME out of the file, with all that it was rotated from. A server
refuses its next request and ends its sessions. Exit status 1 if there is none.`,
		Example: "  aegis keys revoke laptop",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := editKeys(cmd, s, func(all []*keys.Key) ([]*keys.Key, error) { return keys.Revoke(all, args[0]) })
			if err != nil {
				return named(args[0], err)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%s is revoked.\n", args[0])
			return nil
		},
	}, keysFile)
}

func rotateKeyCommand(s *settings) *cobra.Command {
	var overlap string
	command := &cobra.Command{
		Use:   "rotate NAME",
		Short: "Give a key another secret",
		Long: `Makes another secret for the key NAME and prints it, alone, on standard output. The
old one counts for as long as --overlap says, so that whoever uses it can be told.
It stays the same caller: what it was shown and what it may do does not change.`,
		Example: "  aegis keys rotate ci --overlap 24h\n  aegis keys rotate laptop            # the old one ends now",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			lasts, err := span(overlap)
			if err != nil || lasts > longestOverlap {
				return wrong("--overlap", "%q is no time from 0 to 90d, such as 24h or 7d", overlap)
			}
			var secret string
			err = editKeys(cmd, s, func(all []*keys.Key) ([]*keys.Key, error) {
				secret, err = keys.Rotate(all, args[0], lasts, time.Now())
				return all, err
			})
			if err != nil {
				return named(args[0], err)
			}
			told := fmt.Sprintf("%s has another secret; the old one is over.", args[0])
			if lasts > 0 {
				told = fmt.Sprintf("%s has another secret; the old one is over at %s.", args[0], time.Now().Add(lasts).UTC().Format(time.RFC3339))
			}
			return showKey(cmd, secret, told)
		},
	}
	command.Flags().StringVar(&overlap, "overlap", "0s", "how long the old secret counts besides, such as 24h or 7d")
	return takes(command, keysFile)
}

const longestOverlap = 90 * 24 * time.Hour

// named says which key it is that is not there.
func named(name string, err error) error {
	if errors.Is(err, keys.ErrUnknown) {
		return &failure{exitFailed, fmt.Errorf("there is no key %s; \"aegis keys list\" shows them", quoted(name))}
	}
	return err
}
