package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// Question is a call as a person writes it down, to ask what policy says of it.
type Question struct {
	Tool       string
	Repository string   // OWNER/REPO, "" for a tool that needs none
	Path       string   // that is read; one that ends in a slash is a folder
	Writes     []string // paths that are written
	Branch     string   // that a write lands on, or automation runs on; refs/tags/NAME for a tag
	Ref        string   // what automation runs on, as the tool is told; of no effect on what reads
	Principal  string   // who asks, "" for whoever it is
	ForkOf     []string // what the repository was forked from, the nearest first

	// DefaultBranch says that the branch is the repository's default one.
	DefaultBranch bool
}

// wholeTree are tools that look at the whole repository if no path is named.
var wholeTree = []string{"get_file_tree", "search_code", "compare_refs", "get_commit"}

// Case makes a case of the question, as the gate does of a call. Its error says what in
// the question can be no call.
func (q Question) Case() (Case, error) {
	known, ok := tools[q.Tool]
	if !ok {
		return Case{}, fmt.Errorf("there is no tool %s%s", quote(q.Tool), closest(q.Tool, toolNames))
	}
	c := Case{Tool: q.Tool, Capability: known.capability, Principal: q.Principal, Default: NotDefault}
	if q.DefaultBranch {
		c.Default = IsDefault
	}
	if q.Repository == "" {
		switch {
		case !known.repoless:
			return Case{}, fmt.Errorf("%s needs a repository: OWNER/REPO", q.Tool)
		case q.Path != "" || q.Branch != "" || q.Ref != "" || len(q.Writes)+len(q.ForkOf) > 0:
			return Case{}, errors.New("paths, branches and parents need a repository")
		}
		return c, nil
	}
	var err error
	if c.Repo, err = canon.ParseFullName(q.Repository); err != nil {
		return Case{}, err
	}
	for _, parent := range q.ForkOf {
		repo, err := canon.ParseFullName(parent)
		if err != nil {
			return Case{}, err
		}
		c.Lineage = append(c.Lineage, Place{Name: repo})
	}
	if known.capability == Read {
		return c, q.reads(&c)
	}
	return c, q.changes(&c)
}

// reads adds what a tool that reads looks at.
func (q Question) reads(c *Case) error {
	switch {
	case q.Branch != "" || q.DefaultBranch:
		return fmt.Errorf("%s only reads, and policy lets no branch make a difference to that; leave the branch out", q.Tool)
	case len(q.Writes) > 0:
		return fmt.Errorf("%s only reads; name a path instead of what is written", q.Tool)
	case q.Ref != "":
		if _, err := canon.ParseRef(q.Ref); err != nil {
			return err
		}
	}
	if q.Path == "" {
		if slices.Contains(wholeTree, q.Tool) {
			c.Paths, c.Folder = []canon.Path{{}}, true
		}
		return nil
	}
	text, folder := strings.CutSuffix(q.Path, "/")
	path, err := canon.ParsePath(text)
	c.Paths, c.Folder = []canon.Path{path}, folder || q.Tool == "get_file_tree"
	return err
}

// changes adds where a tool that changes something lands.
func (q Question) changes(c *Case) error {
	switch {
	case q.Path != "":
		return fmt.Errorf("%s does not read a path; name what is written instead", q.Tool)
	case len(q.Writes) > 0 && c.Capability == Automation:
		return fmt.Errorf("%s writes no path", q.Tool)
	case q.Ref != "" && c.Capability == Automation && q.Branch != "":
		return errors.New("a branch and a ref are two places to run on; name one")
	}
	for _, text := range q.Writes {
		path, err := canon.ParsePath(text)
		if err != nil {
			return err
		}
		c.Paths = append(c.Paths, path)
	}
	lands := q.Branch
	if q.Ref != "" {
		ref, err := canon.ParseRef(q.Ref)
		if err != nil {
			return err
		}
		if c.Capability == Automation {
			lands = strings.TrimPrefix(ref.String(), "refs/heads/")
		}
	}
	if lands == "" {
		if q.DefaultBranch {
			return errors.New("which branch is the default one? name it as the branch")
		}
		return nil
	}
	full := lands
	if !strings.HasPrefix(lands, "refs/tags/") {
		full = "refs/heads/" + lands
	}
	c.Branch = lands
	_, err := canon.ParseRef(full)
	return err
}

// Unsaid tells what a case of a write leaves open, so that it was not judged.
func (c Case) Unsaid() (all []string) {
	if c.Capability == Read || c.Reading {
		return nil
	}
	if c.Branch == "" && slices.Contains([]string{"commit_files", "create_branch", "dispatch_workflow", "rerun_workflow"}, c.Tool) {
		all = append(all, "branch")
	}
	if len(c.Paths) == 0 && c.Tool == "commit_files" {
		all = append(all, "paths")
	}
	return all
}
