package gate

import (
	"strings"

	"aegis/forge"
	"aegis/internal/canon"
)

// What is told of a request that failed is made here, from what was asked, what is known
// of the repository, and why Gitea refused. A status alone says too little: 404 is a
// wrong number, a part that is turned off, and a token that may not look.
//
// The record is one that policy has shown to the call by then. Without it nothing of a
// repository is told but that it can't be seen.

// explanation is what is told of why something failed.
type explanation struct {
	code          Code
	message, hint string
}

const (
	tokenPage = "Whoever the token belongs to can make one in Gitea under Settings, Applications; it goes into GITEA_TOKEN (or GITEA_TOKEN_FILE)."
	adminOnly = "Somebody who administers the repository can change that; asking again will not."
	mayWrite  = "A human who may write there has to do it, or to give the token's user that right."
)

// reasons are those that say enough by themselves. {scopes} and {unit} are of what was asked.
var reasons = map[forge.Reason]explanation{
	forge.LacksScope:     {GiteaForbidden, "The token lacks a scope: this takes {scopes}.", tokenPage},
	forge.PublicOnly:     {GiteaForbidden, "The token is limited to what is public, and this is not.", tokenPage},
	forge.NoPassword:     {GiteaForbidden, "The token's user has to change the password before Gitea answers anything.", "The user signs in to Gitea in a browser and changes it."},
	forge.NotActivated:   {GiteaForbidden, "The token's user is not activated yet.", "The user confirms the mail from Gitea, or an administrator activates the account."},
	forge.NoLogin:        {GiteaForbidden, "The token's user may not sign in to Gitea.", "An administrator of Gitea can allow it."},
	forge.SignInRequired: {GiteaForbidden, "This Gitea answers nothing without a token.", tokenPage},
	forge.NoWriter:       {GiteaForbidden, "The token's user may not write to this part of the repository; nothing was written.", mayWrite},
	forge.NoReader:       {GiteaForbidden, "The token's user may not read this part of what was asked for.", "Somebody who administers it can give the user that right."},
	forge.NoCommit:       {GiteaForbidden, "The branch is protected, and does not take this commit: by its user, or because it is not signed; nothing was written.", protectedHint},
	forge.PathProtected:  {GiteaForbidden, "The branch's protection names a file among these; nothing was written.", "A human has to change that file."},
	forge.TagProtected:   {GiteaForbidden, "The tag is protected, and the token's user may not make it; nothing was written.", "Choose another tag, or have a human make it."},
	forge.IsMirror:       {Conflict, "The repository mirrors another one; nothing was written.", "Changes belong into what it mirrors."},
	forge.IsArchived:     {Conflict, "The repository is archived; nothing was written.", "It takes no changes until somebody takes it out of the archive."},
	forge.NothingYet:     {NotFound, "There is nothing in the {unit} of this repository yet.", "list_wiki_pages tells when there is."},
	forge.Unrelated:      {Conflict, "The two have no commit in common, so that there is nothing that one brings to the other.", "list_commits and get_file_tree show each by itself; get_pull_request tells where a pull request comes from."},
	forge.Shadowed:       {NotFound, "A branch or a tag is called by the id of a commit that this is about, and Gitea would take it for the commit.", "Somebody has to rename it first."},
	forge.NoRoute:        {NotFound, "This Gitea has no such part of its API: it is turned off for the whole server, or Gitea is older than that.", "Whoever operates Gitea can tell."},
}

const protectedHint = "Commit to another branch, which create_branch makes, and have it merged: create_pull_request."

// missing is what is told of a thing that is not there, in a repository that was read. What
// is asked for by a name that may be of something else is told by who asks.
var missing = map[forge.Thing]explanation{
	forge.ABranch:     {NotFound, "The repository has no such branch.", "list_branches tells which there are."},
	forge.ACommit:     {NotFound, "The repository has no such commit.", "list_commits tells which there are."},
	forge.AFile:       {NotFound, "There is nothing at this path in the commit.", "get_file_tree tells what there is; capitals and small letters differ."},
	forge.AnIssue:     {NotFound, "The repository has no issue or pull request with this number.", "list_issues and list_pull_requests tell which there are."},
	forge.AComment:    {NotFound, "The repository has no comment with this id.", "list_issue_comments tells the ids."},
	forge.APull:       {NotFound, "There is no pull request with this number.", "list_pull_requests tells which there are; if it is an issue's, get_issue reads it."},
	forge.ARelease:    {NotFound, "The repository has no such release.", "list_releases tells which there are; a tag need not have one."},
	forge.LatestOne:   {NotFound, "The repository has no release yet that is neither a draft nor a prerelease.", "list_releases tells which there are; list_tags has the tags."},
	forge.ARun:        {NotFound, "The repository has no workflow run with this id.", "list_workflow_runs tells the ids, which are not the numbers that people see."},
	forge.AJob:        {NotFound, "The repository has no job with this id.", "get_workflow_run tells the ids of a run's jobs."},
	forge.ALog:        {NotFound, "There is no log of this job: it has not begun, its log was removed, or the job is of another repository.", "get_workflow_run tells the ids and states of a run's jobs."},
	forge.AWorkflow:   {NotFound, "The workflow's file is not on this branch or tag any more; nothing was started.", "get_file_tree of .gitea/workflows tells which there are."},
	forge.AComparison: {NotFound, "One of the two has no such commit.", "list_commits tells which there are."},
}

