package forge

// egressWrites is everything that may leave to change something, to be read like
// egress. A body has to have each member that is marked with an exclamation
// mark, none that is not named here, and only values that the member's word
// takes.
//
// What is left out can't be expressed: merging and approving pull requests,
// deleting branches, tags or anything else, moving a branch other than by a commit
// on top of it (force_push, new_branch), changing what a pull request or a
// release is for (base, tag_name, target_commitish), renaming files and wiki
// pages (from_path, another title), writing in somebody else's name (author, committer,
// dates), and every setting of a repository.
var egressWrites = []rule{
	write("POST", "/issues", members{
		"title!": title, "body": prose, "labels": ids, "assignees": people, "milestone": id,
	}),
	write("PATCH", "/issues/{number}", members{
		"content_version!": count, "title": title, "body": prose, "state": openOrClosed,
		"assignees": people, "milestone": idOrNone, "due_date": dateTime, "unset_due_date": isTrue,
	}),
	write("PUT", "/issues/{number}/labels", members{"labels!": ids}),
	write("POST", "/issues/{number}/comments", members{"body!": prose}),
	write("PATCH", "/issues/comments/{number}", members{"body!": prose}),
	write("POST", "/labels", members{"name!": title, "color!": color, "description": prose}),
	write("POST", "/milestones", members{"title!": title, "description": prose, "due_on": dateTime}),

	write("POST", "/branches", members{"new_branch_name!": shortRef, "old_ref_name!": commit}),
	write("POST", "/contents", members{
		"branch!": shortRef, "message!": prose, "files!": each(1, 100, either(
			members{"operation!": only("create"), "path!": aPath, "content!": fileContent},
			members{"operation!": only("update"), "path!": aPath, "content!": fileContent, "sha!": commit},
			members{"operation!": only("delete"), "path!": aPath, "sha!": commit},
		)),
	}),

	write("POST", "/pulls", members{
		"title!": title, "head!": headRef, "base!": shortRef, "body": prose,
		"labels": ids, "assignees": people, "milestone": id,
	}).agreeing(comesFromReadable),
	write("PATCH", "/pulls/{number}", members{
		"content_version!": count, "title": title, "body": prose, "state": openOrClosed,
		"labels": ids, "assignees": people, "milestone": id,
	}),
	write("POST", "/pulls/{number}/reviews", members{
		"event!": only("COMMENT", "REQUEST_CHANGES"), "commit_id!": commit, "body": prose, "comments": each(0, 100, either(
			members{"path!": aPath, "body!": prose, "new_position!": line},
			members{"path!": aPath, "body!": prose, "old_position!": line},
		)),
	}),

	write("POST", "/releases", members{
		"tag_name!": shortRef, "target_commitish!": commit, "name": prose, "body": prose, "draft": truth, "prerelease": truth,
	}),
	write("PATCH", "/releases/{number}", members{"name": prose, "body": prose, "draft": truth, "prerelease": truth}),

	write("POST", "/wiki/new", members{"title!": title, "content_base64!": fileContent, "message": prose}),
	write("PATCH", "/wiki/page/{wiki}", members{"title!": title, "content_base64!": fileContent, "message": prose}).agreeing(keepsPage),

	write("POST", "/actions/workflows/{workflow}/dispatches", members{"ref!": fullRef, "inputs": texts}),
	write("POST", "/actions/runs/{number}/rerun", members{}),
}
