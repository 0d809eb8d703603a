package forge

// egress is everything that may leave, to be read like a specification. A
// request has to match one rule whole: its method, every segment of its path
// below /api/v1, and every member of its query, each at most once.
//
// In a pattern {owner} is an owner, {repo} with the {owner} before it a granted
// repository, {commit} 40 hex digits, {short} 7 to 39 of them, {number} an integer from 1, {ref...} the
// rest of the path as a branch's or tag's name, {path...} the rest as a path,
// {ref} the same in one segment, with its slashes escaped,
// {granted} the owner of a granted repository,
// {comparison} two commits of which the second may be a granted repository's that
// was seen to have the first,
// {wiki} a wiki page's name, {workflow} a workflow's file name; all of them in canonical form. In a query a name with an exclamation mark
// must be there.
//
// Reading by blob (git/blobs), raw and media are left out: they give a file out
// under another name than the path that policy judged. An archive is for
// searching, file by file, and offered to nobody. The issue list
// has to say type=issues, because it would contain pull requests otherwise.
//
// What has ahead() may also leave before it is known whether it is needed, see
// [Client.Ahead]. Comparisons, archives, logs and the diffs of pull requests may not: Gitea
// writes for them, they are large, or they are of what policy may hide.
//
// What has record() is what a repository is judged by: the gate may look that up of
// more repositories than the call may read. What has list() is of many repositories, and
// leaves only in a call that names none.
//
// What changes something is in egressWrites.
var egress = []rule{
	read("/version", query{}),
	readText("/signing-key.gpg", query{}),
	readText("/signing-key.pub", query{}),

	read("/user", query{}),
	read("/user/repos", pages).list(),
	read("/users/{owner}/repos", pages).list(),
	read("/orgs/{owner}/repos", pages).list(),
	read("/repos/search", pages, query{
		"q": text, "topic": flag, "includeDesc": flag, "uid": number, "exclusive": flag,
		"private": flag, "is_private": flag, "template": flag, "archived": flag,
		"mode": word, "sort": word, "order": word,
	}).list(),

	read("/repos/{owner}/{repo}", query{}).record(),
	read("/repos/{owner}/{repo}/assignees", query{}).record(),

	read("/repos/{owner}/{repo}/branches/{ref...}", query{}).ahead(),
	read("/repos/{owner}/{repo}/branch_protections/{ref...}", query{}),
	read("/repos/{owner}/{repo}/tags/{ref...}", query{}).ahead(),
	read("/repos/{owner}/{repo}/git/commits/{commit}", commitDetail).ahead(),
	read("/repos/{owner}/{repo}/git/commits/{short}", commitDetail),
	read("/repos/{owner}/{repo}/git/trees/{commit}", pages, query{"per_page": number, "recursive": flag}).ahead(),
	read("/repos/{owner}/{repo}/contents/{path...}", query{"ref!": commitID}).ahead(),
	read("/repos/{owner}/{repo}/commits", pages, commitDetail, query{
		"sha!": commitID, "path": pathSpec, "since": moment, "until": moment, "not": ownRef,
	}).ahead(),
	read("/repos/{owner}/{repo}/git/refs", query{}),

	read("/repos/{owner}/{repo}/issues", pages, query{
		"type!": issuesOnly, "state": state, "q": text, "labels": names, "milestones": names,
		"since": moment, "before": moment,
		"created_by": login, "assigned_by": login, "mentioned_by": login,
	}).ahead(),
	read("/repos/{owner}/{repo}/issues/{number}", query{}).ahead(),
	read("/repos/{owner}/{repo}/labels", pages).ahead(),
	read("/orgs/{granted}/labels", pages).ahead(),
	read("/repos/{owner}/{repo}/milestones", pages, query{"state": state, "name": text}).ahead(),
	read("/repos/{owner}/{repo}/issues/{number}/comments", pages).ahead(),
	read("/repos/{owner}/{repo}/issues/comments/{number}", query{}),
	read("/repos/issues/search", pages, query{
		"type": issuesOrPulls, "state": state, "q": text, "owner": login,
	}).list(),

	read("/user/orgs", pages).list(),
	read("/orgs", pages).list(),
	read("/users/search", pages, query{"q": text}).list(),

	read("/repos/{owner}/{repo}/branches", pages).ahead(),
	read("/repos/{owner}/{repo}/tags", pages).ahead(),
	read("/repos/{owner}/{repo}/commits/{commit}/status", pages).ahead(),
	readText("/repos/{owner}/{repo}/git/commits/{commit}.diff", query{}).ahead(),
	read("/repos/{owner}/{repo}/compare/{comparison}", query{"verification": flag, "files": flag}),
	stream("/repos/{owner}/{repo}/archive/{commit}.tar.gz", query{}),

	read("/repos/{owner}/{repo}/pulls", pages, query{"state": state, "sort": word}).ahead(),
	read("/repos/{owner}/{repo}/pulls/{number}", query{}).ahead(),
	readText("/repos/{owner}/{repo}/pulls/{number}.diff", query{}),
	read("/repos/{owner}/{repo}/pulls/{number}/commits", pages, commitDetail),
	read("/repos/{owner}/{repo}/pulls/{number}/files", pages),
	read("/repos/{owner}/{repo}/pulls/{number}/reviews", pages).ahead(),
	read("/repos/{owner}/{repo}/pulls/{number}/reviews/{number}/comments", pages),

	read("/repos/{owner}/{repo}/releases", pages).ahead(),
	read("/repos/{owner}/{repo}/releases/latest", query{}).ahead(),
	read("/repos/{owner}/{repo}/releases/{number}", query{}),
	read("/repos/{owner}/{repo}/releases/tags/{ref}", query{}).ahead(),

	read("/repos/{owner}/{repo}/wiki/pages", pages).ahead(),
	read("/repos/{owner}/{repo}/wiki/page/{wiki}", query{}).ahead(),

	read("/repos/{owner}/{repo}/actions/runs", pages, query{"status": word, "branch": text}).ahead(),
	read("/repos/{owner}/{repo}/actions/runs/{number}", query{}).ahead(),
	read("/repos/{owner}/{repo}/actions/runs/{number}/jobs", pages).ahead(),
	read("/repos/{owner}/{repo}/actions/workflows/{workflow}", query{}),
	read("/repos/{owner}/{repo}/actions/jobs/{number}", query{}),
	readText("/repos/{owner}/{repo}/actions/jobs/{number}/logs", query{}),

	read("/notifications", pages).list(),
	read("/packages/{owner}", pages, query{"q": text, "type": word}).list(),
}

var (
	pages        = query{"page": number, "limit": limit}
	commitDetail = query{"stat": flag, "verification": flag, "files": flag}
)