// turnedOff is what is told of a part of a repository that is turned off.
func turnedOff(unit forge.Unit, record *forge.Repository) *Refusal {
	switch {
	case record != nil && forge.Elsewhere(record, unit):
		return Refuse(NotFound, "The repository keeps its %s outside Gitea: Gitea has none.", unit).WithHint("It can't be read from here; its page in Gitea links to where it is.")
	case unit == forge.Code, unit == forge.Wiki:
		return Refuse(NotFound, "The %s of this repository is turned off.", unit).WithHint(adminOnly)
	}
	return Refuse(NotFound, "The %s of this repository are turned off.", unit).WithHint(adminOnly)
}

// forgeRefusal tells why a request failed. record is of the repository that it was about,
// nil if that is not known. What it says of the repository itself, and not of a name, is
// something that is stored.
func (r *request) forgeRefusal(e *forge.Error, record *forge.Repository) *Refusal {
	refusal := r.explained(e, record)
	refusal.tells = e.Kind == forge.Off || e.Reason == forge.NothingYet || e.Reason == forge.Shadowed || e.Asked.Thing == forge.LatestOne
	return refusal
}

func (r *request) explained(e *forge.Error, record *forge.Repository) *Refusal {
	if told, ok := reasons[e.Reason]; ok && e.Kind != forge.Lost && e.Kind != forge.GiteaError {
		fill := strings.NewReplacer("{scopes}", strings.Join(e.Asked.Scopes, " and "), "{unit}", string(e.Asked.Unit))
		return Refuse(told.code, "%s", fill.Replace(told.message)).WithHint("%s", told.hint)
	}
	switch e.Kind {
	case forge.Off:
		return turnedOff(e.Asked.Unit, record)
	case forge.NotFound:
		if told, ok := missing[e.Asked.Thing]; ok && record != nil {
			return Refuse(told.code, "%s", told.message).WithHint("%s", told.hint)
		}
		return nothingByThatName(e)
	case forge.Unauthorized:
		return Refuse(GiteaUnauthorized, "%s", e.Message).WithHint(tokenPage)
	case forge.Forbidden:
		return Refuse(GiteaForbidden, "Gitea forbids this to the token's user.").
			WithHint("The user lacks the permission, or the token a scope: this takes %s.", strings.Join(e.Asked.Scopes, " and "))
	case forge.Conflict:
		return Refuse(Conflict, "What is stored has changed in the meantime; nothing was written.").
			WithHint("Read it again and decide anew.")
	case forge.Moved:
		return movedAway()
	case forge.Exchanged:
		return Refuse(Moved, "Another repository has this name now: it was given away while the call was under way.").
			WithHint("Look at the repository before you decide anew.")
	case forge.Unreachable:
		return Refuse(GiteaUnreachable, "%s", e.Message).
			WithHint("Check GITEA_URL (--gitea-url) and that Gitea is up.")
	case forge.Timeout:
		return r.timedOut()
	case forge.Canceled:
		return Refuse(Timeout, "The call was cancelled.")
	case forge.TooLarge:
		return Refuse(TooLarge, "%s", e.Message).WithHint("Ask for less: a path, a smaller limit, fewer lines.")
	case forge.Refused:
		r.logger().Error().Str("error", r.desk.scrubber.Line(e.Error())).Msg("egress refused")
		return Refuse(Internal, "The tool asked for a request that is on no list; it was not sent.")
	}
	refusal := Refuse(GiteaError, "%s", e.Message)
	switch {
	case e.RetryAfter > 0:
		refusal.WithHint("Gitea asks to wait %s before trying again.", e.RetryAfter)
	case e.Reason == forge.Foreign, e.Reason == forge.Unlike, e.Reason == forge.NoRoute, e.Reason == forge.Redirected:
		refusal.WithHint("Whoever set Aegis up has to look at GITEA_URL, and at what stands before Gitea; no other call will do better.")
	}
	return refusal
}

// nothingByThatName tells of a name that leads nowhere, or that must not be seen: the two
// are not told apart.
func nothingByThatName(e *forge.Error) *Refusal {
	switch e.Asked.Thing {
	case forge.AnOwner:
		if e.Reason == forge.Redirected {
			return Refuse(NotFound, "There is no user or organisation of this name any more; it has another name now, and renames are not followed.").WithHint("Ask for the present name, if you know it.")
		}
		return Refuse(NotFound, "There is no user or organisation of this name that this token may see.").WithHint("Check the spelling; search_users and list_organizations find names.")
	case forge.ARepository:
		return Refuse(NotFound, "Gitea has no repository by that name that this token may see.").
			WithHint("Check the spelling, or look with list_repositories; a private repository needs a token with access to it.")
	}
	return Refuse(NotFound, "Gitea has nothing there that this token may see.").
		WithHint("get_repository tells whether the repository is still there.")
}

// narrowed is e, or if the token's user may see nothing of the kind, that. Gitea answers
// both with the same words.
func (w *world) narrowed(e *forge.Error) *forge.Error {
	if e.Kind != forge.NotFound || e.Reason != forge.Unknown || e.Asked.Thing == "" || w.recordOf(e.Asked.Repo) == nil {
		return e
	}
	if why := forge.From(w.client.MayRead(e.Asked.Repo, e.Asked.Unit)); why != nil && why.Reason == forge.NoReader {
		return why
	}
	return e
}

// recordOf is the record of a repository of the call as it was decided on, nil if there is
// none yet.
func (f *facts) recordOf(repo canon.Repo) *forge.Repository {
	for _, r := range append([]*Resolved{f.repo}, f.others...) {
		if r != nil && !repo.IsZero() && r.Name == repo {
			return r.Record
		}
	}
	return nil
}
