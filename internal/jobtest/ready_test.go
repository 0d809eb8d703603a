package jobtest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/automation"
	"aegis/internal/canon"
	"aegis/internal/jobs"
	"aegis/tools"
)

// ready are the files of the jobs that are ready to be used, by the jobs' names.
func ready(t testing.TB) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../deploy/jobs/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, name := range names {
		if filepath.Base(name) == "policy.yaml" {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".yaml")] = string(raw)
	}
	return all
}

// together puts the files of some jobs into one, as an operator does.
func together(files map[string]string) string {
	webhooks, all := "", ""
	for _, name := range slices.Sorted(maps.Keys(files)) {
		before, after, _ := strings.Cut(files[name], "\njobs:\n")
		all += after
		if _, hooks, ok := strings.Cut(before, "\nwebhooks:\n"); ok {
			webhooks = "webhooks:\n" + hooks + "\n"
		}
	}
	return "version: 1\n" + webhooks + "jobs:\n" + all
}

// Each ready job reads as a file of its own and in one with the others, has the name of its file, only
// plans at first, and is allowed by the policy beside it what it does, and nothing else.
func TestReadyJobs(t *testing.T) {
	t.Parallel()
	catalog := automation.Catalog(tools.All())
	raw, err := os.ReadFile("../../deploy/jobs/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, doubts, err := policy.Parse("policy.yaml", raw)
	if err != nil || len(doubts) > 0 {
		t.Fatal(err, doubts)
	}
	repo, err := canon.ParseFullName("acme/app")
	if err != nil {
		t.Fatal(err)
	}
	files := ready(t)
	if len(files) != 5 {
		t.Errorf("%d jobs", len(files))
	}
	if f, err := jobs.Parse("jobs.yaml", []byte(together(files)), catalog); err != nil || len(f.Jobs) != len(files) {
		t.Errorf("together: %v", err)
	}
	for name, content := range files {
		f, err := jobs.Parse(name, []byte(content), catalog)
		if err != nil {
			t.Error(err)
			continue
		}
		if job := f.ByName(name); len(f.Jobs) != 1 || job == nil || !job.DryRun || !job.Has(repo) {
			t.Errorf("%s: %+v", name, f.Jobs)
			continue
		}
		calls := called(f.Jobs[0].Steps)
		for tool, is := range catalog {
			c := policy.Case{Tool: tool, Repo: repo, Capability: policy.Read, Principal: "job:" + name}
			if is.Writes {
				c.Capability, _ = policy.ToolCapability(tool)
			}
			if got := rules.Decide(c).Allow; got != calls[tool] {
				t.Errorf("%s: %s is allowed: %v", name, tool, got)
			}
		}
	}
}

// called are the tools that steps call.
func called(steps []jobs.Step) map[string]bool {
	all := make(map[string]bool)
	for _, s := range steps {
		for _, q := range []*jobs.Query{s.Call, s.Each, s.Unless} {
			if q != nil {
				all[q.Tool] = true
			}
		}
		maps.Copy(all, called(s.Do))
	}
	return all
}
