package hinttest

import (
	"fmt"
	"strings"
)

// asking are hints about what a human is asked, and can be shown.
func asking(g *ground) {
	path := g.repo("asked", nil)
	g.branch(path, "work")
	var issue struct{ Number int64 }
	g.keeper("POST", path+"/issues", object{"title": "an issue", "body": "as it was"}, &issue)
	var draft struct{ ID int64 }
	g.keeper("POST", path+"/releases", object{"tag_name": "v1", "draft": true, "body": "It begins with " + g.s.World.Plant.AWS + "."}, &draft)
	d := g.door("version: 1\nrepositories: {\"acme/*\": {write: allow, approve: [commit_files, update_issue, edit_release]}}\n", "asked")
	yes := func(string) bool { return true }
	d.Human = yes

	long := func(n int) string { return strings.Repeat("a line of a text that a human has to read\n", n) }
	publish := func(more, code string) step {
		return step{"edit_release", in("asked", fmt.Sprintf(`,"id":%d,"draft":false%s`, draft.ID, more)), code}
	}
	g.walk(d,
		trail{step{"commit_files", added("asked", "work", "long.txt", long(300)), "approval_unavailable"}, "Split the call", []step{
			{"commit_files", added("asked", "work", "first.txt", long(150)), ""}, {"commit_files", added("asked", "work", "second.txt", long(150)), ""}}},
		trail{publish("", "approval_unavailable"), "Write it in another way", []step{publish(`,"body":"It begins with a key."`, "")}},
	)

	retitle := in("asked", fmt.Sprintf(`,"number":%d,"body":"as it is"`, issue.Number))
	d.Human = func(string) bool { // while they read somebody else writes
		g.keeper("PATCH", fmt.Sprintf("%s/issues/%d", path, issue.Number), object{"body": "as others have it"}, nil)
		return true
	}
	g.walk(d, trail{step{"update_issue", retitle, "approval_declined"}, "Make the call again; a human will be asked again", nil})
	d.Human = yes
	g.walk(d, trail{step{"update_issue", retitle, ""}, "", nil})
}
