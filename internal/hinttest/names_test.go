package hinttest

import (
	"strings"

	"aegis/internal/giteatest"
)

// names are hints about what is called alike, or otherwise than it was.
func names(g *ground) {
	path := g.repo("named", nil)
	for _, name := range []string{"Twin", "TWIN"} {
		g.keeper("POST", path+"/labels", object{"name": name, "color": "#00aa00"}, nil)
		g.keeper("POST", path+"/milestones", object{"title": name}, nil)
	}
	g.keeper("POST", path+"/tags", object{"tag_name": "v1", "target": "main"}, nil)
	g.branch(path, "kept")
	g.keeper("POST", path+"/branch_protections", object{"rule_name": "kept", "enable_push": false}, nil)
	g.keeper("POST", path+"/wiki/new", object{"title": "c d", "content_base64": []byte("blank\n")}, nil)
	g.push("named.wiki", "main", giteatest.File{Path: "c d.md", Content: "blank\n"}, giteatest.File{Path: "c-d.-.md", Content: "dash\n"})
	g.keeper("PATCH", g.repo("was-called", nil), object{"name": "is-called"}, nil)
	longer := strings.Repeat("acme", 12) // than a name that can be asked for
	d := g.door(open, "named")
	g.walk(d,
		trail{step{"create_issue", in("named", `,"title":"t","labels":["twin"]`), "conflict"}, "list_labels lists them. Spell the name as it is there", []step{
			{"list_labels", in("named", ""), ""}, {"create_issue", in("named", `,"title":"t","labels":["TWIN"]`), ""}}},
		trail{step{"create_issue", in("named", `,"title":"t","milestone":"twin"`), "conflict"}, "list_milestones lists them. Spell the title as it is there", []step{
			{"list_milestones", in("named", ""), ""}, {"create_issue", in("named", `,"title":"t","milestone":"Twin"`), ""}}},
		trail{step{"create_branch", in("named", `,"branch":"MAIN"`), "conflict"}, "Choose a name that nobody takes for it", []step{
			{"create_branch", in("named", `,"branch":"other"`), ""}}},
		trail{step{"create_release", in("named", `,"tag":"V1"`), "conflict"}, "list_tags has it as it is spelled", []step{
			{"list_tags", in("named", ""), ""}, {"create_release", in("named", `,"tag":"v1"`), ""}}},
		trail{step{"get_wiki_page", in("named", `,"name":"c-d"`), ""}, "The name stands for other pages as well", []step{
			{"get_wiki_page", in("named", `,"name":"c-d.-.md"`), ""}}},
		trail{step{"create_issue", in("named", `,"title":"t","body":"see `+longer+`/named#1"`), "not_whitelisted"}, "Write references as owner/repo#1", []step{
			{"create_issue", in("named", `,"title":"t","body":"see acme/named#1"`), ""},
			{"create_issue", in("named", `,"title":"t","body":`+quoted("```\n"+longer+"/named#1\n```")), ""}}},
		trail{step{"commit_files", added("named", "kept", "a.txt", "a"), "gitea_forbidden"}, "Commit to another branch, which create_branch makes, and have it merged", []step{
			{"create_branch", in("named", `,"branch":"agent/kept","from":"kept"`), ""},
			{"commit_files", added("named", "agent/kept", "a.txt", "a"), ""},
			{"create_pull_request", in("named", `,"title":"t","head":"agent/kept","base":"kept"`), ""}}},
		trail{step{"get_repository", in("was-called", ""), "moved"}, "Ask for acme/is-called.", []step{{"get_repository", in("is-called", ""), ""}}},
		trail{step{"list_repositories", `{"owner":"oldorg"}`, "not_found"}, "Ask for the present name", []step{{"list_repositories", `{"owner":"neworg"}`, ""}}},
	)
	hiding := g.door("version: 1\nrepositories: {\"acme/is-called\": {read: deny}}\n")
	g.walk(hiding, trail{step{"get_repository", in("was-called", ""), "moved"}, "Ask for it by its present name", []step{{"get_repository", in("is-called", ""), "policy_denied"}}})

	// git has names that no request may hold.
	path = g.repo("headed", nil)
	g.branch(path, "HEAD")
	g.keeper("PATCH", path, object{"default_branch": "HEAD"}, nil)
	g.walk(d, trail{step{"get_file_tree", in("headed", ""), "not_found"}, "Give a ref", []step{
		{"list_branches", in("headed", ""), ""}, {"get_file_tree", in("headed", `,"ref":"main"`), ""}}})

	forked(g)
}

// forked are hints about what comes from a fork.
func forked(g *ground) {
	path, writer := g.repo("upstream", nil), g.s.World.Writer
	fork := "/repos/" + writer.Name + "/upstream"
	g.as(writer, "POST", path+"/forks", object{}, nil)
	g.as(writer, "POST", fork+"/contents", object{"branch": "main", "new_branch": "topic", "message": "m", "files": []object{{"operation": "create", "path": "a.txt", "content": []byte("a\n")}}}, nil)
	var pull struct{ Number int64 }
	g.as(writer, "POST", path+"/pulls", object{"title": "theirs", "head": writer.Name + ":topic", "base": "main"}, &pull)
	g.commit(path, "main", "later.txt", "later\n")
	theirs := func(more string) string { return `{"owner":"` + writer.Name + `","repo":"upstream"` + more + `}` }
	g.walk(g.door(open, "upstream"), trail{step{"compare_refs", in("upstream", `,"base":"main","head":"writer:topic"`), "conflict"}, "Compare the other way round: ask for writer/upstream", []step{
		{"compare_refs", theirs(`,"base":"topic","head":"acme:main"`), ""}}})
	hiding := g.door("version: 1\nrepositories: {\"writer/*\": {read: deny}}\n")
	g.walk(hiding, trail{step{"get_pull_request_diff", in("upstream", `,"number":1`), "policy_denied"}, "get_pull_request shows its title and body", []step{
		{"get_pull_request", in("upstream", `,"number":1`), ""}}})
}
