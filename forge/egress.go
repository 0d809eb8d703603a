package forge

// egress is everything that may leave, to be read like a specification. A
// request has to match one rule whole: its method, every segment of its path
// below /api/v1, and every member of its query, each at most once.
//
// In a pattern {owner} is an owner, {repo} with the {owner} before it a granted
// repository, {commit} 40 hex digits, {number} an integer from 1, {ref...} the
// rest of the path as a branch's or tag's name, {path...} the rest as a path;
// all of them in canonical form. In a query a name with an exclamation mark
// must be there.
//
// Reading by blob (git/blobs), raw, media and archive are left out: they give a
// file out under another name than the path that policy judged. The issue list
// has to say type=issues, because it would contain pull requests otherwise.
//
// A rule for a write will name the members of its body as well.
var egress = []rule{
	read("/version", query{}),

	read("/user", query{}),
	read("/user/repos", pages),
	read("/users/{owner}/repos", pages),
	read("/orgs/{owner}/repos", pages),
	read("/repos/search", pages, query{
		"q": text, "topic": flag, "includeDesc": flag, "uid": number, "exclusive": flag,
		"private": flag, "is_private": flag, "template": flag, "archived": flag,
		"mode": word, "sort": word, "order": word,
	}),

	read("/repos/{owner}/{repo}", query{}),
	read("/repos/{owner}/{repo}/assignees", query{}),

	read("/repos/{owner}/{repo}/branches/{ref...}", query{}),
	read("/repos/{owner}/{repo}/tags/{ref...}", query{}),
	read("/repos/{owner}/{repo}/git/commits/{commit}", commitDetail),
	read("/repos/{owner}/{repo}/git/trees/{commit}", pages, query{"per_page": number, "recursive": flag}),
	read("/repos/{owner}/{repo}/contents/{path...}", query{"ref!": commitID}),
	read("/repos/{owner}/{repo}/commits", pages, commitDetail, query{
		"sha!": commitID, "path": pathSpec, "since": moment, "until": moment,
	}),

	read("/repos/{owner}/{repo}/issues", pages, query{
		"type!": issuesOnly, "state": state, "q": text, "labels": names, "milestones": names,
		"since": moment, "before": moment,
		"created_by": login, "assigned_by": login, "mentioned_by": login,
	}),
	read("/repos/{owner}/{repo}/issues/{number}", query{}),
	read("/repos/{owner}/{repo}/labels", pages),
	read("/repos/{owner}/{repo}/milestones", pages, query{"state": state, "name": text}),
}

var (
	pages        = query{"page": number, "limit": limit}
	commitDetail = query{"stat": flag, "verification": flag, "files": flag}
)
