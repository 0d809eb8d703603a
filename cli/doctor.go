package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"aegis/internal/app"
	"aegis/sanitize"

	"github.com/spf13/cobra"
)

func doctorCommand(env environment, s *settings) *cobra.Command {
	var asJSON, offline bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Say whether Aegis is set up well here, and what to do if not",
		Long: `Looks at everything that a session with these settings needs, and prints a line for
each thing: ok, warn or fail, what it is, and what to do. Where settings come from;
policy and managed floor; audit log, state and kill switch; Gitea, the token and its
user; and the entries of MCP clients on this machine, and whether each would start.

Gitea is asked through the gate, by calls that read; they are in the audit log like any
others. --offline asks nobody. No secret is printed.

Exit status 0; 1 if something fails.`,
		Example: "  aegis doctor\n  aegis doctor --offline --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &doctor{settings: s, env: env, offline: offline}
			d.examine(cmd.Context())
			if err := d.print(cmd.OutOrStdout(), asJSON); err != nil {
				return err
			}
			if n := d.count(failed); n > 0 {
				return &failure{exitFailed, errors.New(count(int64(n), "check fails", "checks fail"))}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	command.Flags().BoolVar(&offline, "offline", false, "do not ask Gitea")
	return takes(command, everySetting()...)
}

// What a check comes to.
const (
	fine   = "ok"
	doubt  = "warn"
	failed = "fail"
)

// check is one thing that was looked at.
type check struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Says   string `json:"says"`
	Fix    string `json:"fix,omitempty"`
}

// doctor looks at one thing after the other. It changes nothing but that the calls which
// it makes are in the audit log.
type doctor struct {
	*settings
	env     environment
	offline bool
	config  Config
	checks  []check
}

func (d *doctor) note(status, name, fix, format string, args ...any) {
	d.checks = append(d.checks, check{name, status, fmt.Sprintf(format, args...), fix})
}

func (d *doctor) count(status string) (n int) {
	for _, c := range d.checks {
		if c.Status == status {
			n++
		}
	}
	return n
}

// examine makes all checks.
func (d *doctor) examine(ctx context.Context) {
	d.note(fine, "version", "", "aegis %s", Version)
	configured := d.checkSettings()
	d.checkPolicies()
	d.checkLog(ctx)
	d.checkState()
	d.checkSwitch()
	switch {
	case d.offline:
	case !configured || d.count(failed) > 0:
		d.note(doubt, "Gitea", "mend what fails first", "was not asked")
	default:
		d.checkGitea(ctx)
	}
	d.checkClients()
}

// checkSettings reads each setting, and tells where it comes from.
func (d *doctor) checkSettings() bool {
	var given []string
	for _, name := range everySetting() {
		value, source, err := d.value(name)
		switch {
		case err != nil || value == "":
			continue // told below
		case allSettings[name].secret:
			value = "(not shown)"
		}
		given = append(given, source+"="+quoted(withoutSecrets(name, value)))
	}
	if given == nil {
		given = []string{"nothing is set"}
	}
	d.note(fine, "settings", "", "%s", strings.Join(given, ", "))
	good := true
	for _, read := range []func(*Config) error{d.readURL, d.readToken, d.readFiles, d.readKeeping, d.readWrite, d.readRest} {
		if err := read(&d.config); err != nil {
			good = false
			d.note(failed, "settings", "correct that setting; \"aegis init\" sets Aegis up", "%v", err)
		}
	}
	for _, warning := range d.config.Warnings {
		d.note(doubt, "settings", "sessions say so, too, and go on; put it right where it is named", "%s", warning)
	}
	if good && d.config.Token == "" {
		fix := "set GITEA_TOKEN_FILE, or run \"aegis init\""
		if kept, err := d.tokenKept(); err == nil && exists(kept) {
			fix = "set GITEA_TOKEN_FILE=" + kept + ", as the clients' entries do"
		}
		d.note(doubt, "token", fix, "there is none: only what Gitea shows to everybody can be read")
	}
	return good
}

// withoutSecrets is a setting's value without the parts of it that may be one: what a
// command is given, and of an address where checkpoints go all but the host.
func withoutSecrets(name, value string) string {
	scheme, rest, address := strings.Cut(value, "://")
	switch {
	case strings.HasPrefix(value, "exec:"):
		return "exec:…"
	case name == tokenCommand:
		program, _, _ := strings.Cut(value, " ")
		return program + " …"
	case !address:
		return value
	case strings.Contains(rest, "@"):
		return scheme + "://…"
	case name == checkpointTo || strings.Contains(rest, "?"):
		host, _, _ := strings.Cut(rest, "/")
		host, _, _ = strings.Cut(host, "?")
		return scheme + "://" + host + "/…"
	}
	return value
}

// print tells all checks. Whatever they say is scrubbed.
func (d *doctor) print(out io.Writer, asJSON bool) error {
	clean := d.env.cleaner(d.config)
	for i := range d.checks {
		c := &d.checks[i]
		c.Says, c.Fix = visible(clean(strings.ReplaceAll(c.Says, "\n", " | "))), visible(clean(c.Fix))
	}
	if asJSON {
		return printJSON(out, struct {
			OK     bool    `json:"ok"`
			Checks []check `json:"checks"`
		}{d.count(failed) == 0, d.checks})
	}
	for _, c := range d.checks {
		fmt.Fprintf(out, "%-4s  %-16s  %s\n", c.Status, c.Name, c.Says)
		if c.Fix != "" {
			fmt.Fprintf(out, "%24s  %s\n", "do:", c.Fix)
		}
	}
	return nil
}

// cleaner cuts what a session cuts, the token and values that look like one in the wrong
// place among it. Without a scrubber nothing is told.
func (env environment) cleaner(of Config) func(string) string {
	c := app.Config{Token: of.Token, Gitleaks: of.Gitleaks, Secrets: of.Secrets}
	if w, ok := env.stderr.(*cleanStderr); ok {
		c.Secrets = append(c.Secrets[:len(c.Secrets):len(c.Secrets)], w.secrets...)
	}
	scrubber, _, err := c.Scrubber()
	if err != nil { // its own rules or values are wrong, which is told
		scrubber, err = sanitize.New(sanitize.Config{Secrets: c.Secrets})
	}
	if err != nil {
		return func(string) string { return "(withheld: no scrubber can be made)" }
	}
	return scrubber.Line
}
