package gate

import (
	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// judgeBrought decides whether a commit may get a branch or a tag of its own. What
// is on a branch already is there; anything else is a landing like that of files,
// and held to the same rules: paths, those of CI among them, and who wrote it.
func (v *Visit) judgeBrought(commit string) error {
	if commit == "" {
		return nil
	}
	from, err := v.originOf(v.repo, commit)
	if err != nil || from.by == byBranch {
		return err
	}
	base, err := v.client.BranchCommit(v.repo.Name, v.repo.DefaultBranch)
	if err != nil {
		return err
	}
	commits, err := v.client.Compare(v.repo.Name, base, v.repo.Name, commit)
	if err != nil {
		return notComparable(err)
	}
	seen := make(map[string]bool)
	query := v.query(v.repo.Name)
	for _, each := range commits {
		for _, file := range each.Files {
			if seen[file.Path] {
				continue
			}
			seen[file.Path] = true
			path, err := canon.ParsePath(file.Path)
			if err != nil {
				return Refuse(PathDenied, "What this brings changes a file whose name policy can't be asked about.").WithHint("A human has to make it.")
			}
			query.Paths = append(query.Paths, path)
		}
	}
	if d := v.policy.Decide(query); !d.Allow {
		return brought(d)
	}
	for _, path := range query.Paths {
		if d := v.judgePath(path, false); !d.Allow {
			return brought(d)
		}
	}
	return nil
}

// brought says that it is not the call that names the path.
func brought(d policy.Decision) *Refusal {
	r := denied(d)
	r.Message = "The commit is on no branch yet, and brings a file along. " + r.Message
	return r
}

// notComparable tells of histories that have nothing in common: Gitea fails on them.
func notComparable(err error) error {
	if forge.From(err).Kind != forge.GiteaError {
		return err
	}
	return Refuse(Conflict, "What this commit changes against the default branch can't be told; nothing was written.").
		WithHint("The two may have no history in common. A human has to make it.")
}
