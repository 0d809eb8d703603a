package gate

import (
	"errors"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// resolve asks Gitea what the decided names stand for, and decides what
// depends on it. From here on v has a client; a refusal is the call's outcome.
func (v *Visit) resolve() error {
	return v.contain(func() error {
		target := v.prepared.Target
		grant := forge.Grant{CallID: v.id}
		if target.kind == oneRepository {
			grant.Repos = []canon.Repo{target.repo}
		}
		v.client = v.way.Client(v.ctx, grant)
		if target.kind == everywhere {
			return nil
		}
		for _, step := range []func(Target) error{
			v.resolveRepository, v.resolveLanding, v.resolveReferences, v.lookAtProposed, v.refuseFlow, v.refuseFrozen, v.resolveRef, v.resolvePath, v.judgeWrittenPaths,
		} {
			if err := step(target); err != nil {
				return err
			}
		}
		return v.plan()
	})
}

func (v *Visit) resolveRepository(target Target) (err error) {
	if v.repo, err = v.resolved(target.repo); err != nil || target.reading == noPath && target.writes == nil {
		return err
	}
	if _, refusal := v.ancestorsOf(v.repo); refusal != nil {
		return refusal
	}
	return nil
}

// resolved asks for a repository and judges what only its record tells.
func (v *Visit) resolved(repo canon.Repo) (*Resolved, error) {
	record, err := v.client.Repository(repo)
	if err != nil {
		return nil, err
	}
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || name != repo {
		return nil, v.moved(&forge.Error{Kind: forge.Moved, MovedTo: name})
	}
	v.recognise(record)
	if refusal := v.judgeKnown(name); refusal != nil {
		return nil, refusal
	}
	if _, refusal := v.judgeLineage(name, record, false); refusal != nil {
		return nil, refusal
	}
	v.client.Expect(name, record)
	return &Resolved{
		Name: name, ID: record.ID, FullName: record.FullName, DefaultBranch: record.DefaultBranch,
		Visibility: VisibilityOf(record), Empty: record.Empty, Record: record,
	}, nil
}

// resolveRef turns the target's ref into a commit.
func (v *Visit) resolveRef(target Target) error {
	if !target.commit {
		return nil
	}
	return v.resolveRefIn(v.repo, target.ref)
}

// resolveRefIn turns a ref of a repository into a commit; the zero ref stands
// for the default branch. A branch wins over a tag, and a commit id has to be a
// commit's: Gitea would serve a tree's as well.
func (v *Visit) resolveRefIn(repo *Resolved, ref canon.Ref) (err error) {
	repo.Ref, repo.Commit, repo.origin = "", "", caller.Origin{}
	if repo.Empty {
		return Refuse(NotFound, "The repository is empty.")
	}
	if ref.IsZero() {
		if ref, err = canon.ParseRef("refs/heads/" + repo.DefaultBranch); err != nil {
			return Refuse(NotFound, "The default branch has a name that can't be asked for.").WithHint("Give a ref.")
		}
	}
	if id, ok := ref.Commit(); ok {
		if repo.Commit, err = v.client.CommitID(repo.Name, id); err != nil {
			return v.noSuchRef(err)
		}
		return v.claim(repo)
	}
	if name, ok := ref.Branch(); ok {
		commit, err := v.client.BranchCommit(repo.Name, name)
		if err == nil || !isNotFound(err) {
			repo.Ref, repo.Commit, repo.origin = "refs/heads/"+name, commit, caller.Origin{By: caller.ByBranch}
			v.caller.Origins.Note(repo.ID, repo.origin, commit)
			return err
		}
	}
	if name, ok := ref.Tag(); ok {
		commit, err := v.client.TagCommit(repo.Name, name)
		repo.Ref, repo.Commit, repo.origin = "refs/tags/"+name, commit, caller.Origin{By: caller.ByTag}
		v.caller.Origins.Note(repo.ID, repo.origin, commit)
		return v.noSuchRef(err)
	}
	return v.noSuchRef(&forge.Error{Kind: forge.NotFound})
}

func (v *Visit) noSuchRef(err error) error {
	if isNotFound(err) {
		return Refuse(NotFound, "The repository has no such branch, tag or commit.").
			WithHint("Give a branch, a tag, refs/heads/…, refs/tags/… or a full commit id of 40 hex digits. A commit counts if a branch, a tag or a pull request that you may see leads to it; of many branches list_commits has to be asked about the right one first.")
	}
	return err
}

// resolvePath holds the path against the rules of the repositories that the
// target was forked from, and one that passed as a folder against the policy for
// files, if a folder is not what Gitea has there.
func (v *Visit) resolvePath(target Target) error {
	if target.reading == noPath || target.path.IsRoot() {
		return nil
	}
	asFile := v.judgePath(target.path, false)
	if target.reading == filePath && !asFile.Allow {
		return denied(asFile)
	}
	if target.reading == filePath || target.reading == anyPath && asFile.Allow {
		return nil
	}
	if asFolder := v.judgePath(target.path, true); !asFolder.Allow {
		return denied(asFolder)
	}
	if target.reading == folderPath {
		return nil
	}
	tree, err := v.client.FolderTree(v.repo.Name, v.repo.Commit, target.path)
	if err != nil && !isNotFound(err) {
		return err
	}
	if tree == "" {
		return denied(asFile)
	}
	return nil
}

func isNotFound(err error) bool {
	var failure *forge.Error
	return errors.As(err, &failure) && failure.Kind == forge.NotFound
}

// maxNamed bounds how many repositories a call looks up because of its rows.
const maxNamed = 50

// showsNamed is ShowsRepository for one that is known by name only. Its parents
// are asked for unless no answer could hide it.
func (v *Visit) showsNamed(repo canon.Repo) bool {
	if !v.policy.Repository(repo, v.tool.Name).Allow {
		return false
	}
	if !v.policy.CanHideRepositories() {
		return true
	}
	record := v.recordNamed(repo)
	return record != nil && v.ShowsRepository(record)
}

// visibilityNamed is the visibility of a repository that is known by name only;
// what can't be found out is private.
func (v *Visit) visibilityNamed(repo canon.Repo) Visibility {
	if v.policy.Flow().PrivateToPublic == policy.Allow {
		return Private // nobody will ask
	}
	if record := v.recordNamed(repo); record != nil {
		return VisibilityOf(record)
	}
	return Private
}

// recordNamed asks for a repository's record once a call, and for no more than
// maxNamed; nil if there is none.
func (v *Visit) recordNamed(repo canon.Repo) *forge.Repository {
	if record, known := v.named[repo]; known {
		return record
	}
	if v.named == nil {
		v.named = make(map[canon.Repo]*forge.Repository)
	}
	var found *forge.Repository
	if len(v.named) < maxNamed {
		v.client.Allow(repo)
		if record, err := v.client.Repository(repo); err == nil {
			found = record
		}
	}
	v.named[repo] = found
	return found
}
