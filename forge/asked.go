package forge

import (
	"slices"
	"strings"

	"aegis/internal/canon"
)

// Asked is what a request is about. It is known from the request's row of the egress
// list, whatever is answered, so that an answer's status alone decides nothing.
type Asked struct {
	Repo   canon.Repo // zero if the request is about no single repository
	Unit   Unit       // that has to be turned on for it, "" if none has to be
	Thing  Thing      // what the path names
	Scopes []string   // a token needs all of them: read:issue
	Writes bool
}

// Unit is a part of a repository that can be turned off by itself.
type Unit string

// The units.
const (
	Code     Unit = "code"
	Issues   Unit = "issues"
	Pulls    Unit = "pull requests"
	Wiki     Unit = "wiki"
	Releases Unit = "releases"
	Actions  Unit = "actions"
	Packages Unit = "packages"
)

// Thing is what a request's path names. The zero Thing is nothing: the path is that of a list
// of something else's, or of the caller's own.
type Thing string

// The things.
const (
	ARepository Thing = "repository"
	AnOwner     Thing = "owner"
	ABranch     Thing = "branch"
	ATag        Thing = "tag"
	ACommit     Thing = "commit"
	AFile       Thing = "file"
	AnIssue     Thing = "issue"
	AComment    Thing = "comment"
	APull       Thing = "pull request"
	ARelease    Thing = "release"
	LatestOne   Thing = "latest release"
	APage       Thing = "wiki page"
	AllPages    Thing = "wiki"
	ARun        Thing = "workflow run"
	AJob        Thing = "job"
	ALog        Thing = "job log"
	AWorkflow   Thing = "workflow"
	AnArchive   Thing = "archive"
	AComparison Thing = "comparison"
	AProtection Thing = "branch protection"
)

// subject is what the rows are about whose path begins with a pattern.
type subject struct {
	begins string
	unit   Unit
	thing  Thing
	scopes string // without read: or write:, separated by spaces
}

