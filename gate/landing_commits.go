package gate

import (
	"sync"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/internal/canon"
)

// judgeBrought decides whether a commit may get a branch or a tag of its own. What
// is on a branch already is there; anything else is a landing like that of files,
// and held to the same rules: paths, those of CI among them, and who wrote it.
func (w *world) judgeBrought(commit string) error {
	if commit == "" {
		return nil
	}
	from, err := w.originOf(w.repo, commit)
	if err != nil || from.By == caller.ByBranch {
		return err
	}
	base, err := w.client.BranchCommit(w.repo.Name, w.repo.DefaultBranch)
	if err != nil {
		return err
	}
	commits, err := w.client.Compare(w.repo.Name, base, w.repo.Name, commit)
	if err != nil {
		return notComparable(err)
	}
	c := w.caseOf(w.repo.Name)
	if c.Paths, err = w.pathsOf(commits); err != nil {
		return err
	}
	if d := w.judge().decide(c); !d.Allow {
		return brought(d)
	}
	for _, path := range c.Paths {
		if d := w.path(path, false); !d.Allow {
			return brought(d)
		}
	}
	return nil
}

// pathsOf is each path that commits change, as their diffs have it. The list of a
// commit's files that Gitea gives lacks what becomes a link, or a file again.
func (w *world) pathsOf(commits []*forge.Commit) (paths []canon.Path, err error) {
	var mu sync.Mutex
	seen := make(map[canon.Path]bool)
	err = w.atOnce(askedAtOnce, func(do func(job func() error) bool) error {
		for _, commit := range commits {
			look := func() error {
				diff, err := w.client.CommitDiff(w.repo.Name, commit.SHA)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				for file := range splitDiff(diff) {
					if !file.known || len(file.paths) == 0 {
						return Refuse(PathDenied, "What this brings changes a file whose name policy can't be asked about.").WithHint("A human has to make it.")
					}
					for _, path := range file.paths {
						if !seen[path] {
							seen[path] = true
							paths = append(paths, path)
						}
					}
				}
				return nil
			}
			if !do(look) {
				break
			}
		}
		return nil
	})
	return paths, err
}

// brought says that it is not the call that names the path.
func brought(d judgement) *Refusal {
	r := denied(d)
	r.Message = "The commit is on no branch yet, and brings a file along. " + r.Message
	return r
}

// notComparable tells of histories that have nothing in common: Gitea fails on them.
func notComparable(err error) error {
	if failure := forge.From(err); !failure.FailedInside() && failure.Reason != forge.Unrelated {
		return err
	}
	return Refuse(Conflict, "What this commit changes against the default branch can't be told; nothing was written.").
		WithHint("The two may have no history in common. A human has to make it.")
}
