package gate

import (
	"aegis/forge/gitea"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// Whoever may not write to a repository is a stranger there, and so is whoever is
// not known. Policy has two rules on what strangers write: untrusted says whether it
// is shown at all, and flow.untrusted_to_write what may be written after it was
// read. Much of it names its author itself ([Authored]). The rest does not: files, diffs,
// logs, and all that comes with a commit that nobody has taken yet.

// HiddenText stands where policy hides what a stranger wrote.
const HiddenText = "[hidden by policy: its author may not write to this repository]"

// strange notes what somebody wrote, if they are a stranger in repo.
func (w *world) strange(login string, repo canon.Repo) {
	w.found.attribute(w.request, login, repo)
	if repo.IsZero() {
		return
	}
	if w.knowing.Untrusted(repo) == policy.Hide && !w.hasStanding(login, repo) {
		w.found.hidesText = true
	}
	switch {
	case !w.writes():
	case w.policy.Flow().UntrustedToWrite == policy.Allow:
		w.found.unjudged = true
	case !w.hasStanding(login, repo):
		w.found.carries = true
	}
}

// ProposerOf is who answers for what a pull request brings: who opened it, if nobody
// else can push to its head without a say in the target. Else it is "", for nobody can
// tell.
func ProposerOf(pull *gitea.PullRequest) string {
	poster, head := login(pull.Poster), pull.Head.Repository
	switch {
	case head == nil && pull.HasMerged, head != nil && head.ID == pull.Base.RepoID:
		return poster
	case head != nil && login(head.Owner) == poster:
		return poster
	}
	return ""
}

// hideStrangers takes the text out of a result that is a stranger's as a whole, and
// returns how many items it withheld. A row that can't hide its own goes.
func (f *findings) hideStrangers(r *Result) (withheld int) {
	if !f.hidesText {
		return 0
	}
	if r.Diff != nil || r.Text != nil {
		r.Diff, r.Text = nil, &Text{Body: HiddenText + "\n"}
		withheld++
	}
	if hides, ok := r.Fields.(hider); ok {
		hides.Hide()
		withheld++
	}
	if r.List == nil {
		return withheld
	}
	var rows []Row
	for _, row := range r.List.Rows {
		withheld++
		if hides, ok := row.Value.(hider); ok && r.List.Query == "" {
			hides.Hide()
			rows = append(rows, row)
		}
	}
	if r.List.Query != "" {
		withheld = 0 // the count would tell of what is hidden
	}
	r.List.Rows = rows
	return withheld
}

// hider is the part of [Authored] that takes text away.
type hider interface{ Hide() }

// login is a user's name, "" for nobody.
func login(u *gitea.User) string {
	if u == nil {
		return ""
	}
	return u.UserName
}
