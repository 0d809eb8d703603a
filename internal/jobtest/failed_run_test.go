package jobtest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

const oneJob = "on: [push]\njobs:\n  build:\n    runs-on: played\n    steps:\n      - run: make\n"

// A run that fails is one issue with the last lines of its log; the next one that fails changes
// it.
func TestFailedRun(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "failed-run", true)
	w.labelled("failed-run")
	st := newStage(t, s, readyFor(t, s, w.name, "failed-run"))
	w.delivers(st)

	fails := func(branch, file, content, last string) string {
		sha := w.commit(s.World.Writer, branch, file, content)
		w.settle()
		var lines []string
		for i := range 300 {
			lines = append(lines, fmt.Sprintf("step %d", i))
		}
		lines = append(lines, "```", "@keeper "+s.World.Plant.PAT, "fixes #1, see acme/hr-people#1", last)
		if err := s.RunJob(t.Context(), w.name, "played", lines, false); err != nil {
			t.Fatal(err)
		}
		return sha
	}
	first := fails("main", ".gitea/workflows/build.yml", oneJob, "make: *** [all] Error 1")
	ends := st.await("failed-run", 1)
	st.expect("the first run that fails", "POST "+w.name+"/issues 201")
	body := w.issue(1).Body
	if i := w.issue(1); i.Title != "A workflow run failed" || i.labels() != "failed-run" || !strings.Contains(body, first) || !strings.HasSuffix(strings.TrimSpace(body), "make: *** [all] Error 1\n````") ||
		strings.Contains(body, s.World.Plant.PAT) || strings.Contains(body, "@keeper") || strings.Contains(body, "step 90\n") {
		t.Errorf("%v: %+v", ends, i)
	}

	second := fails("main", "a.txt", "a\n", "make: *** [all] Error 2")
	st.await("failed-run", 2)
	st.expect("the second", "PATCH "+w.name+"/issues/1 201")
	if i := w.issue(1); !strings.Contains(i.Body, second) || strings.Contains(i.Body, first) || !strings.Contains(i.Body, "Error 2") {
		t.Errorf("%+v", i)
	}

	w.commit(s.World.Writer, "main", "b.txt", "b\n")
	w.settle()
	if err := s.RunJob(t.Context(), w.name, "played", []string{"done"}, true); err != nil {
		t.Fatal(err)
	}
	w.settle()
	st.expect("a run that succeeds")
	w.patch(s.World.Writer, "/issues/1", object{"state": "closed"})
	fails("main", "c.txt", "c\n", "make: *** [all] Error 3")
	st.await("failed-run", 3)
	st.expect("a run that fails when the issue is closed", "POST "+w.name+"/issues 201")
}
