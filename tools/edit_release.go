package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type editReleaseArgs struct {
	writeArgs
	ID         int64   `json:"id"`
	Title      *string `json:"title,omitempty"`
	Body       *string `json:"body,omitempty" text:"said" doc:"Can't be emptied"`
	Draft      *bool   `json:"draft,omitempty" doc:"false publishes it and makes its tag"`
	Prerelease *bool   `json:"prerelease,omitempty"`
}

func (a *editReleaseArgs) check() error {
	if a.Title == nil && a.Body == nil && a.Draft == nil && a.Prerelease == nil {
		return errors.New("one of title, body, draft and prerelease is required")
	}
	return errors.Join(a.repoArgs.check(), showsIfGiven("title", a.Title), showsIfGiven("body", a.Body))
}

func editRelease() Tool {
	return write(changing[editReleaseArgs]{
		name:        "edit_release",
		title:       "Edit a release",
		description: "Changes a release's texts, publishes a draft, or takes a release back to one; its tag stays. list_releases has the id.",
		target:      func(a editReleaseArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planEditRelease,
		destructive: true,
		idempotent:  true,
	})
}

func planEditRelease(_ context.Context, v *gate.Visit, a editReleaseArgs) (*gate.Plan, error) {
	repo := v.Repo()
	stored, err := v.Gitea().ReleaseByID(repo.Name, a.ID)
	if err != nil {
		if forge.From(err).Kind == forge.NotFound {
			return nil, notThis("There is no release with this id.", "list_releases has the ids, drafts among them.")
		}
		return nil, err
	}
	if stored.IsDraft {
		v.SawNarrow()
	}
	effect := releaseEffect{ID: a.ID, Tag: stored.TagName, Draft: stored.IsDraft}
	if a.Draft != nil {
		effect.Draft = *a.Draft
	}
	prerelease := stored.IsPrerelease
	if a.Prerelease != nil {
		prerelease = *a.Prerelease
	}
	if !effect.Draft {
		if effect.Commit, effect.MakesTag, err = publishedAt(v, stored); err != nil {
			return nil, err
		}
	}
	text := forge.ReleaseText{Title: a.Title, Body: a.Body, Draft: a.Draft, Prerelease: a.Prerelease}
	brings := ""
	if effect.MakesTag {
		brings = effect.Commit
	}
	plan := &gate.Plan{
		Brings:  brings,
		Steps:   []gate.Step{{Write: forge.EditRelease(repo.Name, a.ID, text)}},
		Effect:  effect,
		Narrow:  published(stored, a, effect),
		Changes: func() ([]gate.Change, error) { return changesOfRelease(stored, a, effect), nil },
		Rests: []gate.Basis{gate.RestsOn(releaseState(stored, effect), func() (releaseBasis, error) {
			now, err := v.Gitea().ReleaseByID(repo.Name, a.ID)
			if err != nil {
				return releaseBasis{}, err
			}
			found := releaseEffect{}
			if sameRelease(now, stored) && !effect.Draft {
				found.Commit, found.MakesTag, err = publishedAt(v, now)
			}
			return releaseState(now, found), err
		}, gate.Refuse(gate.Conflict, "The release, or its tag, changed while this call was under way; nothing was written.").
			WithHint("Read it again and decide anew."))},
		Look: "the releases",
		Answer: func(answers []json.RawMessage) (any, error) {
			now, err := forge.Read[gitea.Release](answers[0])
			if err != nil {
				return nil, err
			}
			if a.Title != nil && now.Title != *a.Title || a.Body != nil && now.Note != *a.Body {
				v.Remark("Gitea stored the title or the body otherwise than it was sent")
			}
			return released(v, now, effect, prerelease)
		},
	}
	if effect.MakesTag { // Gitea fails inside where the tag is protected
		plan.Undone = func() (bool, error) {
			now, err := v.Gitea().ReleaseByID(repo.Name, a.ID)
			return err == nil && sameRelease(now, stored), err
		}
		plan.Why = "The repository may protect the release's tag, which this would make: a human has to publish it."
	}
	return plan, nil
}

// changesOfRelease shows what of a release's texts is replaced, and what of a draft
// comes to be seen by all.
func changesOfRelease(stored *gitea.Release, a editReleaseArgs, effect releaseEffect) (all []gate.Change) {
	for _, text := range []struct {
		field, before string
		after         *string
	}{{"title", stored.Title, a.Title}, {"body", stored.Note, a.Body}} {
		switch {
		case text.after != nil:
			all = append(all, gate.Change{Field: text.field, Before: text.before, After: *text.after})
		case stored.IsDraft && !effect.Draft:
			all = append(all, gate.Change{Field: text.field, What: "of the draft, as it is stored", After: text.before, Published: true})
		}
	}
	if stored.IsDraft && !effect.Draft {
		for i, file := range stored.Attachments {
			all = append(all, gate.Change{
				Field: fmt.Sprintf("file %d", i+1), What: "of the draft; what it holds is not shown here", After: fmt.Sprintf("%s, %d bytes", file.Name, file.Size), Published: true,
			})
		}
	}
	return all
}

// published names what of a draft comes to be seen by all as it is stored, "" for
// nothing: who may not write sees no drafts.
func published(stored *gitea.Release, a editReleaseArgs, effect releaseEffect) string {
	if !stored.IsDraft || effect.Draft || a.Title != nil && a.Body != nil && len(stored.Attachments) == 0 && !effect.MakesTag {
		return ""
	}
	return "what the draft of a release holds"
}

// releaseBasis is what a change of a release rests on: what is stored, and where its
// tag is or comes to be.
type releaseBasis struct {
	tag, target, title, note string
	draft, prerelease        bool
	commit                   string
	makesTag                 bool
}

func releaseState(r *gitea.Release, at releaseEffect) releaseBasis {
	return releaseBasis{r.TagName, r.Target, r.Title, r.Note, r.IsDraft, r.IsPrerelease, at.Commit, at.MakesTag}
}

func sameRelease(a, b *gitea.Release) bool {
	return releaseState(a, releaseEffect{}) == releaseState(b, releaseEffect{})
}

// publishedAt returns the commit that a release's tag has once it is no draft, and
// whether the tag is made by that: Gitea makes one that is not there with whatever
// is changed about the release, at the target that is stored.
func publishedAt(v *gate.Visit, r *gitea.Release) (commit string, makesTag bool, err error) {
	ref, err := canon.ParseRef("refs/tags/" + r.TagName)
	if err != nil {
		return "", false, gate.Refuse(gate.Conflict, "The release has a tag whose name can't be asked for.").WithHint("A human has to change it.")
	}
	if commit, err = tagCommit(v, r.TagName); err != nil || commit != "" {
		return commit, false, err
	}
	if _, err := newRef("tag", mustRef(r.TagName)); err != nil {
		return "", false, gate.Refuse(gate.Conflict, "The release would make its tag, whose name is not one to make.").WithHint("A human has to change it.")
	}
	if err := v.Lands(ref); err != nil {
		return "", false, err
	}
	if err := tagIsFree(v, r.TagName); err != nil {
		return "", false, err
	}
	if err := noOtherSpelling(v, r.TagName); err != nil {
		return "", false, err
	}
	commit, err = targetOf(v, r.Target)
	return commit, true, err
}

// targetOf resolves what a release has for a target as Gitea does, where that is
// one thing only: it takes a tag before a branch.
func targetOf(v *gate.Visit, target string) (string, error) {
	ref, err := canon.ParseRef(target)
	if err != nil || strings.HasPrefix(target, "pull/") { // git would find refs/pull first
		return "", gate.Refuse(gate.Conflict, "The release would make its tag, at a target that names no branch, tag or commit.").WithHint("A human has to change it.")
	}
	found, err := v.OtherRef(canon.Owner{}, ref)
	if err != nil {
		return "", err
	}
	if name, ok := ref.Branch(); ok && found.Ref == "refs/heads/"+name {
		if err := absent(v.Gitea().TagCommit(v.Repo().Name, name)); err != nil {
			return "", orRefusal(err, "The release would make its tag, at a target that is both a branch and a tag.")
		}
	}
	return found.Commit, nil
}
