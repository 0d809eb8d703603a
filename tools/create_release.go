package tools

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
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

// showsIfGiven refuses a text that is given and of which nothing shows.
func showsIfGiven(name string, text *string) error {
	if text != nil && !shows(*text) {
		return errors.New(name + " must not be blank")
	}
	return nil
}

// shows reports whether anything of a text shows.
func shows(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
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

// releaseEffect says what a release is of.
type releaseEffect struct {
	ID       int64  `json:"id,omitempty"` // of one that is there
	Tag      string `json:"tag"`
	Commit   string `json:"commit,omitempty"` // that the tag has, or will have
	MakesTag bool   `json:"makes_tag"`
	Draft    bool   `json:"draft"`
}

// releaseWritten is a release as Gitea has it now.
type releaseWritten struct {
	Repository string `json:"repository"`
	ID         int64  `json:"id"`
	Tag        string `json:"tag"`
	Commit     string `json:"commit,omitempty"`         // that the tag has
	Planned    string `json:"planned_commit,omitempty"` // if it is another
	MadeTag    bool   `json:"made_tag,omitempty"`
	Draft      bool   `json:"draft,omitempty"`
	Prerelease bool   `json:"prerelease,omitempty"`
	URL        string `json:"html_url"`
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

// tagCommit returns the commit of a tag, "" if there is no such tag.
func tagCommit(v *gate.Visit, tag string) (string, error) {
	commit, err := v.Gitea().TagCommit(v.Repo().Name, tag)
	if err != nil && forge.From(err).Kind == forge.NotFound {
		return "", nil
	}
	return commit, err
}

// tagIsFree refuses a new tag that would be taken for a branch, or a branch for it.
func tagIsFree(v *gate.Visit, tag string) error {
	return orRefusal(absent(v.Gitea().BranchCommit(v.Repo().Name, tag)), "There is a branch of this name.")
}

// noOtherSpelling refuses a tag that is there in another case: Gitea finds a tag's
// release without regard to it, and would make that one's.
func noOtherSpelling(v *gate.Visit, tag string) error {
	tags, bounded, err := scan(func(page forge.Page) ([]*gitea.Tag, bool, error) { return v.Gitea().Tags(v.Repo().Name, page) })
	if err != nil {
		return err
	}
	there := slices.ContainsFunc(tags, func(each *gitea.Tag) bool { return each.Name != tag && strings.EqualFold(each.Name, tag) })
	if bounded { // what is most likely among those that were not looked at
		for _, spelling := range []string{strings.ToLower(tag), strings.ToUpper(tag)} {
			if there || spelling == tag {
				continue
			}
			commit, err := tagCommit(v, spelling)
			if err != nil {
				return err
			}
			there = commit != ""
		}
	}
	if there {
		return gate.Refuse(gate.Conflict, "There is a tag of this name in another case, which Gitea would take for it.").
			WithHint("list_tags has it as it is spelled.")
	}
	return nil
}

// released reads Gitea's answer about a release and holds it against the plan.
func released(v *gate.Visit, made *gitea.Release, planned releaseEffect, prerelease bool) (any, error) {
	if made.ID <= 0 {
		return nil, errors.New("no release in the answer")
	}
	written := releaseWritten{
		Repository: v.Repo().FullName, ID: made.ID, Tag: made.TagName, MadeTag: planned.MakesTag,
		Draft: made.IsDraft, Prerelease: made.IsPrerelease, URL: made.HTMLURL,
	}
	if made.TagName != planned.Tag {
		v.Remark("Gitea made this a release of another tag than was asked for")
	}
	if made.IsDraft != planned.Draft || made.IsPrerelease != prerelease {
		v.Remark("Gitea has the release as a draft or prerelease otherwise than was asked for")
	}
	if made.IsDraft {
		return written, nil
	}
	commit, err := tagCommit(v, made.TagName)
	switch {
	case err != nil:
		v.Remark("the tag could not be looked at after the write")
	case commit != planned.Commit:
		written.Planned = planned.Commit
		v.Remark("the tag is at another commit than was planned, or gone")
	}
	written.Commit = commit
	return written, nil
}
