package attack_test

import (
	"strings"
	"testing"

	"aegis/gate"
)

// A landing is judged by what it brings, and not by its name: a branch or a tag of a
// stranger's commit puts the stranger's files into the repository, workflows among
// them.
func TestALandingIsJudgedByWhatItBrings(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	target := st.repository(w.Keeper, "acme", "landing", false)
	workflow := "on: [push]\njobs:\n  a:\n    runs-on: nobody\n    steps:\n      - run: id\n"
	fork := st.fork(w.Forker, target, "landing", false)
	proposed := func(branch string, files ...string) string {
		commit := st.commit(w.Forker, fork, branch, "A stranger's "+branch, files...)
		st.pull(w.Forker, target, "forker:"+branch, "A stranger's "+branch)
		return commit
	}
	evil := proposed("evil", ".gitea/workflows/ci.yml", workflow)
	github := proposed("github", ".github/workflows/ci.yml", workflow)
	outside := proposed("outside", "src/a.go", "package a\n")
	twice := proposed("twice", ".gitea/workflows/ci.yml", workflow)
	// A second commit that takes the workflow away again leaves it in the history only, from
	// where nothing runs it; it is refused all the same.
	gone := st.do(w.Forker, "DELETE", "/repos/"+fork+"/contents/.gitea/workflows/ci.yml", record{"branch": "twice", "message": "Gone",
		"sha": st.do(w.Forker, "GET", "/repos/"+fork+"/contents/.gitea/workflows/ci.yml?ref=twice", nil)["sha"]})["commit"].(record)["sha"].(string)
	honest := proposed("honest", "docs/a.md", "# A page\n")
	unseen := st.commit(w.Forker, fork, "unseen", "Nowhere proposed", "docs/b.md", "# B\n")
	pushed := st.agit(w.Forker, target, "pushed", ".gitea/workflows/pushed.yml", workflow)
	pushedHonest := st.agit(w.Forker, target, "pushed-honest", "docs/c.md", "# C\n")
	own := st.commit(w.Keeper, target, "ci", "The repository's own workflow", ".gitea/workflows/own.yml", workflow)
	tagged := st.commit(w.Keeper, target, "passing", "On no branch soon", ".gitea/workflows/old.yml", workflow)
	st.do(w.Keeper, "POST", "/repos/"+target+"/tags", record{"tag_name": "v0.1", "target": tagged})
	st.do(w.Keeper, "DELETE", "/repos/"+target+"/branches/passing", nil)
	draft := st.do(w.Keeper, "POST", "/repos/"+target+"/releases", record{"tag_name": "v5", "name": "Five", "draft": true, "target_commitish": evil})
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}

	policy := "version: 1\nrepositories:\n  \"" + target + "\": {write: allow, branches: {allow: [\"**\"]}, write_paths: {allow: [\"docs/**\"]}}\n"
	everyWay := func(commit, name string) map[string]args {
		return map[string]args{
			"create_branch":         in(target, "branch", "agent/"+name, "from", commit),
			"create_release":        in(target, "tag", "v-"+name, "target", commit, "title", "A release"),
			"create_release, draft": in(target, "tag", "v-draft-"+name, "target", commit, "title", "A release", "draft", true),
		}
	}
	for name, commit := range map[string]string{"workflow": evil, "github": github, "outside": outside, "twice": twice, "gone": gone, "tagged": tagged, "refs-for": pushed} {
		t.Run(name, func(t *testing.T) {
			s := st.in(t).door(as(keeper), under(policy), writing(target))
			// the pull request was looked at before
			for _, pull := range s.shown("list_pull_requests", in(target)).Items() {
				s.shown("list_pull_request_commits", in(target, "number", pull["number"]))
			}
			s.shown("get_commit", in(target, "sha", commit))
			for tool, ask := range everyWay(commit, name) {
				tool, _, _ = strings.Cut(tool, ",")
				for _, dry := range []bool{true, false} {
					ask["dry_run"] = dry
					s.refused(gate.PathDenied, tool, ask)
				}
			}
		})
	}
	t.Run("by the tag's name", func(t *testing.T) {
		s := st.in(t).door(as(keeper), under(policy), writing(target))
		s.refused(gate.PathDenied, "create_branch", in(target, "branch", "agent/by-tag", "from", "v0.1"))
		s.refused(gate.PathDenied, "create_branch", in(target, "branch", "agent/by-tag", "from", "refs/tags/v0.1"))
	})
	t.Run("a draft that is published", func(t *testing.T) {
		for _, dry := range []bool{true, false} { // each in a session that has not looked at a draft
			s := st.in(t).door(as(keeper), under(policy), writing(target))
			s.refused(gate.PathDenied, "edit_release", in(target, "id", draft["id"], "draft", false, "dry_run", dry))
		}
	})
	t.Run("what nobody proposed", func(t *testing.T) {
		s := st.in(t).door(as(keeper), under(policy), writing(target))
		for tool, ask := range everyWay(unseen, "unseen") {
			tool, _, _ = strings.Cut(tool, ",")
			s.refused(gate.NotFound, tool, ask)
		}
	})
	t.Run("authors count as read", func(t *testing.T) {
		s := st.in(t).door(as(keeper), under(policy+"flow: {untrusted_to_write: deny}\n"), writing(target))
		for name, commit := range map[string]string{"honest": honest, "refs-for": pushedHonest} {
			for tool, ask := range everyWay(commit, name) {
				tool, _, _ = strings.Cut(tool, ",")
				s.refused(gate.FlowDenied, tool, ask)
			}
		}
	})
	t.Run("what may land does", func(t *testing.T) {
		s := st.in(t).door(as(keeper), under(policy), writing(target))
		s.shown("create_branch", in(target, "branch", "agent/honest", "from", honest))
		s.shown("create_release", in(target, "tag", "v-honest", "target", honest, "title", "A release"))
		s.shown("create_branch", in(target, "branch", "agent/own", "from", own)) // it is on a branch already
		s.shown("create_branch", in(target, "branch", "agent/main"))
	})
}
