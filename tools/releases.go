package tools

import (
	"errors"
	"slices"
	"strings"

	"aegis/forge"
	"aegis/gate"

	gitea "aegis/forge/gitea"
)

// releaseEffect says what a release is of.
type releaseEffect struct {
	ID       int64  `json:"id,omitempty"` // of one that is there
	Tag      string `json:"tag"`
	Commit   string `json:"commit,omitempty"` // that the tag has, or will have
	MakesTag bool   `json:"makes_tag"`
	Draft    bool   `json:"draft"`
}

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

// releaseItem is a release in a list. Only who may write to a repository can
// make one.
type releaseItem struct {
	ID         int64  `json:"id"` // which edit_release wants
	Tag        string `json:"tag"`
	Title      string `json:"title,omitempty"`
	Target     string `json:"target,omitempty"` // what a tag that was made with it was made from
	Draft      bool   `json:"draft,omitempty"`
	Prerelease bool   `json:"prerelease,omitempty"`
	Author     string `json:"author,omitempty"`
	Created    string `json:"created_at,omitempty"`
}

// Narrow implements [gate.Narrow]: who may not write to a repository sees none of its
// drafts.
func (r releaseItem) Narrow() bool { return r.Draft }

func releaseRow(r *gitea.Release) releaseItem {
	return releaseItem{
		ID: r.ID, Tag: r.TagName, Title: r.Title, Target: r.Target, Draft: r.IsDraft, Prerelease: r.IsPrerelease,
		Author: login(r.Publisher), Created: stamp(r.CreatedAt),
	}
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
