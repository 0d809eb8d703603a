package cli

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"aegis/sanitize"

	"github.com/spf13/cobra"
)

// maxScanned bounds a text that is looked through, in bytes: what Gitea may send
// of a diff or a log.
const maxScanned = 64 << 20

func secretsCommand(env environment, s *settings) *cobra.Command {
	var path string
	command := &cobra.Command{
		Use:   "secrets FILE|-",
		Short: "Say what would be redacted from a file, and by which fingerprint to allow it",
		Long: `Looks through FILE, or standard input, exactly as a session would before it shows
it, and prints a line for each finding:

    LINE RULE FINGERPRINT

Never the value. A fingerprint in the policy's secrets.allow lets that value
stay, wherever it is found by that rule; "-" stands where nothing can: Aegis' own
credentials, and files that a rule keeps back for their path. What the policy
allows already is not printed.

Whoever can guess a value can confirm the guess by its fingerprint.

FILE is read as UTF-8. Exit status 0 if nothing is found, 1 if something is.`,
		Args: cobra.ExactArgs(1),
		Example: `  aegis secrets config.yaml
  git diff | aegis secrets -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return listSecrets(cmd, env, s, args[0], path)
		},
	}
	command.Flags().StringVar(&path, "path", "", "path of the file in its repository, for rules that are about paths (default FILE)")
	return takes(command, giteaToken, tokenFile, tokenCommand, policyFile, secretsFile, gitleaksFile)
}

func listSecrets(cmd *cobra.Command, env environment, s *settings, file, path string) error {
	scrubber, err := s.scanner(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	text, err := readScanned(env, file)
	if err != nil {
		return &failure{exitUsage, plain(err)}
	}
	if path == "" && file != "-" {
		path = filepath.ToSlash(filepath.Clean(file))
	}
	found := scrubber.Findings(text, sanitize.TextOptions{Path: path})
	out := bufio.NewWriter(cmd.OutOrStdout())
	for _, f := range found {
		fmt.Fprintf(out, "%d %s %s\n", f.Line, f.Rule, cmp.Or(f.Fingerprint, "-"))
	}
	if err := out.Flush(); err != nil {
		return &failure{exitUsage, plain(err)}
	}
	if len(found) > 0 {
		return &failure{exitFailed, errors.New(count(int64(len(found)), "finding", "findings") + " would be redacted")}
	}
	return nil
}

// scanner is the scrubber of a session with these settings: its rules, its
// values, and what its policy allows.
func (s *settings) scanner(stderr io.Writer) (*sanitize.Scrubber, error) {
	var c Config
	for _, step := range []func(*Config) error{s.readToken, s.readFiles} {
		if err := step(&c); err != nil {
			return nil, err
		}
	}
	scrubber, warnings, err := c.Scrubber()
	if err != nil {
		return nil, faulty(err)
	}
	for _, warning := range append(c.Warnings, warnings...) {
		fmt.Fprintf(stderr, "warning: %s\n", warning)
	}
	store, doubts, err := c.Policies(nil)
	if err != nil {
		return nil, faulty(err)
	}
	for _, doubt := range doubts {
		fmt.Fprintf(stderr, "warning: %s\n", doubt)
	}
	current, err := store.InForce()
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	return scrubber.With(current.SecretsAllow()), nil
}

// readScanned reads a file, or standard input for "-".
func readScanned(env environment, name string) (string, error) {
	in := env.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer file.Close()
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxScanned+1))
	if err == nil && len(raw) > maxScanned {
		err = errors.New("there is more than " + fmt.Sprint(maxScanned) + " bytes to look through")
	}
	return string(raw), err
}
