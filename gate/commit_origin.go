package gate

import (
	"slices"
	"strings"
	"sync"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate/caller"
)

// Gitea keeps the commits of all forks and pull requests in one store, and serves
// each of them under each name that shares it. So a commit id counts as a
// repository's only if something of the repository leads there: a branch, a tag,
// or a pull request from a repository that policy shows.

// Bounds on looking for what leads to a commit. It is on the default branch, or at
// the tip of something, nearly always.
const (
	maxAskedRefs  = 60 // branches and tags that are asked about, one request each
	maxAskedPulls = 5
	askedAtOnce   = 8
)

// claim finds out how a repository comes by the commit that a call named by its id,
// and refuses one that is not the repository's. Where it comes from a pull request the
// rules of that one's repository hold from here on. What is not there and what
// may not be seen get the same answer.
func (w *world) claim(repo *Resolved) error {
	found, err := w.originOf(repo, repo.Commit)
	if err != nil {
		return err
	}
	if found.By == caller.ByPull {
		pull, err := w.client.PullRequest(repo.Name, found.Pull)
		if err != nil {
			return w.noSuchRef(err)
		}
		if !w.joinHead(repo, pull) {
			found = caller.Origin{}
		} else { // also of one that was pushed to refs/for, whose head is the target itself
			w.strange(ProposerOf(pull), repo.Name)
		}
	}
	if repo.origin = found; found.By == caller.NoOrigin {
		repo.Commit = ""
		return w.noSuchRef(&forge.Error{Kind: forge.NotFound})
	}
	return nil
}

// originOf is what leads to a commit, asked for once a session. A pull request lists
// commits that are the default branch's as well, so that one is asked about first.
func (w *world) originOf(repo *Resolved, commit string) (caller.Origin, error) {
	known := w.caller.Origins.Of(repo.ID, commit)
	if known.By == caller.ByBranch || known.Sure {
		return known, nil
	}
	usual := "refs/heads/" + repo.DefaultBranch
	on, err := w.reaches(repo, usual, commit)
	switch {
	case err != nil:
		return caller.Origin{}, err
	case on:
		known = caller.Origin{By: caller.ByBranch}
	case known.By == caller.NoOrigin:
		if known, err = w.findOrigin(repo, usual, commit); err != nil {
			return caller.Origin{}, err
		}
	}
	known.Sure = known.By != caller.NoOrigin
	w.caller.Origins.Note(repo.ID, known, commit)
	return known, nil
}

// findOrigin looks for what leads to a commit that is not on the usual branch:
// whatever has it for its tip, then the other branches and tags one by one.
func (w *world) findOrigin(repo *Resolved, usual, commit string) (caller.Origin, error) {
	tips, err := w.client.Tips(repo.Name)
	if err != nil && forge.From(err).Kind != forge.TooLarge { // of so many refs none is looked at
		return caller.Origin{}, err
	}
	var refs []string
	var pulls []int64
	found := caller.Origin{}
	for _, tip := range tips {
		switch {
		case tip.Pull > 0 && tip.Object == commit:
			pulls = append(pulls, tip.Pull)
		case tip.Ref != "" && tip.Object == commit:
			found = caller.Origin{By: max(found.By, originKindOf(tip.Ref))}
		case tip.Ref != "" && tip.Ref != usual:
			refs = append(refs, tip.Ref)
		}
	}
	if found.By != caller.NoOrigin {
		return found, nil
	}
	if found, err = w.shownPull(repo, pulls); err != nil || found.By != caller.NoOrigin {
		return found, err
	}
	return w.askRefs(repo, refs, commit)
}

func originKindOf(ref string) caller.OriginKind {
	if _, isBranch := cutBranch(ref); isBranch {
		return caller.ByBranch
	}
	return caller.ByTag
}

// cutBranch is the short name of a branch that is given in full.
func cutBranch(ref string) (name string, ok bool) { return strings.CutPrefix(ref, "refs/heads/") }

// reaches asks whether a commit is on a branch or a tag. One that is gone by now,
// or that can't be asked about, leads nowhere.
func (w *world) reaches(repo *Resolved, ref, commit string) (bool, error) {
	if !forge.CanName(ref) {
		return false, nil
	}
	on, err := w.client.Reaches(repo.Name, ref, commit)
	if failure := forge.From(err); isNotFound(err) || failure.FailedInside() {
		return false, nil
	}
	return on, err
}

// shownPull returns the first pull request whose head policy shows.
func (w *world) shownPull(repo *Resolved, numbers []int64) (caller.Origin, error) {
	slices.Sort(numbers)
	for _, number := range numbers[:min(len(numbers), maxAskedPulls)] {
		pull, err := w.client.PullRequest(repo.Name, number)
		switch {
		case err != nil && isHidden(err):
		case err != nil:
			return caller.Origin{}, err
		case w.showsHead(repo, pull):
			return caller.Origin{By: caller.ByPull, Pull: number}, nil
		}
	}
	return caller.Origin{}, nil
}

// askRefs asks about branches and tags, several at once, branches first.
func (w *world) askRefs(repo *Resolved, refs []string, commit string) (caller.Origin, error) {
	slices.SortStableFunc(refs, func(a, b string) int { return int(originKindOf(b)) - int(originKindOf(a)) })
	var mu sync.Mutex
	found := caller.Origin{}
	err := w.atOnce(askedAtOnce, func(do func(job func() error) bool) error {
		for _, ref := range refs[:min(len(refs), maxAskedRefs)] {
			ask := func() error {
				mu.Lock()
				done := found.By == caller.ByBranch
				mu.Unlock()
				if done {
					return nil
				}
				on, err := w.reaches(repo, ref, commit)
				if on {
					mu.Lock()
					defer mu.Unlock()
					found.By = max(found.By, originKindOf(ref))
				}
				return err
			}
			if !do(ask) {
				break
			}
		}
		return nil
	})
	return found, err
}

// joinHead is [Visit.JoinHead].
func (w *world) joinHead(repo *Resolved, pull *gitea.PullRequest) bool {
	if !w.showsHead(repo, pull) {
		return false
	}
	if head := pull.Head.Repository; head != nil && head.ID != repo.ID {
		return w.join(head)
	}
	return true
}

// showsHead reports whether policy shows what a pull request comes from. Of a
// repository that is gone nobody can tell: what it brought is shown if it was
// merged as it was, or if policy hides no repository at all. Of what was squashed the
// base has another commit.
func (w *world) showsHead(repo *Resolved, pull *gitea.PullRequest) bool {
	switch head := pull.Head.Repository; {
	case head == nil:
		return !w.policy.CanHideRepositories() || pull.HasMerged && w.tookHead(repo, pull)
	case head.ID == repo.ID:
		return true
	default:
		return w.showsRepository(head)
	}
}

// tookHead reports whether the head of a pull request is on the branch that it went to.
func (w *world) tookHead(repo *Resolved, pull *gitea.PullRequest) bool {
	head := pull.Head.Sha
	if w.caller.Origins.Of(repo.ID, head).By == caller.ByBranch {
		return true
	}
	on, err := w.reaches(repo, "refs/heads/"+pull.Base.Ref, head)
	if err != nil || !on {
		return false
	}
	w.caller.Origins.Note(repo.ID, caller.Origin{By: caller.ByBranch}, head)
	return true
}
