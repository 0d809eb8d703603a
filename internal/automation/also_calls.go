package automation

import (
	"context"
	"encoding/json"
	"slices"

	"aegis/internal/canon"
	"aegis/internal/jobs"
	"aegis/internal/jobs/run"
)

// What a run calls besides its steps: to know whose access token its job has, to find the
// repositories of a pattern, and to have counted what an event tells.
const (
	selfTool = "get_me"
	listTool = "list_repositories"
	readTool = "get_repository"
)

// AlsoCalls are the tools that a job's runs call besides those of its steps, all of which
// policy has to let it.
func AlsoCalls(j *jobs.Job, tools jobs.Catalog) []string {
	all := []string{selfTool}
	if slices.ContainsFunc(j.Repositories, func(p jobs.Pattern) bool { _, exact := p.Exact(); return !exact }) {
		all = append(all, listTool) // of one that waits for events, when it is run by hand
	}
	if j.On.Event != nil && writesElsewhere(j, tools, canon.Repo{}) {
		all = append(all, readTool)
	}
	return all
}

// writesElsewhere reports whether a job may write to another repository than its run's own.
func writesElsewhere(j *jobs.Job, tools jobs.Catalog, own canon.Repo) bool {
	return slices.ContainsFunc(j.Needs(), func(n jobs.Need) bool {
		return tools[n.Tool].Writes && !n.Own && (n.Repository.IsZero() || n.Repository != own)
	})
}

// countEvent has it counted that the job knows of an event: what is told of a private repository
// was shown to it as if it had been read. It makes a difference only for a job that
// writes elsewhere.
func countEvent(ctx context.Context, r *run.Run, of canon.Repo) error {
	if !writesElsewhere(r.Job, r.Tools, of) {
		return nil
	}
	args, err := json.Marshal(map[string]string{"owner": of.Owner(), "repo": of.Name()})
	if err != nil {
		return err
	}
	_, err = r.Ask(ctx, readTool, args)
	return err
}
