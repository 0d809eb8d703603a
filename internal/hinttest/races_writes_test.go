package hinttest

import (
	"fmt"

	"aegis/forge"
	"aegis/internal/gatetest"
)

// racesOfWrites are those in which something changes that the call was decided on.
func racesOfWrites(g *ground) {
	comment := `,"number":1,"body":"b"`
	oldText, newText := "old\n", "by another\n"
	update := func(before string) string {
		return fmt.Sprintf(`,"branch":"topic","message":"m","files":[{"operation":"update","path":"old.txt","sha":%q,"content":"mine\n"}]`, forge.BlobID([]byte(before)))
	}
	withOld := func(g *ground, name string) {
		g.prepared(name)
		g.commit("/repos/acme/"+name, "topic", "old.txt", oldText)
	}
	withWiki := func(g *ground, name string) {
		g.keeper("POST", g.repo(name, nil)+"/wiki/new", object{"title": "Home", "content_base64": []byte("home\n")}, nil)
	}
	withWorkflows := func(g *ground, name string) { g.workflows(name) }
	firstOf := `,"branch":"main","message":"m","files":[{"operation":"create","path":"a.txt","content":"a"}]`

	g.run("version: 1\nrepositories: {\"acme/*\": {write: allow, automation: allow}, \"acme/race-first\": {branches: {allow: [main]}}}\n", []race{
		{name: "race-public", tool: "create_comment", args: comment, before: nth(2, "/race-public"), do: sends("PATCH", "", object{"private": false}),
			code: "moved", hint: "Decide anew, knowing who can see it", then: []step{{"get_repository", "", ""}, {code: "flow_denied"}}}, // what is private was looked at
		{name: "race-anew", tool: "create_comment", args: comment, before: nth(2, "/race-anew"), do: anew,
			code: "moved", hint: "Look at the repository before you decide anew", then: []step{{"get_repository", "", ""}, {"create_issue", `,"title":"t"`, ""}}},
		{name: "race-default", tool: "create_comment", args: comment, before: nth(2, "/race-default"), do: sends("PATCH", "", object{"default_branch": "topic"}),
			code: "moved", hint: "Make the call again.", then: []step{{}}},
		{name: "race-tag", tool: "create_release", args: `,"tag":"v9","target":"topic"`, before: nth(2, "/tags/v9"), do: sends("POST", "/tags", object{"tag_name": "v9", "target": "main"}),
			code: "conflict", hint: "Look at it and decide anew", then: []step{{"list_tags", "", ""}, {"create_release", `,"tag":"v9"`, ""}}},
		{name: "race-page", set: withWiki, tool: "write_wiki_page", args: `,"name":"Home","content":"mine"`, before: nth(2, "/wiki/page/Home.md"),
			do:   sends("PATCH", "/wiki/page/Home", object{"title": "Home", "content_base64": []byte("theirs\n")}),
			code: "conflict", hint: "Read it again and decide anew", then: []step{{"get_wiki_page", `,"name":"Home"`, ""}, {}}},
		{name: "race-wiki", set: withWiki, tool: "write_wiki_page", args: `,"name":"Home","content":"mine"`, before: writing, do: sends("DELETE", "", nil),
			code: "outcome_unknown", hint: "Read the wiki of acme/race-wiki", then: []step{{"list_wiki_pages", "", "not_found"}, {code: "not_found"}}},
		{name: "race-file", set: withOld, tool: "commit_files", args: update(oldText), before: writing, do: commits("topic", "old.txt"),
			code: "conflict", hint: "Something that it names may not be there", then: []step{{"get_file_contents", `,"path":"old.txt","ref":"topic"`, ""}, {"commit_files", update(newText), ""}}},
		{name: "race-base", tool: "create_pull_request", args: `,"title":"t","head":"topic","base":"old"`, before: writing, do: sends("DELETE", "/branches/old", nil),
			set:  func(g *ground, name string) { g.prepared(name); g.branch("/repos/acme/"+name, "old") },
			code: "not_found", hint: "Something that it names may not be there", then: []step{{"list_branches", "", ""}, {"create_pull_request", `,"title":"t","head":"topic","base":"main"`, ""}}},
		{name: "race-first", tool: "commit_files", args: firstOf, before: nth(2, "/race-first"), do: commits("main", "b.txt"),
			set:  func(g *ground, name string) { g.repo(name, object{"auto_init": false}) },
			code: "conflict", hint: "Look at what is there, and decide anew", then: []step{{"get_file_tree", "", ""}, {}}},
		{name: "race-moved", set: withWorkflows, tool: "dispatch_workflow", args: `,"workflow":"hand.yml","ref":"agent/x"`, before: nth(2, "/branches/agent/x"), do: commits("agent/x", "more.txt"),
			code: "conflict", hint: "Look at what would run now and decide anew", then: []step{{"list_commits", `,"ref":"agent/x"`, ""}, {}}},
		{name: "race-workflow", set: withWorkflows, tool: "dispatch_workflow", args: `,"workflow":"hand.yml","ref":"agent/x"`, before: writing,
			do: func(g *ground, _ *gatetest.Door, path string) {
				g.keeper("POST", path+"/contents", object{"branch": "agent/x", "message": "m", "files": []object{
					{"operation": "delete", "path": ".gitea/workflows/hand.yml", "sha": forge.BlobID([]byte(byHand))}}}, nil)
			},
			code: "not_found", hint: "get_file_tree of .gitea/workflows tells which there are", then: []step{{"get_file_tree", `,"path":".gitea/workflows","ref":"agent/x"`, ""}}},
		g.lostComment(), g.exchangedFork(),
	}...)
	lost(g)
}

// lostComment is a comment that is removed right before it is changed.
func (g *ground) lostComment() race {
	g.prepared("race-comment")
	var own struct{ ID int64 }
	g.as(g.s.World.Writer, "POST", "/repos/acme/race-comment/issues/1/comments", object{"body": "mine"}, &own)
	return race{name: "race-comment", set: func(*ground, string) {}, tool: "edit_comment", args: fmt.Sprintf(`,"comment_id":%d,"body":"mine, too"`, own.ID),
		before: writing, do: sends("DELETE", fmt.Sprintf("/issues/comments/%d", own.ID), nil),
		code: "not_found", hint: "list_issue_comments tells the ids", then: []step{{"list_issue_comments", `,"number":1`, ""}}}
}

// exchangedFork is a fork that is removed and made anew while a pull request is opened from it.
func (g *ground) exchangedFork() race {
	writer := g.s.World.Writer
	fork := "/repos/" + writer.Name + "/race-fork"
	makeFork := func() {
		g.as(writer, "POST", "/repos/acme/race-fork/forks", object{}, nil)
		g.as(writer, "POST", fork+"/contents", object{"branch": "main", "new_branch": "theirs", "message": "m", "files": []object{{"operation": "create", "path": "a.txt", "content": []byte("a\n")}}}, nil)
	}
	return race{name: "race-fork", set: func(g *ground, name string) { g.prepared(name); makeFork() },
		tool: "create_pull_request", args: `,"title":"t","head":"writer:theirs","base":"main"`, before: nth(2, fork),
		do:   func(g *ground, _ *gatetest.Door, _ string) { g.as(writer, "DELETE", fork, nil, nil); makeFork() },
		code: "moved", hint: "Look at it before you decide anew", then: []step{{}}}
}
