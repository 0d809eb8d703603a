package cli

import (
	"errors"
	"fmt"
	"io"

	"aegis/gate/policy"

	"github.com/spf13/cobra"
)

func explainPolicyCommand(s *settings) *cobra.Command {
	var q policy.Question
	var asJSON bool
	var floor string
	command := &cobra.Command{
		Use:   "explain TOOL [OWNER/REPO]",
		Short: "Say how a call would be decided, by which rules, and what would change it",
		Long: `Decides a call of TOOL by the policy in force, or by that of --policy, with the function
that decides every call, and says by which rule; what else speaks for it or against; what
is overruled, and by what; and what would have to be changed for another decision.

The policy stands on this machine's managed floor, as it does in a session, or on that of
--floor. A rule is named by its file and line, and one of the floor begins with "floor".

It asks nobody. What is not given is not judged: a commit without --branch and --write
is one to nowhere of nothing. Write mode, the write whitelist, flow control and limits are no matter of
a single case, and decided besides.

Exit status 0 if the call is allowed, 3 if it is denied, 4 if a human is asked first; 2 if there
is no such call, or the policy does not load.`,
		Example: `  aegis policy explain get_file_contents acme/app --path secrets/prod.env
  aegis policy explain commit_files acme/sandbox --branch agent/x --write docs/a.md --principal ci-1`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Tool = args[0]
			if len(args) == 2 {
				q.Repository = args[1]
			}
			p, err := s.loadPolicy(cmd, "", floor)
			if err != nil {
				return err
			}
			told, err := explained(p, q)
			if err != nil {
				return &failure{exitUsage, err}
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), told.json())
			} else {
				err = told.print(cmd.OutOrStdout())
			}
			return errors.Join(err, told.failure())
		},
	}
	floorFlag(command, &floor)
	flags := command.Flags()
	flags.StringVar(&q.Path, "path", "", "path that is read; a folder's ends in a slash")
	flags.StringArrayVar(&q.Writes, "write", nil, "path that is written; repeatable")
	flags.StringVar(&q.Branch, "branch", "", "branch that the call lands on, or refs/tags/NAME")
	flags.StringVar(&q.Ref, "ref", "", "ref that a workflow is started on; what reads may read any")
	flags.BoolVar(&q.DefaultBranch, "default-branch", false, "the branch is the repository's default one")
	flags.StringVar(&q.Principal, "principal", "", "who asks: a key's name, a user, job:NAME (default: whoever it is)")
	flags.StringArrayVar(&q.ForkOf, "fork-of", nil, "what the repository was forked from, the nearest first; repeatable")
	flags.BoolVar(&asJSON, "json", false, "as JSON")
	return takes(command, policyFile)
}

// explanation is how a question is decided, and what else there is to say.
type explanation struct {
	policy.Explanation
	unsaid    []string
	asDefault *policy.Decision // if the branch were the default one, where that differs
}

func explained(p *policy.Policy, q policy.Question) (e explanation, err error) {
	c, err := q.Case()
	if err != nil {
		return e, err
	}
	e = explanation{Explanation: p.Explain(c), unsaid: c.Unsaid()}
	if c.Branch != "" && c.Default == policy.NotDefault {
		c.Default = policy.IsDefault
		if d := p.Decide(c); d.Verdict() != e.Decision.Verdict() {
			e.asDefault = &d
		}
	}
	return e, nil
}

func (e explanation) print(out io.Writer) error {
	if _, err := fmt.Fprint(out, e.Explanation); err != nil {
		return err
	}
	for _, what := range e.unsaid {
		fmt.Fprintf(out, "  not judged which %s: none was given\n", what)
	}
	if e.asDefault != nil {
		fmt.Fprintf(out, "  %s if %s is the default branch: %s (%s)\n", e.asDefault.Verdict(), e.Case.Branch, e.asDefault.Why, e.asDefault.Rule)
	}
	return nil
}

// failure is the exit status of a call that is not simply allowed.
func (e explanation) failure() error {
	switch e.Decision.Verdict() {
	case policy.Denies:
		return &failure{exitDenied, errors.New("denied: " + string(e.Decision.Code))}
	case policy.Asks:
		return &failure{exitAsked, errors.New("a human is asked first")}
	}
	return nil
}

// toldRule is a rule that took part, as JSON.
type toldRule struct {
	File        string        `json:"file,omitempty"`
	Line        int           `json:"line,omitempty"`
	Key         string        `json:"key"`
	Pattern     string        `json:"pattern,omitempty"`
	Effect      policy.Effect `json:"effect"`
	Why         string        `json:"why"`
	OverruledBy string        `json:"overruled_by,omitempty"`
}

func (e explanation) json() any {
	told := struct {
		Decision  policy.Effect   `json:"decision"`
		Code      policy.Code     `json:"code,omitempty"`
		Rule      string          `json:"rule"`
		Why       string          `json:"why"`
		Reason    string          `json:"reason,omitempty"`
		Rules     []toldRule      `json:"rules"`
		Changes   []string        `json:"changes"`
		Sections  []string        `json:"sections,omitempty"`
		Unsaid    []string        `json:"not_judged,omitempty"`
		AsDefault policy.Effect   `json:"if_default_branch,omitempty"`
		Policy    string          `json:"policy_sha256"`
		Origins   []policy.Origin `json:"policies"`
	}{
		Decision: e.Decision.Verdict(), Code: e.Decision.Code, Rule: e.Decision.Rule.String(), Why: e.Decision.Why, Reason: e.Decision.Reason,
		Rules: []toldRule{}, Changes: e.Changes, Sections: e.Sections, Unsaid: e.unsaid, Policy: e.Origins[0].SHA256, Origins: e.Origins,
	}
	for _, r := range e.Rules {
		told.Rules = append(told.Rules, toldRule{r.Rule.File, r.Rule.Line, r.Rule.Key, r.Pattern, r.Effect, r.Why, r.OverruledBy.String()})
	}
	if e.asDefault != nil {
		told.AsDefault = e.asDefault.Verdict()
	}
	return told
}
