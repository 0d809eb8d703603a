package jobtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// As they are, the ready jobs plan and write nothing. By hand they say what they would write.
func TestReadyJobsPlanAtFirst(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "planned", false)
	w.labelled("needs-info", "failed-run", "documentation")
	c := readyFor(t, s, w.name, "needs-info", "failed-run", "label-paths")
	c.jobs = strings.ReplaceAll(c.jobs, "    limits:", "    dry_run: true\n    limits:")
	st := newStage(t, s, c)
	w.delivers(st)

	w.post(s.World.Outsider, "/issues", object{"title": "It fails"})
	w.commit(s.World.Writer, "topic", "docs/a.md", "a\n")
	w.post(s.World.Writer, "/pulls", object{"title": "A page", "head": "topic", "base": "main"})
	commit := w.commit(s.World.Writer, "main", ".gitea/workflows/build.yml", oneJob)
	w.settle()
	if err := s.RunJob(t.Context(), w.name, "played", []string{"it failed"}, false); err != nil {
		t.Fatal(err)
	}
	for job, planned := range map[string]float64{"needs-info": 2, "label-paths": 1, "failed-run": 2} {
		if ends := st.await(job, 1); ends[0]["outcome"] != "done" || ends[0]["planned"] != planned {
			t.Errorf("%v", ends[0])
		}
	}
	var runs struct {
		All []made `json:"workflow_runs"`
	}
	w.do(s.World.Keeper, http.MethodGet, "/actions/runs", nil, &runs)
	for _, each := range []struct{ job, event, says string }{
		{"needs-info", "number=1", "Thank you."},
		{"label-paths", "number=2 action=opened", "documentation"},
		{"failed-run", fmt.Sprintf("run_id=%d sha=%s", runs.All[0].ID, commit), "it failed"},
	} {
		args := []string{"--dry-run"}
		for value := range strings.FieldsSeq(each.event) {
			args = append(args, "--event", value)
		}
		if said := st.run(c, each.job, args...); !strings.Contains(said, "would ") || !strings.Contains(said, each.says) {
			t.Errorf("%s: %s", each.job, said)
		}
	}
	st.expect("what is planned")
}
