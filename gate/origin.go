package gate

import (
	"slices"
	"sync"

	"aegis/forge"
	"aegis/gate/policy"

	gitea "code.gitea.io/sdk/gitea"
)

// Gitea keeps the commits of all forks and pull requests in one store, and serves
// each of them under each name that shares it. So a commit id counts as a
// repository's only if something of the repository leads there: a branch, a tag,
// or a pull request from a repository that policy shows.

// origin is how a repository comes by a commit. The zero origin is not at all.
type origin struct {
	by   originKind
	pull int64 // the number of the pull request, if it is one
	sure bool  // it was looked for something better
}

type originKind uint8

const (
	noOrigin originKind = iota
	byPull              // a pull request brings it, and nobody with a say has taken it
	byTag               // a tag leads to it, and no branch that was looked at
	byBranch            // it is on a branch
)

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
func (v *Visit) claim(repo *Resolved) error {
	found, err := v.originOf(repo, repo.Commit)
	if err != nil {
		return err
	}
	if found.by == byPull {
		pull, err := v.client.PullRequest(repo.Name, found.pull)
		if err != nil {
			return v.noSuchRef(err)
		}
		if !v.JoinHead(repo, pull) {
			found = origin{}
		} else { // also of one that was pushed to refs/for, whose head is the target itself
			v.strange(ProposerOf(pull), repo.Name)
		}
	}
	if repo.origin = found; found.by == noOrigin {
		repo.Commit = ""
		return v.noSuchRef(&forge.Error{Kind: forge.NotFound})
	}
	return nil
}

// originOf is what leads to a commit, asked for once a session. A pull request lists
// commits that are the default branch's as well, so that one is asked about first.
func (v *Visit) originOf(repo *Resolved, commit string) (origin, error) {
	known := v.session.origins.of(repo.ID, commit)
	if known.by == byBranch || known.sure {
		return known, nil
	}
	usual := "refs/heads/" + repo.DefaultBranch
	on, err := v.reaches(repo, usual, commit)
	switch {
	case err != nil:
		return origin{}, err
	case on:
		known = origin{by: byBranch}
	case known.by == noOrigin:
		if known, err = v.findOrigin(repo, usual, commit); err != nil {
			return origin{}, err
		}
	}
	known.sure = known.by != noOrigin
	v.session.origins.note(repo.ID, known, commit)
	return known, nil
}

// findOrigin looks for what leads to a commit that is not on the usual branch:
// whatever has it for its tip, then the other branches and tags one by one.
func (v *Visit) findOrigin(repo *Resolved, usual, commit string) (origin, error) {
	tips, err := v.client.Tips(repo.Name)
	if err != nil && forge.From(err).Kind != forge.TooLarge { // of so many refs none is looked at
		return origin{}, err
	}
	var refs []string
	var pulls []int64
	found := origin{}
	for _, tip := range tips {
		switch {
		case tip.Pull > 0 && tip.Object == commit:
			pulls = append(pulls, tip.Pull)
		case tip.Ref != "" && tip.Object == commit:
			found = origin{by: max(found.by, originKindOf(tip.Ref))}
		case tip.Ref != "" && tip.Ref != usual:
			refs = append(refs, tip.Ref)
		}
	}
	if found.by != noOrigin {
		return found, nil
	}
	if found, err = v.shownPull(repo, pulls); err != nil || found.by != noOrigin {
		return found, err
	}
	return v.askRefs(repo, refs, commit)
}

func originKindOf(ref string) originKind {
	if _, isBranch := cutBranch(ref); isBranch {
		return byBranch
	}
	return byTag
}

// reaches asks whether a commit is on a branch or a tag. One that is gone by now,
// or that can't be asked about, leads nowhere.
func (v *Visit) reaches(repo *Resolved, ref, commit string) (bool, error) {
	if !forge.CanName(ref) {
		return false, nil
	}
	on, err := v.client.Reaches(repo.Name, ref, commit)
	if err != nil {
		switch forge.From(err).Kind {
		case forge.NotFound, forge.GiteaError:
			return false, nil
		}
	}
	return on, err
}

