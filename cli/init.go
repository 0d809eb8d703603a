package cli

import (
	"errors"
	"fmt"
	"strings"

	"aegis/internal/app"
	"aegis/internal/clients"

	"github.com/spf13/cobra"
)

// initFlags are those of aegis init.
type initFlags struct {
	clients    []string
	read       []string
	tokenStdin bool
	tokenFrom  string
	yes        bool
	dryRun     bool
	print      bool
	remove     bool
}

func initCommand(env environment, s *settings) *cobra.Command {
	var f initFlags
	command := &cobra.Command{
		Use:   "init",
		Short: "Set Aegis up for the MCP clients on this machine",
		Long: `Makes a policy, a file for the access token and an entry in the configuration of each
client that is found here, or that --client names. What is there stays: a policy is not
written anew, and of a client's file one entry is changed and nothing else.

What will be written is shown first, and a copy is kept of each client's file that
changes. On a terminal init asks for what no flag says: the address, the token, what may
be read and written, and whether to go on. --yes asks for address and token alone. The
token is read from the terminal without being shown, or from standard input with
--token-stdin, or from GITEA_TOKEN; it goes into a file that only you can read, and into
no client's. Of GITEA_TOKEN_FILE the name is written. With --token-command none is kept:
each session runs the command, such as "pass show gitea", which prints it.

--remove takes the entries out again; policy, token and audit log stay where they are.

Exit status 0; 1 if something could not be set up; 2 for wrong configuration.`,
		Example: `  aegis init --gitea-url https://git.example.org --token-stdin < token
  aegis init --gitea-url https://git.example.org --client cursor --read "acme/*" --write-repo acme/sandbox
  aegis init --dry-run
  aegis init --client codex --print
  aegis init --remove`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return initialise(cmd, env, s, f) },
	}
	flags := command.Flags()
	flags.StringArrayVar(&f.clients, "client", nil, "client to set up: "+strings.Join(clientNames(), ", ")+"; repeatable (default: those that are found)")
	flags.StringArrayVar(&f.read, "read", nil, "pattern of repositories that may be read, such as acme/*; repeatable (default: what the token reads)")
	flags.BoolVar(&f.tokenStdin, "token-stdin", false, "read the access token from standard input")
	flags.StringVar(&f.tokenFrom, "token-command", "", "command that prints the access token, run whenever a session starts; none is kept")
	flags.BoolVar(&f.yes, "yes", false, "do not ask what may be read and written, nor whether to go on")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be written, and write nothing")
	flags.BoolVar(&f.print, "print", false, "print the clients' entries alone, and write nothing")
	flags.BoolVar(&f.remove, "remove", false, "take the entries out of the clients' configuration again")
	return takes(command, giteaURL, giteaToken, tokenFile, tokenCommand, insecureHTTP, caFile, policyFile, auditLog, writeRepo)
}

// initialise plans everything, shows it, and does it then.
func initialise(cmd *cobra.Command, env environment, s *settings, f initFlags) error {
	chosen, err := s.chosenClients(f.clients)
	if err != nil {
		return err
	}
	scrubber, _, err := app.Config{}.Scrubber()
	if err != nil {
		return err
	}
	p := &plan{cmd: cmd, terminal: terminalOf(env), scrubber: scrubber}
	switch {
	case f.remove:
		p.removals(chosen)
	default:
		w, err := s.wanted(env, p, f)
		if err != nil {
			return err
		}
		if f.print {
			return printEntries(cmd, chosen, w.server)
		}
		if err := p.files(w); err != nil {
			return err
		}
		p.entries(chosen, w.server)
	}
	p.show()
	if len(p.steps) > 0 && !f.dryRun {
		if !f.yes && !p.goOn() {
			return &failure{exitFailed, errors.New("nothing was written")}
		}
		p.do()
	}
	p.conclude(f)
	if len(p.failed) > 0 {
		return &failure{exitFailed, errors.New(strings.Join(p.failed, "\n"))}
	}
	return nil
}

func clientNames() (names []string) {
	for _, c := range clients.All() {
		names = append(names, c.Name)
	}
	return names
}

// chosenClients are those that are named, or else those that are here.
func (s *settings) chosenClients(names []string) (chosen []installed, err error) {
	all, err := s.machine()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, ok := clients.Find(name); !ok {
			return nil, wrong("--client", "%q is none of %s", name, strings.Join(clientNames(), ", "))
		}
	}
	for _, c := range all {
		named := false
		for _, name := range names {
			named = named || c.Name == name
		}
		if named || len(names) == 0 && c.found {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// printEntries prints how each client's file would hold the entry alone.
func printEntries(cmd *cobra.Command, chosen []installed, server clients.Server) error {
	if len(chosen) == 0 {
		return &failure{exitFailed, errors.New("no client is found here; name one with --client")}
	}
	for _, c := range chosen {
		text, err := clients.Text(c.Client, server)
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", c.Title, c.file)
		fmt.Fprint(cmd.OutOrStdout(), text)
	}
	return nil
}
