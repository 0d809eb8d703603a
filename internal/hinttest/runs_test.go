package hinttest

import (
	"fmt"

	"aegis/internal/giteatest"
)

// byHand is a workflow that is made to be started by hand; pushed is one that is not.
const (
	byHand = "on:\n  workflow_dispatch:\n    inputs:\n      where: {required: false}\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"
	pushed = "on:\n  push:\n    branches: [agent/started]\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"
)

// workflows is a repository with both on main and on agent/x, and with neither on agent/none.
func (g *ground) workflows(name string) (path string) {
	g.Helper()
	path = g.repo(name, nil)
	g.branch(path, "agent/none")
	g.commit(path, "main", ".gitea/workflows/hand.yml", byHand)
	g.commit(path, "main", ".gitea/workflows/pushed.yml", pushed)
	g.branch(path, "agent/x")
	return path
}

// runs are hints about workflows and what they have run.
func runs(g *ground) {
	path := g.workflows("running")
	d := g.door(open, "running")
	start := func(workflow, ref, inputs, code string) step {
		return step{"dispatch_workflow", in("running", fmt.Sprintf(`,"workflow":%q,"ref":%q%s`, workflow, ref, inputs)), code}
	}
	g.walk(d,
		trail{start("none.yml", "agent/x", "", "not_found"), "Workflows are files in .gitea/workflows", []step{
			{"get_file_tree", in("running", `,"path":".gitea/workflows"`), ""}, start("hand.yml", "agent/x", `,"dry_run":true`, "")}},
		trail{start("hand.yml", "agent/none", "", "not_found"), "Choose a ref that has its file", []step{start("hand.yml", "agent/x", `,"dry_run":true`, "")}},
		trail{start("hand.yml", "agent/x", `,"inputs":{"whither":"there"}`, "not_found"), "The workflow's file has them under inputs", []step{
			{"get_file_contents", in("running", `,"path":".gitea/workflows/hand.yml"`), ""}, start("hand.yml", "agent/x", `,"inputs":{"where":"there"}`, "")}},
		trail{start("pushed.yml", "agent/x", "", "conflict"), "It starts by what it names under on", []step{
			{"get_file_contents", in("running", `,"path":".gitea/workflows/pushed.yml"`), ""}, {"create_branch", in("running", `,"branch":"agent/started"`), ""}}},
	)
	if err := g.s.Settle(g.Context()); err != nil {
		g.Fatal(err)
	}
	var found struct {
		Runs []struct{ ID int64 } `json:"workflow_runs"`
	}
	g.keeper("GET", path+"/actions/runs", nil, &found)
	if len(found.Runs) != 2 {
		g.Fatalf("%d runs were started", len(found.Runs))
	}
	var jobs struct{ Jobs []struct{ ID int64 } }
	run := found.Runs[1].ID // the older one, whose job comes first
	g.keeper("GET", fmt.Sprintf("%s/actions/runs/%d/jobs", path, run), nil, &jobs)
	again := in("running", fmt.Sprintf(`,"run_id":%d`, run))
	log := in("running", fmt.Sprintf(`,"job_id":%d`, jobs.Jobs[0].ID))
	g.walk(d,
		trail{step{"get_job_log", log, "not_found"}, "get_workflow_run tells the ids and states", []step{{"get_workflow_run", again, ""}}},
		trail{step{"rerun_workflow", again, "conflict"}, "get_workflow_run tells when it is", []step{{"get_workflow_run", again, ""}}},
	)
	if err := g.s.RunJob(g.Context(), "acme/running", "nobody", []string{"done"}, true); err != nil {
		g.Fatal(err)
	}
	g.walk(d, trail{step{"get_job_log", log, ""}, "", []step{{"rerun_workflow", again, ""}}})
}

// units is what is turned off of a repository, or can't be asked for at all.
func units(g *ground) {
	path := g.repo("shadowed", nil)
	var commit struct{ Commit struct{ ID string } }
	g.keeper("GET", path+"/branches/main", nil, &commit)
	g.push("shadowed", commit.Commit.ID, giteatest.File{Path: "other.txt", Content: "other\n"})
	d := g.door(open, "shadowed")
	g.walk(d, trail{step{"compare_refs", in("shadowed", `,"base":"main","head":"main"`), "not_found"}, "Somebody has to rename it first", nil})
}
