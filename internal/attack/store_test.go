package attack_test

import (
	"fmt"
	"strings"
	"testing"

	"aegis/gate"
)

// What lies in a repository's object store is not of the repository: commits of
// denied forks get there by pull requests, and stay after they are gone from them.
func TestInTheObjectStoreIsNotOfTheRepository(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	target := st.repository(w.Keeper, "acme", "target", true)
	for _, user := range []string{"reader", "forker", "writer"} {
		st.do(w.Keeper, "PUT", "/repos/"+target+"/collaborators/"+user, record{"permission": "read"})
	}
	st.commit(w.Keeper, target, "main", "Workflow", ".gitea/workflows/ci.yml", "on: [pull_request]\njobs:\n  a:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n")
	denied := st.fork(w.Forker, target, "target", true)
	st.member(denied, w.Reader, "read")
	first := st.commit(w.Forker, denied, "topic", "canary-subject-first", "inner.txt", "canary-file-first\n")
	number := st.pull(w.Forker, target, "forker:topic", "A proposal")
	st.do(w.Keeper, "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", target, number), record{"event": "COMMENT", "body": "I have looked", "commit_id": first,
		"comments": []record{{"path": "inner.txt", "body": "here", "new_position": 1}}})
	second := st.commit(w.Forker, denied, "topic", "canary-subject-second", "inner.txt", "canary-file-second\n")
	gone := st.commit(w.Forker, denied, "other", "canary-subject-gone", "other.txt", "canary-file-gone\n")
	closed := st.pull(w.Forker, target, "forker:other", "Another proposal")
	st.do(w.Forker, "PATCH", fmt.Sprintf("/repos/%s/issues/%d", target, closed), record{"state": "closed"})
	st.commit(w.Keeper, target, "side", "On another branch", "side.txt", "aside\n")
	side := st.commit(w.Keeper, target, "side", "Its tip", "side.txt", "aside still\n")
	// A review names whatever commit its author likes.
	st.do(w.Keeper, "PUT", "/repos/"+target+"/collaborators/contractor", record{"permission": "read"})
	honest := st.fork(w.Contractor, target, "target", true)
	st.member(honest, w.Reader, "read")
	st.commit(w.Contractor, honest, "fine", "Fine", "fine.txt", "fine\n")
	lying := st.pull(w.Contractor, target, "contractor:fine", "An honest proposal")
	st.do(w.Forker, "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", target, lying), record{"event": "COMMENT", "body": "See there", "commit_id": gone})
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, commit := range []string{first, second, gone} {
		if !st.serves(w.Reader.Token, target, commit) {
			t.Fatalf("the attack proves nothing: Gitea does not serve %s", commit)
		}
	}

	policy := "version: 1\nrepositories:\n  \"forker/*\": {read: deny}\n"
	everyWay := func(commit string) map[string]args {
		return map[string]args{
			"get_file_contents": in(target, "ref", commit, "path", "inner.txt"),
			"get_file_tree":     in(target, "ref", commit),
			"list_commits":      in(target, "ref", commit),
			"get_commit":        in(target, "sha", commit),
			"get_commit_status": in(target, "ref", commit),
			"compare_refs":      in(target, "base", "main", "head", commit),
			"search_code":       in(target, "ref", commit, "query", "canary"),
		}
	}
	t.Run("by the id of a hidden head's commit", func(t *testing.T) {
		s := st.in(t).door(under(policy))
		s.hides("canary-")
		for _, commit := range []string{first, second, gone, strings.ToUpper(second)} {
			for tool, ask := range everyWay(commit) {
				s.refused(gate.NotFound, tool, ask)
			}
			s.refused(gate.NotFound, "compare_refs", in(target, "base", commit, "head", "main"))
			s.refused(gate.NotFound, "list_commits", in(target, "ref", commit, "path", "inner.txt"))
		}
		// It is the same as for a commit that is nowhere.
		missing := s.refused(gate.NotFound, "get_commit", in(target, "sha", strings.Repeat("1", 40)))
		there := s.refused(gate.NotFound, "get_commit", in(target, "sha", second))
		if missing["message"] != there["message"] || missing["hint"] != there["hint"] {
			t.Errorf("%v and %v differ", missing, there)
		}
	})
	t.Run("reviews and runs tell no ids and titles", func(t *testing.T) {
		s := st.in(t).door(under(policy))
		s.hides("canary-", first, second, gone)
		reviews := s.shown("list_pull_request_reviews", in(target, "number", number))
		if !strings.Contains(reviews.All, "I have looked") {
			t.Errorf("reviews: %s", reviews.Object)
		}
		s.shown("list_pull_requests", in(target, "state", "all"))
		s.shown("get_pull_request", in(target, "number", number))
		s.refused(gate.PolicyDenied, "get_pull_request_diff", in(target, "number", number))
		runs := s.shown("list_workflow_runs", in(target)).Items()
		hidden := 0
		for _, run := range runs {
			if run["head_hidden"] == true {
				hidden++
				s.shown("get_workflow_run", in(target, "run_id", run["id"]))
			}
		}
		if hidden == 0 {
			t.Errorf("no run is of a hidden head: %v", runs)
		}
	})
	t.Run("by a review that names another's commit", func(t *testing.T) {
		s := st.in(t).door(under(policy))
		s.hides("canary-")
		if answer := s.shown("list_pull_request_reviews", in(target, "number", lying)); !strings.Contains(answer.All, gone) {
			t.Errorf("the review does not name it: %s", answer.Object)
		}
		s.shown("list_pull_request_commits", in(target, "number", lying))
		for tool, ask := range everyWay(gone) {
			s.refused(gate.NotFound, tool, ask)
		}
	})
	t.Run("once the fork is gone", func(t *testing.T) {
		st := newStageWithout(t, st, denied)
		s := st.door(under(policy))
		s.hides("canary-")
		for tool, ask := range everyWay(second) {
			s.refused(gate.NotFound, tool, ask)
		}
		s.refused(gate.PolicyDenied, "get_pull_request_diff", in(target, "number", number))
	})
	t.Run("what is the repository's own", func(t *testing.T) {
		s := st.in(t).door(under(policy))
		for _, commit := range []string{side, st.do(w.Keeper, "GET", "/repos/"+target+"/git/commits/"+side, nil)["parents"].([]any)[0].(record)["sha"].(string)} {
			if answer := s.shown("get_file_contents", in(target, "ref", commit, "path", "side.txt")); !strings.Contains(answer.Text, "aside") {
				t.Errorf("%s: %s", commit, answer.All)
			}
		}
	})
}