// shownPull returns the first pull request whose head policy shows.
func (v *Visit) shownPull(repo *Resolved, numbers []int64) (origin, error) {
	slices.Sort(numbers)
	for _, number := range numbers[:min(len(numbers), maxAskedPulls)] {
		pull, err := v.client.PullRequest(repo.Name, number)
		switch {
		case err != nil && isHidden(err):
		case err != nil:
			return origin{}, err
		case v.showsHead(repo, pull):
			return origin{by: byPull, pull: number}, nil
		}
	}
	return origin{}, nil
}

// askRefs asks about branches and tags, several at once, branches first.
func (v *Visit) askRefs(repo *Resolved, refs []string, commit string) (origin, error) {
	slices.SortStableFunc(refs, func(a, b string) int { return int(originKindOf(b)) - int(originKindOf(a)) })
	var mu sync.Mutex
	found := origin{}
	err := v.spread(askedAtOnce, func(do func(job func() error) bool) error {
		for _, ref := range refs[:min(len(refs), maxAskedRefs)] {
			ask := func() error {
				mu.Lock()
				done := found.by == byBranch
				mu.Unlock()
				if done {
					return nil
				}
				on, err := v.reaches(repo, ref, commit)
				if on {
					mu.Lock()
					defer mu.Unlock()
					found.by = max(found.by, originKindOf(ref))
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

// JoinHead holds the call to the rules of the repository that a pull request of repo
// comes from, and reports whether policy shows it.
func (v *Visit) JoinHead(repo *Resolved, pull *gitea.PullRequest) bool {
	if !v.showsHead(repo, pull) {
		return false
	}
	if head := pull.Head.Repository; head != nil && head.ID != repo.ID {
		return v.Join(head)
	}
	return true
}

// showsHead reports whether policy shows what a pull request comes from. Of a
// repository that is gone nobody can tell: what it brought is shown if it was
// merged as it was, or if policy hides no repository at all. Of what was squashed the
// base has another commit.
func (v *Visit) showsHead(repo *Resolved, pull *gitea.PullRequest) bool {
	switch head := pull.Head.Repository; {
	case head == nil:
		return !v.policy.CanHideRepositories() || pull.HasMerged && v.tookHead(repo, pull)
	case head.ID == repo.ID:
		return true
	default:
		return v.ShowsRepository(head)
	}
}

// tookHead reports whether the head of a pull request is on the branch that it went to.
func (v *Visit) tookHead(repo *Resolved, pull *gitea.PullRequest) bool {
	head := pull.Head.Sha
	if v.session.origins.of(repo.ID, head).by == byBranch {
		return true
	}
	on, err := v.reaches(repo, "refs/heads/"+pull.Base.Ref, head)
	if err != nil || !on {
		return false
	}
	v.session.origins.note(repo.ID, origin{by: byBranch}, head)
	return true
}

// ShowsHead reports whether policy shows what a pull request of the target comes from.
func (v *Visit) ShowsHead(pull *gitea.PullRequest) bool { return v.showsHead(v.repo, pull) }

// JudgesHeads reports whether policy has any rule that depends on where a pull request
// comes from, or on who proposes it.
func (v *Visit) JudgesHeads() bool {
	return v.HidesHeads() || v.policy.Untrusted(v.target()) == policy.Hide || v.policy.Flow().UntrustedToWrite != policy.Allow
}

// HidesHeads reports whether policy can hide what a pull request comes from.
func (v *Visit) HidesHeads() bool { return v.policy.CanHideRepositories() }

// Before notes commits that lie before the one that repo was resolved to: they are
// the repository's as that one is.
func (v *Visit) Before(repo *Resolved, commits ...string) {
	from := repo.origin
	from.sure = false
	v.session.origins.note(repo.ID, from, commits...)
}

// OnBranches notes commits that branches of the target point to.
func (v *Visit) OnBranches(commits ...string) {
	v.session.origins.note(v.repo.ID, origin{by: byBranch}, commits...)
}

// Proposed notes commits that a pull request of the target brings.
func (v *Visit) Proposed(number int64, commits ...string) {
	v.session.origins.note(v.repo.ID, origin{by: byPull, pull: number}, commits...)
}

// Strange reports whether the call's own commit is on no branch or tag of its
// repository: somebody proposes it who need not have a say there.
func (r *Resolved) Strange() bool { return r.origin.by == byPull }
