package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"aegis/gate/policy"
	"aegis/internal/automation"
	"aegis/internal/canon"
	"aegis/internal/jobs"
	"aegis/sanitize"
	"aegis/tools"

	"github.com/spf13/cobra"
)

func explainJobCommand(s *settings) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "explain NAME",
		Short: "Tell in words what a job does, and whether policy lets it",
		Long: `Tells what the job NAME waits for, what it calls in which order, and of each tool that
it calls which keys of policy that takes and whether the policy in force has them for
it: by the file, the write mode and the write whitelist that a server with these
settings would have. Needs no server, and contacts nobody.

Paths, branches, forks and flow control depend on what a run meets, and are decided then.`,
		Example: "  aegis jobs explain stale-issues --jobs /etc/aegis/jobs.yaml --policy /etc/aegis/policy.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := s.readJob(cmd, args[0])
			if err != nil {
				return err
			}
			l, err := s.lets(cmd, job)
			if err != nil {
				return err
			}
			does, err := described(job)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), struct {
					listedJob
					Does    []string `json:"does"`
					Policy  string   `json:"policy"`
					Writing string   `json:"write_mode"`
					Calls   []let    `json:"calls"`
				}{listed(job, time.Now()), strings.Split(strings.TrimSuffix(does, "\n"), "\n"), l.policy.Source(), onOff(l.writeMode), l.all()})
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s", job.Name, does)
			return l.print(cmd.OutOrStdout())
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return takes(command, jobsFile, policyFile, writeMode, writeRepo)
}

// described is what a job does, in words, without the secrets that somebody may have
// written into its texts.
func described(job *jobs.Job) (string, error) {
	scrubber, err := sanitize.New(sanitize.Config{})
	if err != nil {
		return "", err
	}
	does, _ := scrubber.Text(job.Describe(), sanitize.TextOptions{})
	return does, nil
}

// lets is what a job is let do by a policy, write mode and the write whitelist.
type lets struct {
	job       *jobs.Job
	policy    *policy.Policy // as it applies to the job
	writeMode bool
	writable  []canon.Repo
}

// lets reads what decides on a job's calls.
func (s *settings) lets(cmd *cobra.Command, job *jobs.Job) (l lets, err error) {
	var c Config
	if err := s.readWrite(&c); err != nil {
		return l, err
	}
	p, warnings, err := s.policyInForce("")
	for _, warning := range warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", warning)
	}
	var usage *failure
	switch {
	case errors.As(err, &usage):
		return l, usage
	case err != nil:
		return l, &failure{exitFailed, err}
	}
	return lets{job, p.For(job.Principal()), c.Write, c.WriteRepos}, nil
}

// let is whether a tool may be called somewhere.
type let struct {
	Where    string   `json:"where"` // a repository, a pattern of them, or a clause
	Tool     string   `json:"tool"`
	Needs    []string `json:"needs"`    // keys of policy that have to say allow
	Decision string   `json:"decision"` // allow, deny; depends, on which repository it is
	Because  string   `json:"because,omitempty"`
}

const (
	nowhere  = "no repository"
	answered = "a repository that an answer names"
)

// all judges each tool that the job calls, everywhere.
func (l lets) all() (all []let) {
	needs := l.job.Needs()
	for _, tool := range automation.AlsoCalls(l.job, automation.Catalog(tools.All())) {
		if n := (jobs.Need{Tool: tool, Own: true}); !slices.Contains(needs, n) {
			needs = append(needs, n)
		}
	}
	for _, n := range needs {
		switch {
		case !n.Repository.IsZero():
			all = append(all, l.in(n.Tool, n.Repository))
		case n.Own:
			all = append(all, l.inOwn(n.Tool)...)
		case l.needsNone(n.Tool):
			all = append(all, l.in(n.Tool, canon.Repo{}))
		default:
			all = append(all, l.somewhere(n.Tool, answered))
		}
	}
	slices.SortStableFunc(all, func(a, b let) int { return strings.Compare(a.Where, b.Where) })
	return all
}

// inOwn judges a tool in the job's own repositories: in those that are known by name, and
// for a pattern of which none is, wherever it may be.
func (l lets) inOwn(tool string) (all []let) {
	if l.needsNone(tool) {
		return []let{l.in(tool, canon.Repo{})}
	}
	for _, pattern := range l.job.Repositories {
		if repo, exact := pattern.Exact(); exact {
			all = append(all, l.in(tool, repo))
			continue
		}
		all = append(all, l.somewhere(tool, pattern.String()))
		for _, repo := range l.writable {
			if pattern.Matches(repo) {
				all = append(all, l.in(tool, repo))
			}
		}
	}
	return all
}

// needsNone reports whether a tool is called without a repository.
func (l lets) needsNone(tool string) bool {
	c, _ := policy.ToolCapability(tool)
	return l.policy.Decide(policy.Case{Tool: tool, Capability: c, Principal: l.job.Principal()}).Rule.Key != "repositories"
}

// in judges a tool in one repository; the zero one is none.
func (l lets) in(tool string, repo canon.Repo) let {
	made := l.needing(tool, nowhere)
	if !repo.IsZero() {
		made.Where = repo.String()
	}
	c, _ := policy.ToolCapability(tool)
	d := l.policy.Decide(policy.Case{Tool: tool, Capability: c, Principal: l.job.Principal(), Repo: repo, Default: policy.NotDefault})
	switch {
	case !d.Allow:
		made.Decision, made.Because = "deny", fmt.Sprintf("%s (%s)", d.Why, d.Rule)
	case d.Ask:
		made.Decision, made.Because = "deny", fmt.Sprintf("a human is to be asked, and a job has none (%s)", d.AskRule)
	case c != policy.Read && !l.writeMode:
		made.Decision, made.Because = "deny", "write mode is off ("+names(writeMode)+")"
	case c != policy.Read && !slices.Contains(l.writable, repo):
		made.Decision, made.Because = "deny", "not on the write whitelist ("+names(writeRepo)+")"
	default:
		made.Decision = "allow"
	}
	return made
}

// somewhere judges a tool where it depends on a run which repository it is called in.
func (l lets) somewhere(tool, where string) let {
	made := l.needing(tool, where)
	c, _ := policy.ToolCapability(tool)
	switch {
	case !l.policy.AllowsTool(tool, c):
		made.Decision, made.Because = "deny", "the policy allows it in no repository"
	case c != policy.Read && !l.writeMode:
		made.Decision, made.Because = "deny", "write mode is off ("+names(writeMode)+")"
	default:
		made.Decision, made.Because = "depends", "on the repository"
		if c != policy.Read {
			made.Because += ", which has to be on the write whitelist"
		}
	}
	return made
}

func (l lets) needing(tool, where string) let {
	made := let{Tool: tool, Where: where}
	c, _ := policy.ToolCapability(tool)
	for _, needed := range l.policy.Needs(c) {
		made.Needs = append(made.Needs, needed.String())
	}
	return made
}

func (l lets) print(out io.Writer) error {
	fmt.Fprintf(out, "By the policy %s, write mode %s:\n", quoted(l.policy.Source()), onOff(l.writeMode))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	where := ""
	for _, each := range l.all() {
		if each.Where != where {
			where = each.Where
			fmt.Fprintf(table, "  in %s:\n", where)
		}
		fmt.Fprintln(table, strings.TrimSuffix(strings.Join([]string{"    " + each.Decision, each.Tool, "needs " + strings.Join(each.Needs, ", "), each.Because}, "\t"), "\t"))
	}
	return table.Flush()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