// Where policy shows the head, its commits are read through the target, and its rules
// on paths hold there.
func TestAShownHeadBringsItsRules(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	target := st.repository(w.Keeper, "acme", "shown-head", true)
	st.member(target, w.Forker, "read")
	fork := st.fork(w.Forker, target, "shown-head", true)
	old := st.commit(w.Forker, fork, "topic", "One", "docs/a.txt", "shown text\n", "inner/b.txt", "canary-inner\n")
	number := st.pull(w.Forker, target, "forker:topic", "A proposal")
	head := st.commit(w.Forker, fork, "topic", "Two", "docs/a.txt", "newer text\n")
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := st.door(as(keeper), under("version: 1\nrepositories:\n  \"forker/*\": {paths: {deny: [\"inner/**\"]}}\n"))
	s.hides("canary-inner", "b.txt")
	if answer := s.shown("get_file_contents", in(target, "ref", head, "path", "docs/a.txt")); !strings.Contains(answer.Text, "newer text") {
		t.Errorf("%s", answer.All)
	}
	s.refused(gate.PathDenied, "get_file_contents", in(target, "ref", head, "path", "inner/b.txt"))
	s.shown("get_file_tree", in(target, "ref", head, "recursive", true))
	s.shown("get_commit", in(target, "sha", head))
	s.shown("search_code", in(target, "ref", head, "query", "text"))
	s.shown("compare_refs", in(target, "base", "main", "head", head))
	// A commit before the head counts once the pull request was seen to bring it.
	s = st.door(as(keeper), under("version: 1\nrepositories:\n  \"forker/*\": {paths: {deny: [\"inner/**\"]}}\n"))
	s.hides("canary-inner", "b.txt")
	s.refused(gate.NotFound, "get_commit", in(target, "sha", old))
	s.shown("list_pull_request_commits", in(target, "number", number))
	s.shown("get_commit", in(target, "sha", old))
	s.refused(gate.PathDenied, "get_file_contents", in(target, "ref", old, "path", "inner/b.txt"))
}

// What the check costs: nothing for a commit that the session has come by, one
// request for one that is on the default branch.
func TestWhatItCosts(t *testing.T) {
	t.Parallel()
	requests := func(s *scene, tool string, a args) int {
		before := len(s.proxy.Requests())
		s.shown(tool, a)
		return len(s.proxy.Requests()) - before
	}
	s := open(t)
	head := s.world.ServiceA.Head
	named := requests(s, "get_file_contents", in(serviceA, "path", "README.md", "ref", "main"))
	known := requests(s, "get_file_contents", in(serviceA, "path", "README.md", "ref", head))
	s = open(t)
	unknown := requests(s, "get_file_contents", in(serviceA, "path", "README.md", "ref", head))
	again := requests(s, "get_file_contents", in(serviceA, "path", "README.md", "ref", head))
	t.Logf("requests: by branch %d, by a known commit %d, by an unknown one %d, again %d", named, known, unknown, again)
	if known > named || unknown != known+1 || again != known {
		t.Errorf("by branch %d, by a known commit %d, by an unknown one %d, again %d", named, known, unknown, again)
	}
}