// subjects are read from the top: the first that fits counts. Scopes are those that
// Gitea's routes name.
var subjects = []subject{
	{"/version", "", "", ""},
	{"/signing-key.gpg", "", "", ""},
	{"/signing-key.pub", "", "", ""},
	{"/user/orgs", "", "", "user organization"},
	{"/user/repos", "", "", "user repository"},
	{"/user", "", "", "user"},
	{"/users/search", "", "", "user"},
	{"/users/{owner}/repos", "", AnOwner, "user repository"},
	{"/orgs/{owner}/repos", "", AnOwner, "organization"},
	{"/orgs/{granted}/labels", "", AnOwner, "organization"},
	{"/orgs", "", "", "organization"},
	{"/notifications", "", "", "notification"},
	{"/packages/{owner}", "", AnOwner, "package"},
	{"/repos/search", "", "", "repository"},
	{"/repos/issues/search", "", "", "issue"},

	{"/repos/{owner}/{repo}/issues/comments/{number}", Issues, AComment, "issue"},
	{"/repos/{owner}/{repo}/issues/{number}", Issues, AnIssue, "issue"},
	{"/repos/{owner}/{repo}/issues", Issues, "", "issue"},
	{"/repos/{owner}/{repo}/labels", "", "", "issue"},
	{"/repos/{owner}/{repo}/milestones", "", "", "issue"},

	{"/repos/{owner}/{repo}/branches/{ref...}", Code, ABranch, "repository"},
	{"/repos/{owner}/{repo}/branch_protections/{ref...}", "", AProtection, "repository"},
	{"/repos/{owner}/{repo}/tags/{ref...}", Code, ATag, "repository"},
	{"/repos/{owner}/{repo}/git/commits", Code, ACommit, "repository"},
	{"/repos/{owner}/{repo}/commits/{commit}", Code, ACommit, "repository"},
	{"/repos/{owner}/{repo}/git", Code, "", "repository"},
	{"/repos/{owner}/{repo}/contents/{path...}", Code, AFile, "repository"},
	{"/repos/{owner}/{repo}/compare", Code, AComparison, "repository"},
	{"/repos/{owner}/{repo}/archive", Code, AnArchive, "repository"},
	{"/repos/{owner}/{repo}/branches", Code, "", "repository"},
	{"/repos/{owner}/{repo}/tags", Code, "", "repository"},
	{"/repos/{owner}/{repo}/commits", Code, "", "repository"},
	{"/repos/{owner}/{repo}/contents", Code, "", "repository"},

	{"/repos/{owner}/{repo}/pulls/{number}", Pulls, APull, "repository"},
	{"/repos/{owner}/{repo}/pulls/{number}.diff", Pulls, APull, "repository"},
	{"/repos/{owner}/{repo}/pulls", Pulls, "", "repository"},
	{"/repos/{owner}/{repo}/releases/latest", Releases, LatestOne, "repository"},
	{"/repos/{owner}/{repo}/releases/{number}", Releases, ARelease, "repository"},
	{"/repos/{owner}/{repo}/releases/tags", Releases, ARelease, "repository"},
	{"/repos/{owner}/{repo}/releases", Releases, "", "repository"},
	{"/repos/{owner}/{repo}/wiki/page", Wiki, APage, "repository"},
	{"/repos/{owner}/{repo}/wiki", Wiki, AllPages, "repository"},
	{"/repos/{owner}/{repo}/actions/runs/{number}", Actions, ARun, "repository"},
	{"/repos/{owner}/{repo}/actions/workflows", Actions, AWorkflow, "repository"},
	{"/repos/{owner}/{repo}/actions/jobs/{number}/logs", Actions, ALog, "repository"},
	{"/repos/{owner}/{repo}/actions/jobs/{number}", Actions, AJob, "repository"},
	{"/repos/{owner}/{repo}/actions", Actions, "", "repository"},
	{"/repos/{owner}/{repo}", "", ARepository, "repository"},
}

// subjectOf is what a row is about, by its pattern.
func subjectOf(pattern []string) (subject, bool) {
	for _, s := range subjects {
		begins := strings.Split(s.begins, "/")[1:]
		if len(begins) <= len(pattern) && slices.Equal(begins, pattern[:len(begins)]) {
			return s, true
		}
	}
	return subject{}, false
}

// asked is what a request that matches r is about.
func (r rule) asked(segments []string) Asked {
	s, _ := subjectOf(r.pattern)
	a := Asked{Unit: s.unit, Thing: s.thing, Writes: r.body != nil}
	level := "read:"
	if a.Writes {
		level = "write:"
	}
	for scope := range strings.FieldsSeq(s.scopes) {
		a.Scopes = append(a.Scopes, level+scope)
	}
	if len(r.pattern) > 2 && r.pattern[2] == "{repo}" {
		a.Repo, _ = canon.ParseRepo(segments[1], segments[2])
	}
	return a
}

// Scopes are those that a token needs for a request of the egress list, each once and
// sorted: all that reading takes, or what the writes do that begin with method and
// path, as "POST /issues".
func Scopes(write string) []string {
	var all []string
	rules, method, path := egress, "", ""
	if write != "" {
		rules = egressWrites
		method, path, _ = strings.Cut(write, " ")
	}
	for _, r := range rules {
		below := strings.TrimPrefix("/"+strings.Join(r.pattern, "/"), "/repos/{owner}/{repo}")
		if write != "" && (r.methods != method || below != path) {
			continue
		}
		all = append(all, r.asked([]string{"repos", "o", "r"}).Scopes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Writes are the requests of the egress list that change something: "POST /issues".
func Writes() (all []string) {
	for _, r := range egressWrites {
		all = append(all, r.methods+" "+strings.TrimPrefix("/"+strings.Join(r.pattern, "/"), "/repos/{owner}/{repo}"))
	}
	return all
}
