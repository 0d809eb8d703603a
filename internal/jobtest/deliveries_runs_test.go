package jobtest

// workflow runs on a push to main, and ends the run before.
const workflow = `on: {push: {branches: [main]}}
concurrency: {group: one, cancel-in-progress: true}
jobs:
  build: {runs-on: played, steps: [{run: make}]}
`

func aboutRuns(w *workshop, commits map[string]string) []deed {
	keeper := w.s.World.Keeper
	commit := func(name, path, content string) func() {
		return func() { commits[w.commit(keeper, "main", path, content)] = name; w.settle() }
	}
	run := func(result string) func() {
		return func() {
			if err := w.s.EndJob(w.t.Context(), w.name, "played", []string{"make: *** [all] Error 1"}, result); err != nil {
				w.t.Fatal(err)
			}
			w.settle()
		}
	}
	begins := func(name string) []string {
		return []string{
			"push: push by keeper heads/main " + name, "workflow_run: workflow_run requested by keeper run " + name,
			"workflow_job: unsupported", "status: status pending by gitea-actions " + name,
		}
	}
	ends := func(name, how string) []string {
		return []string{
			"workflow_job: unsupported", "workflow_run: workflow_run in_progress by keeper run " + name, "workflow_job: unsupported",
			"workflow_run: workflow_run " + how + " by keeper run " + name, "status: status " + how + " by gitea-actions " + name,
		}
	}
	return []deed{
		{commit("begun", ".gitea/workflows/ci.yml", workflow), begins("begun")},
		{commit("broken", "a.txt", "a\n"), append(begins("broken"), // and the one before is over
			"workflow_job: unsupported", "workflow_run: workflow_run cancelled by keeper run begun", "status: status failure by gitea-actions begun")},
		{run("FAILURE"), ends("broken", "failure")},
		{commit("mended", "b.txt", "b\n"), begins("mended")},
		{run("SUCCESS"), ends("mended", "success")},
		{commit("idle", "c.txt", "c\n"), begins("idle")},
		{run("SKIPPED"), ends("idle", "skipped")},
	}
}
