package gate

import (
	"errors"
	"strings"

	"aegis/forge"
	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
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
		v.client = v.gate.forge.Client(v.ctx, grant)
		if target.kind == everywhere {
			return nil
		}
		for _, step := range []func(Target) error{v.resolveRepository, v.resolveRef, v.resolvePath} {
			if err := step(target); err != nil {
				return err
			}
		}
		return nil
	})
}

func (v *Visit) resolveRepository(target Target) error {
	record, err := v.client.Repository(target.repo)
	if err != nil {
		return err
	}
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || name != target.repo {
		return v.moved(&forge.Error{Kind: forge.Moved, MovedTo: name})
	}
	ancestors, refusal := v.judgeLineage(name, record, target.reading != noPath)
	if refusal != nil {
		return refusal
	}
	v.repo = &Resolved{
		Name: name, ID: record.ID, FullName: record.FullName, DefaultBranch: record.DefaultBranch,
		Visibility: VisibilityOf(record), Empty: record.Empty, Record: record,
		ancestors: ancestors,
	}
	return nil
}

// resolveRef turns the target's ref into a commit. A branch wins over a tag,
// and a commit id has to be a commit's: Gitea would serve a tree's as well.
func (v *Visit) resolveRef(target Target) error {
	if !target.commit {
		return nil
	}
	if v.repo.Empty {
		return Refuse(NotFound, "The repository is empty.")
	}
	ref := target.ref
	if ref.IsZero() {
		var err error
		if ref, err = canon.ParseRef("refs/heads/" + v.repo.DefaultBranch); err != nil {
			return Refuse(NotFound, "The default branch has a name that can't be asked for.").WithHint("Give a ref.")
		}
	}
	if id, ok := ref.Commit(); ok {
		commit, err := v.client.CommitID(v.repo.Name, id)
		v.repo.Commit = commit
		return v.noSuchRef(err)
	}
	if name, ok := ref.Branch(); ok {
		commit, err := v.client.BranchCommit(v.repo.Name, name)
		if err == nil || !isNotFound(err) {
			v.repo.Ref, v.repo.Commit = "refs/heads/"+name, commit
			return err
		}
	}
	if name, ok := ref.Tag(); ok {
		commit, err := v.client.TagCommit(v.repo.Name, name)
		v.repo.Ref, v.repo.Commit = "refs/tags/"+name, commit
		return v.noSuchRef(err)
	}
	return v.noSuchRef(&forge.Error{Kind: forge.NotFound})
}

func (v *Visit) noSuchRef(err error) error {
	if isNotFound(err) {
		return Refuse(NotFound, "The repository has no such branch, tag or commit.").
			WithHint("Give a branch, a tag, refs/heads/…, refs/tags/… or a full commit id of 40 hex digits.")
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

// Visibility ranks who may read a repository.
type Visibility string

// The visibilities. Internal is Gitea's own, or an owner of limited or private
// visibility.
const (
	Private Visibility = "private"
	Limited Visibility = "internal"
	Public  Visibility = "public"
)

// VisibilityOf ranks a record; what is not known to be more open is private.
func VisibilityOf(r *forge.Repository) Visibility {
	switch {
	case r.Private || r.Owner == nil:
		return Private
	case r.Internal, r.Owner.Visibility != gitea.VisibleTypePublic:
		return Limited
	}
	return Public
}

// learnStanding asks who may write to the target repository, once a call.
// Without an answer nobody may.
func (v *Visit) learnStanding() {
	if v.standing != nil {
		return
	}
	v.standing = make(map[string]bool)
	if v.repo == nil {
		return
	}
	logins, err := v.client.Assignees(v.repo.Name)
	if err != nil {
		v.logger().Warn().Str("error", v.gate.scrubber.Line(err.Error())).Msg("authors' standing unknown; their text is hidden")
		return
	}
	for _, login := range logins {
		v.standing[strings.ToLower(login)] = true
	}
}
