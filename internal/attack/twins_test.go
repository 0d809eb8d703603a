package attack_test

import (
	"fmt"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/tools"
)

// What a stranger wrote is hidden in whatever tool shows it: the same text stands in
// an issue, a commit, a file, a name of a file, a run. Each tool that reads is driven
// over a repository where a stranger wrote wherever a stranger can.
func TestAStrangersTextHasNoTwin(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	const word = "obeythestranger"
	target := st.repository(w.Keeper, "acme", "hiding", false)
	workflow := "name: " + word + "\non: [pull_request]\njobs:\n  " + word + ":\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"
	st.commit(w.Keeper, target, "main", "Workflow", ".gitea/workflows/ci.yml", strings.ReplaceAll(workflow, word, "check"))
	first := st.do(w.Keeper, "GET", "/repos/"+target+"/branches/main", nil)["commit"].(record)["id"].(string)

	issue := int(st.do(w.Outsider, "POST", "/repos/"+target+"/issues", record{"title": word, "body": word})["number"].(float64))
	comment := st.do(w.Outsider, "POST", fmt.Sprintf("/repos/%s/issues/%d/comments", target, issue), record{"body": "@keeper " + word})
	fork := st.fork(w.Outsider, target, "hiding", false)
	before := st.commit(w.Outsider, fork, word, word, "plain.md", word+"\n", word+"/"+word+".txt", word+"\n", ".gitea/workflows/"+word+".yml", workflow)
	number := st.pull(w.Outsider, target, "outsider:"+word, word)
	head := st.commit(w.Outsider, fork, word, word+" again", "plain.md", word+" "+word+"\n")
	st.do(w.Outsider, "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", target, number), record{"event": "COMMENT", "body": word,
		"comments": []record{{"path": word + "/" + word + ".txt", "body": word, "new_position": 1}}})
	st.do(w.Keeper, "POST", "/repos/"+target+"/statuses/"+head, record{"state": "failure", "context": "ci/" + word, "description": word, "target_url": "https://ci.test/" + word})
	pushed := st.agit(w.Outsider, target, word, "plain.md", word+"\n")
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	run := st.do(w.Keeper, "GET", "/repos/"+target+"/actions/runs", nil)["workflow_runs"].([]any)
	if len(run) == 0 {
		t.Fatal("no run was made")
	}
	runs := map[string]any{}
	for i, each := range run {
		runs[fmt.Sprint(i)] = each.(record)["id"]
	}
	_ = comment

	none := []args{}
	at := func(more ...any) (all []args) { // at each commit that nobody has taken
		for _, commit := range []string{head, before, pushed} {
			all = append(all, in(target, append([]any{"ref", commit}, more...)...))
		}
		return all
	}
	ofPull := []args{in(target, "number", number), in(target, "number", number+1)}
	ways := map[string][]args{
		"get_me": none, "list_organizations": none, "search_users": none, "list_packages": none, // their own names, and what owners wrote
		"list_repositories": {{"query": "hiding"}}, "get_repository": {in(target)},
		"list_branches": {in(target)}, "list_tags": {in(target)}, "list_labels": {in(target)}, "list_milestones": {in(target)},
		"list_releases": {in(target)}, "get_release": none, "list_wiki_pages": none, "get_wiki_page": none, // writers' alone
		"get_file_tree":             append(at("recursive", true), at("path", ".gitea/workflows")...),
		"get_file_contents":         append(at("path", "plain.md"), at("path", "plain.md", "show_hidden", true, "start_line", 1, "end_line", 1)...),
		"search_code":               append(at("query", word), at("query", "obey", "context_lines", 3)...),
		"list_commits":              append(at(), at("path", "plain.md")...),
		"get_commit":                {in(target, "sha", head), in(target, "sha", before), in(target, "sha", pushed), in(target, "sha", head, "diff", false), in(target, "sha", head, "path", "plain.md")},
		"compare_refs":              {in(target, "base", "main", "head", head), in(target, "base", head, "head", first), in(target, "base", "main", "head", "outsider:"+word), in(target, "base", before, "head", head)},
		"get_commit_status":         at(),
		"list_issues":               {in(target), in(target, "state", "all", "query", word)},
		"get_issue":                 {in(target, "number", issue)},
		"list_issue_comments":       {in(target, "number", issue), in(target, "number", number)},
		"search_issues":             {{"query": word}, {"query": word, "owner": "acme", "type": "pulls"}},
		"list_pull_requests":        {in(target), in(target, "head", "outsider:"+word)},
		"get_pull_request":          ofPull,
		"list_pull_request_commits": ofPull,
		"list_pull_request_files":   ofPull,
		"list_pull_request_reviews": ofPull,
		"get_pull_request_diff":     {in(target, "number", number), in(target, "number", number, "path", "plain.md")},
		"list_workflow_runs":        {in(target), in(target, "status", "waiting")},
		"get_workflow_run":          nil,
		"get_job_log":               nil,
		"list_notifications":        {{}},
	}
	for _, id := range runs {
		ways["get_workflow_run"] = append(ways["get_workflow_run"], in(target, "run_id", id))
		jobs := st.do(w.Keeper, "GET", fmt.Sprintf("/repos/%s/actions/runs/%v/jobs", target, id), nil)["jobs"].([]any)
		for _, job := range jobs {
			ways["get_job_log"] = append(ways["get_job_log"], in(target, "job_id", job.(record)["id"]))
		}
	}
	shows := 0
	for _, tool := range tools.All() {
		if tool.Capability != policy.Read {
			continue
		}
		asks, known := ways[tool.Name]
		if !known || asks == nil {
			t.Errorf("%s is not driven: say how a stranger's text can get into its answer, or that none can", tool.Name)
		}
		for _, ask := range asks {
			// Without the rule the text shows; with it nothing of it does.
			open := st.door(as(keeper), under("version: 1\n"))
			hides := st.door(as(keeper), under("version: 1\nuntrusted: hide\n"))
			for _, s := range []*scene{open, hides} { // both have come by the commits
				s.shown("list_pull_request_commits", in(target, "number", number))
				s.shown("list_pull_requests", in(target))
			}
			if strings.Contains(without(open.ask(tool.Name, ask).All, ask), word) {
				shows++
			}
			if answer := hides.ask(tool.Name, ask); strings.Contains(without(answer.All, ask), word) {
				t.Errorf("%s %v shows what a stranger wrote: %s", tool.Name, ask, answer.All)
			}
		}
	}
	if shows < 30 {
		t.Errorf("only %d calls show the text where they may: something is wrong with the test", shows)
	}
	// What those with a say wrote stays.
	s := st.door(as(keeper), under("version: 1\nuntrusted: hide\n"))
	if answer := s.shown("get_file_contents", in(target, "path", ".gitea/workflows/ci.yml")); !strings.Contains(answer.Text, "check") {
		t.Errorf("%s", answer.All)
	}
	if answer := s.shown("list_commits", in(target, "ref", first)); !strings.Contains(answer.All, "Workflow") {
		t.Errorf("%s", answer.All)
	}
}

// without takes out of an answer what it repeats of the call.
func without(answer string, ask args) string {
	for _, value := range ask {
		if text, ok := value.(string); ok {
			_, branch, _ := strings.Cut(text, ":")
			for _, given := range []string{text, "refs/heads/" + branch} {
				answer = strings.ReplaceAll(answer, fmt.Sprintf("%q", given), `""`)
			}
		}
	}
	return answer
}
