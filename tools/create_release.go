package tools

import (
	"context"
	"encoding/json"
	"errors"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type createReleaseArgs struct {
	writeArgs
	Tag        canon.Ref `json:"tag" doc:"Short name"`
	Target     canon.Ref `json:"target,omitempty" doc:"What a new tag is made at; else the default branch"`
	Title      *string   `json:"title,omitempty"`
	Body       *string   `json:"body,omitempty" text:"body"`
	Draft      *bool     `json:"draft,omitempty" doc:"Makes no tag yet"`
	Prerelease *bool     `json:"prerelease,omitempty"`

	tag string
}

func (a *createReleaseArgs) check() (err error) {
	if a.tag, err = newRef("tag", a.Tag); a.tag == "latest" {
		err = errors.New("tag must not be latest, which stands for the newest release")
	}
	return errors.Join(a.repoArgs.check(), err, showsIfGiven("title", a.Title))
}

func createRelease() Tool {
	return write(changing[createReleaseArgs]{
		name:        "create_release",
		title:       "Create a release",
		description: "Makes a release of a tag, and the tag if there is none, unless it is a draft; CI may run on it.",
		target: func(a createReleaseArgs) gate.Target {
			return gate.Repository(a.repo).At(a.Target)
		},
		plan: planCreateRelease,
	})
}

func planCreateRelease(_ context.Context, v *gate.Visit, a createReleaseArgs) (*gate.Plan, error) {
	repo := v.Repo()
	effect, brings := releaseEffect{Tag: a.tag, Draft: isTrue(a.Draft)}, ""
	tagged, err := tagCommit(v, a.tag)
	switch {
	case err != nil:
		return nil, err
	case tagged != "" && !a.Target.IsZero() && repo.Commit != tagged:
		return nil, gate.Refuse(gate.Conflict, "The tag is there already, at another commit than target; tags are not moved.").
			WithHint("Leave target out to release the tag as it is, or choose another tag.")
	case tagged != "":
		effect.Commit = tagged
	default:
		effect.Commit, effect.MakesTag = repo.Commit, !effect.Draft
		brings = repo.Commit // a draft's tag is made when it is published
		if err := tagIsFree(v, a.tag); err != nil {
			return nil, err
		}
	}
	if err := noOtherSpelling(v, a.tag); err != nil {
		return nil, err
	}
	if effect.MakesTag {
		if err := v.Lands(mustRef("refs/tags/" + a.tag)); err != nil {
			return nil, err
		}
	}
	noRelease := func() error {
		there, err := v.Gitea().ReleaseInAnyCase(repo.Name, a.tag)
		if err == nil && there.IsDraft {
			v.SawNarrow()
		}
		return orRefusal(absent(there, err), "There is a release, perhaps a draft, of this tag already; nothing was written.")
	}
	if err := noRelease(); err != nil {
		return nil, err
	}
	text := forge.ReleaseText{Title: a.Title, Body: a.Body, Draft: a.Draft, Prerelease: a.Prerelease}
	return &gate.Plan{
		Brings: brings,
		Steps:  []gate.Step{{Write: forge.CreateRelease(repo.Name, a.tag, effect.Commit, text)}},
		Effect: effect,
		Rests: []gate.Basis{
			gate.RestsOn(tagged, func() (string, error) { return tagCommit(v, a.tag) },
				gate.Refuse(gate.Conflict, "The tag was made, moved or removed while this call was under way; nothing was written.").
					WithHint("Look at it and decide anew.")),
			gate.StillSo(noRelease),
		},
		Look: "the releases",
		Answer: func(answers []json.RawMessage) (any, error) {
			made, err := forge.Read[gitea.Release](answers[0])
			if err != nil {
				return nil, err
			}
			return released(v, made, effect, isTrue(a.Prerelease))
		},
	}, nil
}

func isTrue(b *bool) bool { return b != nil && *b }
