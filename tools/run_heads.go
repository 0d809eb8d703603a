package tools

import (
	"slices"
	"strconv"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

// A workflow run of a pull request tells of the repository that this one comes from:
// the commit, its title, the jobs of its workflows, and what they print. Gitea's
// record of a run does not name that repository. It is found by the run's ref,
// refs/pull/N/head, where policy has a rule that can depend on it. A run that another event
// set off is called by what that was about, says run-name, and does not tell what it was.

// runHeads looks up the pull requests of runs, each once a call.
type runHeads struct {
	v     *gate.Visit
	known map[int64]runHead
}

// runHead is what a run's pull request says of it.
type runHead struct {
	hidden bool   // policy hides the repository that it comes from
	author string // of what it is called by, "" if nobody can tell
}

// look returns where a run comes from, as far as any rule depends on it.
func (h *runHeads) look(run *gitea.ActionWorkflowRun) (runHead, error) {
	_, ref, _ := strings.Cut(run.Path, "@")
	number, ok := pullOf(ref)
	switch {
	case !ok && slices.Contains(ownEvents, run.Event):
		return runHead{author: login(run.TriggerActor)}, nil
	case !ok: // an issue has no head
		return runHead{hidden: run.Event != "issues" && h.v.HidesHeads()}, nil
	case !h.v.JudgesHeads():
		return runHead{}, nil
	}
	if found, ok := h.known[number]; ok {
		return found, nil
	}
	found := runHead{hidden: true} // a pull request that can't be seen can't be judged
	pull, err := h.v.Gitea().PullRequest(h.v.Repo().Name, number)
	switch {
	case err == nil:
		found = runHead{hidden: !h.v.ShowsHead(pull), author: gate.ProposerOf(pull)}
	case !isNothing(err) && forge.From(err).Kind != forge.Forbidden && forge.From(err).Kind != forge.Off:
		return runHead{}, err
	}
	if h.known == nil {
		h.known = make(map[int64]runHead)
	}
	h.known[number] = found
	return found, nil
}

// row is what is shown of a run.
func (h *runHeads) row(run *gitea.ActionWorkflowRun) (*runItem, error) {
	head, err := h.look(run)
	if err != nil {
		return nil, err
	}
	item := runRow(run)
	if head.hidden {
		item.HeadHidden, item.Title, item.Workflow, item.Commit = true, "", "", ""
	}
	item.author = head.author
	return item, nil
}

// ofJob refuses the log of a job whose run policy hides, and tells the gate whose
// text the log may hold.
func (h *runHeads) ofJob(job int64) error {
	if !h.v.JudgesHeads() {
		h.v.Attribute("") // a job prints what it was given, by whomever
		return nil
	}
	name := h.v.Repo().Name
	record, err := h.v.Gitea().WorkflowJob(name, job)
	if err != nil {
		return err
	}
	run, err := h.v.Gitea().WorkflowRun(name, record.RunID)
	if err != nil {
		return err
	}
	head, err := h.look(run)
	if err != nil {
		return err
	}
	h.v.Attribute("")
	if head.hidden {
		return headHidden()
	}
	return nil
}

// headHidden is the refusal of what a pull request from a hidden repository brings.
func headHidden() error {
	return gate.Refuse(gate.PolicyDenied, "Policy hides the repository that this pull request comes from.").
		WithHint("get_pull_request shows its title and body.")
}

// ownEvents are those of people who may write to the repository. Besides pull requests
// they may have set off a run that is run again: what others did, like a comment, is
// not done again in their name.
var ownEvents = []string{"push", "create", "release", "schedule", "workflow_dispatch"}

// pullOf returns the number of the pull request that a ref is the head of.
func pullOf(ref string) (int64, bool) {
	rest, ok := strings.CutPrefix(ref, "refs/pull/")
	digits, isHead := strings.CutSuffix(rest, "/head")
	number, err := strconv.ParseInt(digits, 10, 64)
	return number, ok && isHead && err == nil && number > 0
}
