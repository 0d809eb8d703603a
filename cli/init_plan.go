package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"aegis/internal/clients"
	"aegis/sanitize"

	"github.com/spf13/cobra"
)

// plan is what is to be done: all of it is known, and shown, before the first thing is.
type plan struct {
	cmd      *cobra.Command
	terminal terminal
	typed    *bufio.Reader
	scrubber *sanitize.Scrubber
	steps    []step
	told     []string // what is as it is wanted already, or is to be done by hand
	failed   []string
}

// step is one thing to do.
type step struct {
	shows string // what it does, in lines
	do    func() error
}

func (p *plan) tell(format string, args ...any) {
	p.told = append(p.told, fmt.Sprintf(format, args...))
}

func (p *plan) fail(format string, args ...any) {
	p.failed = append(p.failed, fmt.Sprintf(format, args...))
}

// files plans the token, the policy and the folders.
func (p *plan) files(w wanted) error {
	for _, folder := range w.folders {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			p.steps = append(p.steps, step{"make the folder " + folder + ", for the audit log\n", func() error { return os.MkdirAll(folder, 0o700) }})
		}
	}
	if w.token != "" {
		p.steps = append(p.steps, step{"write the token, which is not shown, to " + w.tokenFile + "\n", func() error {
			if err := fitForSecrets(w.tokenFile); err != nil {
				return err
			}
			return replaceSecret(w.tokenFile, w.token+"\n")
		}})
	}
	if w.policy == "" {
		p.tell("the policy stays as it is: %s", w.server.Env["POLICY_FILE_PATH"])
		return nil
	}
	p.steps = append(p.steps, step{"write " + w.policyFile + "\n" + p.lines("+ ", strings.SplitAfter(w.policy, "\n"), func(line string) string { return line }), func() error {
		return newFile(w.policyFile, w.policy, 0o600)
	}})
	return nil
}

// entries plans each client's entry.
func (p *plan) entries(chosen []installed, server clients.Server) {
	if len(chosen) == 0 {
		p.tell("no client is found here; \"aegis init --client NAME --print\" prints an entry for one")
	}
	for _, c := range chosen {
		was, err := readClient(c.file)
		if err != nil {
			p.fail("%s: %s %v", c.Title, c.file, err)
			continue
		}
		if c.own {
			p.ownCommand(c, was, server)
			continue
		}
		is, err := clients.Edit(c.Client, was, server)
		if err != nil {
			p.fail("%s: %s %v; the entry is printed by: aegis init --client %s --print", c.Title, c.file, err, c.Name)
			continue
		}
		p.edit(c, was, is, server)
	}
}

// removals plans to take each client's entry out.
func (p *plan) removals(chosen []installed) {
	for _, c := range chosen {
		was, err := readClient(c.file)
		is, there := "", false
		if err == nil && was != "" {
			is, there, err = clients.Remove(c.Client, was)
		}
		switch {
		case err != nil:
			p.fail("%s: %s %v", c.Title, c.file, err)
		case !there:
			p.tell("%s has no entry %s: %s", c.Title, clients.Name, c.file)
		case c.own:
			p.run(c, c.Own.Remove)
		default:
			p.edit(c, was, is, clients.Server{})
		}
	}
}

// edit plans a changed text of a client's file.
func (p *plan) edit(c installed, was, is string, server clients.Server) {
	if was == is {
		p.tell("%s has the entry already: %s", c.Title, c.file)
		return
	}
	if err := writable(c.file); err != nil {
		p.fail("%s: %s %v", c.Title, c.file, err)
		return
	}
	p.steps = append(p.steps, step{c.Title + ": change " + c.file + "\n" + p.difference(was, is, ownWords(c.Client, server)), func() error { return replaceClient(c.file, was, is) }})
}

// ownCommand plans to have a client told by its own command.
func (p *plan) ownCommand(c installed, was string, server clients.Server) {
	if found, err := clients.Entries(c.Client, was); err == nil {
		if _, there := found[clients.Name]; there {
			if text, err := clients.Edit(c.Client, was, server); err == nil && text == was {
				p.tell("%s has the entry already: %s", c.Title, c.file)
				return
			}
			p.run(c, c.Own.Remove)
		}
	}
	p.run(c, c.Own.Add(server))
}

// run plans a client's own command. A copy is kept of the file that it changes.
func (p *plan) run(c installed, command []string) {
	shown := make([]string, len(command))
	for i, word := range command {
		shown[i] = quoted(word)
	}
	p.steps = append(p.steps, step{c.Title + ": run " + strings.Join(shown, " ") + "\n", func() error {
		if err := keepCopy(c.file); err != nil {
			return err
		}
		out, err := exec.CommandContext(p.cmd.Context(), command[0], command[1:]...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", command[0], err, quoted(strings.TrimSpace(string(out))))
		}
		return nil
	}})
}

// show prints what is planned.
func (p *plan) show() {
	out := p.cmd.OutOrStdout()
	for _, each := range p.steps {
		fmt.Fprint(out, each.shows)
	}
	for _, each := range p.told {
		fmt.Fprintln(out, each)
	}
}

// goOn asks whether to go on, where there is somebody to ask.
func (p *plan) goOn() bool {
	return !p.terminal.canAsk() || p.ask("Type yes to do this: ") == "yes"
}

// do does what is planned. What fails is told, and the rest done.
func (p *plan) do() {
	for _, each := range p.steps {
		if err := each.do(); err != nil {
			p.fail("%v", plain(err))
		}
	}
}

// conclude says what comes next.
func (p *plan) conclude(f initFlags) {
	said := "Start the client anew; \"aegis doctor\" says whether all is well."
	switch {
	case f.dryRun:
		said = "Nothing was written."
	case f.remove:
		said = "Policy, token and audit log stay where they are."
	}
	fmt.Fprintln(p.cmd.ErrOrStderr(), said)
}
