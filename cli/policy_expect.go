package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"aegis/gate/policy"
	"aegis/gate/policy/expect"

	"github.com/spf13/cobra"
)

// maxExpectations bounds a file of expectations, in bytes.
const maxExpectations = 1 << 20

func expectPolicyCommand(s *settings) *cobra.Command {
	var asJSON, asJUnit, whole bool
	var floor string
	command := &cobra.Command{
		Use:   "test FILE...",
		Short: "Hold a policy against what you expect of it",
		Long: `Decides each call of the FILEs and says where that is not what they expect: allow, deny or
ask, and if they name them the code and the rule. Says also which rules of the policy no
expectation touches: nobody would notice if they were gone.

A file named NAME.test.yaml is held against the NAME.yaml beside it, any other one against the
policy in force; with --policy all are held against that one. These
are tested by themselves, so that it comes to the same wherever they are; the policy in
force stands on this machine's managed floor. With --floor each stands on that one. A
floor's rules decide, and are not among those that an expectation has to touch.

    version: 1
    tests:
      - call: {tool: get_file_contents, repository: acme/app, path: secrets/prod.env}
        expect: deny
        code: path_denied
      - call: {tool: commit_files, repository: acme/sandbox, branch: agent/x, writes: [docs/a.md], principal: "ci-*"}
        expect: allow

A principal with a star is everybody whom it matches. Exit status 0 if all is as expected, 1 if
something is not, 2 if a file can't be read.`,
		Example: "  aegis policy test policy.test.yaml\n  aegis policy test --junit policy.test.yaml > report.xml\n  aegis policy test policy.test.yaml --floor floor.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON && asJUnit {
				return &failure{exitUsage, errors.New("--json and --junit both write to standard output; name one")}
			}
			tested, err := s.test(cmd, args, floor)
			if err != nil {
				return err
			}
			switch {
			case asJUnit:
				err = expect.WriteJUnit(cmd.OutOrStdout(), tested.reports)
			case asJSON:
				err = printJSON(cmd.OutOrStdout(), tested.json())
			default:
				tested.print(cmd.OutOrStdout())
			}
			return errors.Join(err, tested.failure(whole))
		},
	}
	floorFlag(command, &floor)
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	command.Flags().BoolVar(&asJUnit, "junit", false, "as JUnit's XML")
	command.Flags().BoolVar(&whole, "all-rules", false, "fail if no expectation touches a rule")
	return takes(command, policyFile)
}

// tested is what came of all files.
type tested struct {
	reports   []expect.Report
	untouched []policy.Rule
}

// test runs files, each against its policy, on the floor of a file if one is named.
func (s *settings) test(cmd *cobra.Command, files []string, floor string) (all tested, err error) {
	beside := make(map[string][]expect.Report) // by the policy's file
	policies := make(map[string]*policy.Policy)
	var order []string
	for _, file := range files {
		raw, err := readOperatorFile(file, maxExpectations)
		if err != nil {
			return all, &failure{exitUsage, err}
		}
		expectations, err := expect.Parse(file, raw)
		if err != nil {
			return all, &failure{exitUsage, err}
		}
		name := s.policyOf(file)
		if policies[name] == nil {
			if policies[name], err = s.loadPolicy(cmd, name, floor); err != nil {
				return all, err
			}
			order = append(order, name)
		}
		report := expect.Run(policies[name], file, expectations)
		beside[name], all.reports = append(beside[name], report), append(all.reports, report)
	}
	for _, name := range order {
		all.untouched = append(all.untouched, expect.Untouched(policies[name], beside[name])...)
	}
	return all, nil
}

// policyOf is the policy that a file of expectations is about, "" for the one in force.
func (s *settings) policyOf(file string) string {
	if s.flags.Changed(policyFile) {
		given, _ := s.flags.GetString(policyFile)
		return given
	}
	if name, ok := strings.CutSuffix(file, ".test.yaml"); ok {
		if _, err := os.Stat(name + ".yaml"); err == nil {
			return name + ".yaml"
		}
	}
	return ""
}

func (t tested) print(out io.Writer) {
	total := 0
	for _, report := range t.reports {
		for _, result := range report.Results {
			if result.Failure == "" {
				continue
			}
			fmt.Fprintf(out, "%s:%d: %s: %s\n", report.File, result.Line, result.Title(), result.Failure)
			for line := range strings.Lines(result.Told) {
				fmt.Fprintf(out, "    %s", line)
			}
		}
		total += len(report.Results)
	}
	for _, rule := range t.untouched {
		fmt.Fprintf(out, "untouched: %s\n", ruleText(rule))
	}
	fmt.Fprintf(out, "%d of %d as expected\n", total-t.failed(), total)
}

func ruleText(r policy.Rule) string {
	if r.Pattern == "" {
		return r.String()
	}
	return r.String() + ": " + r.Pattern
}

func (t tested) failed() (n int) {
	for _, report := range t.reports {
		n += report.Failed()
	}
	return n
}

func (t tested) failure(whole bool) error {
	switch {
	case t.failed() > 0:
		return &failure{exitFailed, fmt.Errorf("%d not as expected", t.failed())}
	case whole && len(t.untouched) > 0:
		return &failure{exitFailed, fmt.Errorf("no expectation touches %d rules", len(t.untouched))}
	}
	return nil
}

// toldResult is an expectation and what came of it, as JSON.
type toldResult struct {
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Name     string        `json:"name"`
	OK       bool          `json:"ok"`
	Expected policy.Effect `json:"expected"`
	Decision policy.Effect `json:"decision"`
	Code     policy.Code   `json:"code,omitempty"`
	Rule     string        `json:"rule"`
	Failure  string        `json:"failure,omitempty"`
}

func (t tested) json() any {
	told := struct {
		Failed    int          `json:"failed"`
		Results   []toldResult `json:"results"`
		Untouched []string     `json:"untouched"`
	}{t.failed(), []toldResult{}, []string{}}
	for _, report := range t.reports {
		for _, r := range report.Results {
			told.Results = append(told.Results, toldResult{report.File, r.Line, r.Title(), r.Failure == "", r.Expect, r.Got.Verdict(), r.Got.Code, r.Got.Rule.String(), r.Failure})
		}
	}
	for _, rule := range t.untouched {
		told.Untouched = append(told.Untouched, ruleText(rule))
	}
	return told
}
