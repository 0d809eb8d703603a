package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"aegis/audit"

	"github.com/spf13/cobra"
)

func statusCommand(env environment, s *settings) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "status",
		Short: "Say in a moment whether calls would be decided here, and by what",
		Long: `Says what a session with these settings would have now: policy, managed floor, audit
log, kill switch and write mode, and what keeps calls from being decided. For monitoring
and inventories; --json has the same members in every version.

It asks nobody, reads no entry of the log, and writes none. "aegis doctor" looks at all
of it, and says what to do.

Exit status 0 if calls would be decided; 1 if each would be denied, or no session starts.`,
		Example: "  aegis status\n  aegis status --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			st := s.status(cmd.Context(), env)
			print := printStatus
			if asJSON {
				print = func(out io.Writer, st standing) error { return printJSON(out, st) }
			}
			if err := print(cmd.OutOrStdout(), st); err != nil {
				return err
			}
			if !st.Ready {
				return &failure{exitFailed, errors.New("not ready: " + strings.Join(st.parts(), ", "))}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return takes(command, everySetting()...)
}

// standing is how it stands with what a session needs.
type standing struct {
	Version  string      `json:"version"`
	Ready    bool        `json:"ready"`
	Problems []missing   `json:"problems"`
	Gitea    string      `json:"gitea_url"`
	Token    bool        `json:"token"` // whether there is one
	Write    bool        `json:"write_mode"`
	Writes   []string    `json:"write_repositories"`
	Policy   policyState `json:"policy"`
	Floor    policyState `json:"floor"`
	AuditLog logState    `json:"audit_log"`
	Kill     switchState `json:"kill_switch"`
}

// missing is a part that keeps calls from being decided.
type missing struct {
	Part string `json:"part"`
	Says string `json:"says"`
}

type policyState struct {
	File   string `json:"file"`   // or the name of the built-in one
	SHA256 string `json:"sha256"` // "" if there is none, or it does not load
}

type logState struct {
	File    string `json:"file"`
	Entries int64  `json:"entries"` // as its head has it
	Head    string `json:"head"`
}

type switchState struct {
	File string `json:"file"`
	On   bool   `json:"on"`
}

// parts are the names of what is missing.
func (st standing) parts() (names []string) {
	for _, each := range st.Problems {
		names = append(names, each.Part)
	}
	return names
}

// status finds out how it stands. What it says is scrubbed.
func (s *settings) status(ctx context.Context, env environment) standing {
	var c Config
	st := standing{Version: Version, Problems: []missing{}, Writes: []string{}}
	lacks := func(part string, err error) {
		if err != nil {
			st.Problems = append(st.Problems, missing{part, strings.ReplaceAll(err.Error(), "\n", " | ")})
		}
	}
	readToken := s.readToken
	if command, _, err := s.value(tokenCommand); err == nil && command != "" {
		readToken = func(*Config) error { return nil } // it may ask its user for a password
		st.Token = true
	}
	for _, read := range []func(*Config) error{s.readURL, readToken, s.readFiles, s.readKeeping, s.readWrite, s.readRest} {
		lacks("settings", read(&c))
	}
	if c.URL != nil {
		st.Gitea = c.URL.String()
	}
	st.Token, st.Write = st.Token || c.Token != "", c.Write
	for _, repo := range c.WriteRepos {
		st.Writes = append(st.Writes, repo.String())
	}
	if c.Floor == "" { // the settings do not say which policy
		_ = s.readPolicy(&c)
	}
	st.ofPolicies(c, lacks)
	lacks("audit_log", st.ofLog(ctx, c))
	lacks("kill_switch", st.ofSwitch(c))
	st.Ready = len(st.Problems) == 0
	clean := env.cleaner(c)
	for _, text := range []*string{&st.Gitea, &st.Policy.File, &st.Floor.File, &st.AuditLog.File, &st.Kill.File} {
		*text = clean(*text)
	}
	for i := range st.Problems {
		st.Problems[i].Says = clean(st.Problems[i].Says)
	}
	return st
}

func (st *standing) ofPolicies(c Config, lacks func(string, error)) {
	st.Policy.File, st.Floor.File = c.PolicyFile, c.Floor
	store, _, err := c.Policies(nil)
	if err != nil {
		lacks("policy", err)
		return
	}
	current, _ := store.Current()
	st.Policy = policyState{current.Source(), current.SHA256()}
	floor, err := store.Floor().Holds()
	lacks("floor", err)
	if floor != nil {
		st.Floor.SHA256 = floor.SHA256()
	}
}

// ofLog finds out whether an entry could be appended. A log that is not there yet is left
// to the first session.
func (st *standing) ofLog(ctx context.Context, c Config) error {
	st.AuditLog.File = c.AuditLog
	if c.AuditLog == "" || !exists(c.AuditLog) && !exists(c.AuditLog+".head") {
		return nil
	}
	log, err := audit.Open(c.AuditLog, c.Audit)
	if err != nil {
		return err
	}
	defer log.Close()
	if err := log.Check(ctx); err != nil {
		return err
	}
	st.AuditLog.Entries, st.AuditLog.Head, err = audit.Head(log.Path())
	return err
}

func (st *standing) ofSwitch(c Config) error {
	st.Kill.File = c.KillSwitch
	if c.KillSwitch == "" {
		return nil
	}
	switch _, err := os.Lstat(c.KillSwitch); {
	case err == nil:
		st.Kill.On = true
		return fmt.Errorf("every call is denied while %s exists", c.KillSwitch)
	case !errors.Is(err, fs.ErrNotExist):
		st.Kill.On = true
		return fmt.Errorf("whether %s exists can't be told, so every call is denied", c.KillSwitch)
	}
	return nil
}

// printStatus prints a line for each thing.
func printStatus(out io.Writer, st standing) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s  %s\n", name, visible(fmt.Sprintf(format, args...)))
	}
	ready := "yes"
	if !st.Ready {
		ready = "no"
	}
	line("ready", "%s", ready)
	for _, each := range st.Problems {
		line("lacks", "%s: %s", each.Part, each.Says)
	}
	line("version", "%s", st.Version)
	line("gitea", "%s, %s", cmp.Or(st.Gitea, "none"), map[bool]string{true: "with a token", false: "without a token"}[st.Token])
	line("writing", "%s", map[bool]string{true: "on: " + cmp.Or(strings.Join(st.Writes, ", "), "no repository"), false: "off"}[st.Write])
	line("policy", "%s, %s", cmp.Or(st.Policy.File, "none"), digits(st.Policy.SHA256, "which does not load"))
	line("floor", "%s, %s", st.Floor.File, digits(st.Floor.SHA256, "none"))
	line("audit log", "%s, %s, head %s", st.AuditLog.File, count(st.AuditLog.Entries, "entry", "entries"), digits(st.AuditLog.Head, "none"))
	line("kill switch", "%s, %s", st.Kill.File, map[bool]string{true: "on", false: "off"}[st.Kill.On])
	_, err := io.WriteString(out, b.String())
	return err
}

// digits are the first of a hash, which tell it from others.
func digits(hash, otherwise string) string {
	if hash == "" {
		return otherwise
	}
	return hash[:min(len(hash), 12)]
}
