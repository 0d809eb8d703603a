package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/keys"
	"aegis/internal/operatorfile"

	"github.com/spf13/cobra"
)

// keyFlags are what is said of a key as it is made.
type keyFlags struct {
	tokenFile  string
	shared     bool
	write      bool
	writeRepos []string
	policy     string
	expires    string
	from       []string
}

func addKeyCommand(s *settings) *cobra.Command {
	var f keyFlags
	command := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a key and print it, once",
		Long: `Makes a key for the caller NAME and prints it, alone, on standard output. It is
shown this once: the file holds its hash.

The caller goes to Gitea with the token in --gitea-token-file, or with the server's
own (--shared-token), or as nobody. It reads what that token and the policy let it
read. It writes to the repositories of --write-repo, if the server may as well.
--policy narrows the server's policy for it, and can't give it anything.`,
		Example: `  aegis keys add ci --gitea-token-file /etc/aegis/ci.token --expires 90d
  aegis keys add bot --gitea-token-file /etc/aegis/bot.token --write --write-repo acme/app --from 10.1.0.0/16
  aegis keys add guest --policy /etc/aegis/guest.yaml > guest.key`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			k, err := f.key(cmd, args[0], time.Now())
			if err != nil {
				return err
			}
			var secret string
			err = editKeys(cmd, s, func(all []*keys.Key) (more []*keys.Key, err error) {
				more, secret, err = keys.Add(all, k, time.Now())
				return more, err
			})
			if err != nil {
				return err
			}
			return showKey(cmd, secret, fmt.Sprintf("%s may come %s.", k.Name, until(k.Expires)))
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.tokenFile, "gitea-token-file", "", "file that holds the caller's access token for Gitea alone")
	flags.BoolVar(&f.shared, "shared-token", false, "the caller goes to Gitea with the server's token")
	flags.BoolVar(&f.write, "write", false, "the caller may write")
	flags.StringArrayVar(&f.writeRepos, "write-repo", nil, "repository that it may write to, exact owner/name; repeatable")
	flags.StringVar(&f.policy, "policy", "", "policy file that narrows the server's for this caller")
	flags.StringVar(&f.expires, "expires", "", "how long the key counts, such as 90d, or until when, as in 2031-02-03T04:05:06Z")
	flags.StringArrayVar(&f.from, "from", nil, "address or network that the caller may come from; repeatable")
	return takes(command, keysFile)
}

// key makes a key of the flags. What they name has to be there.
func (f *keyFlags) key(cmd *cobra.Command, name string, now time.Time) (k keys.Key, err error) {
	k = keys.Key{Name: name, Shared: f.shared}
	switch {
	case f.shared && f.tokenFile != "":
		return k, wrong("--shared-token", "the caller has a token of its own, --gitea-token-file")
	case f.write != (len(f.writeRepos) > 0):
		return k, wrong("--write", "a caller that writes has both --write and --write-repo, and another one neither")
	}
	for _, text := range f.writeRepos {
		repo, err := canon.ParseFullName(text)
		if err != nil {
			return k, wrong("--write-repo", "%q: exact names, as in acme/app, and no patterns", text)
		}
		k.Writes = append(k.Writes, repo)
	}
	for _, text := range f.from {
		network, err := keys.ParseNetwork(text)
		if err != nil {
			return k, wrong("--from", "%q: %v", text, err)
		}
		k.From = append(k.From, network)
	}
	if k.Expires, err = f.end(now); err != nil {
		return k, err
	}
	if k.TokenFile, err = present(f.tokenFile); err == nil {
		err = checkToken(cmd, k.TokenFile)
	}
	if err != nil {
		return k, wrong("--gitea-token-file", "%v", err)
	}
	if k.Policy, err = present(f.policy); err == nil {
		err = checkPolicy(cmd, k.Policy)
	}
	if err != nil {
		return k, wrong("--policy", "%v", err)
	}
	return k, nil
}

// end is until when the key counts, the zero time for ever.
func (f *keyFlags) end(now time.Time) (time.Time, error) {
	if f.expires == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, f.expires)
	if err != nil {
		var lasts time.Duration
		lasts, err = span(f.expires)
		at = now.Add(lasts)
	}
	if err != nil || !at.After(now) {
		return at, wrong("--expires", "%q is neither how long the key counts (12h, 90d) nor a time to come such as 2031-02-03T04:05:06Z", f.expires)
	}
	return at.UTC().Truncate(time.Second), nil
}

// present is a file's absolute name: the server has another working folder.
func present(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	if operatorfile.Placeholder(file) != "" {
		return "", errors.New("this is a placeholder (${…}), and no file")
	}
	if tokenItself().MatchString(file) {
		return "", errors.New("this looks like a token and not like the name of a file; put it into one")
	}
	return filepath.Abs(file)
}

// checkToken reads a key's access token. "" is none.
func checkToken(cmd *cobra.Command, file string) error {
	if file == "" {
		return nil
	}
	token, read, err := operatorfile.Value(file, maxTokenFile)
	warn(cmd, file, read.Warnings)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := tokenProblem(token); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// checkPolicy loads a key's policy. "" is none.
func checkPolicy(cmd *cobra.Command, file string) error {
	if file == "" {
		return nil
	}
	_, warnings, err := policy.Load(file)
	for _, warning := range warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", warning)
	}
	return err
}

// until says how long something counts.
func until(end time.Time) string {
	if end.IsZero() {
		return "until its key is revoked"
	}
	return "until " + end.UTC().Format(time.RFC3339)
}
