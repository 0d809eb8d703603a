package jobtest

import (
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// run makes a run of a job by hand, and returns what was printed.
func (st *stage) run(c setting, job string, more ...string) (out string) {
	st.t.Helper()
	raw, err := st.command(c, append([]string{"jobs", "run", job}, more...)...).CombinedOutput()
	if err != nil {
		st.t.Errorf("%v: %s", err, raw)
	}
	return string(raw)
}

// Issues that are silent are asked about once, and closed later unless somebody has answered. What a
// test makes is new, so what is old here is what is younger than that.
func TestStaleIssues(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "stale-issues", true)
	w.labelled("stale", "pinned", "security")
	c := readyFor(t, s, w.name, "stale-issues")
	c.jobs = strings.NewReplacer("updated_before: 60d", "updated_after: 60d", "updated_before: 14d", "updated_after: 14d").Replace(c.jobs)
	st := newStage(t, s, c)

	writer := s.World.Writer
	silent := w.post(writer, "/issues", object{"title": "Silent"}).Number
	answered := w.post(writer, "/issues", object{"title": "Answered"}).Number
	pinned := w.post(writer, "/issues", object{"title": "Pinned"}).Number
	w.do(writer, "PUT", at("/issues", pinned)+"/labels", object{"labels": []string{"pinned"}}, nil)

	would := st.run(c, "stale-issues", "--dry-run")
	if strings.Count(would, "create_comment") != 2 || strings.Count(would, "update_issue") != 2 || !strings.Contains(would, "Nothing has happened here since") {
		t.Errorf("a dry run says: %s", would)
	}
	st.expect("a dry run")
	st.run(c, "stale-issues")
	asked := func(n int64) []string {
		return []string{"POST " + at(w.name+"/issues", n) + "/comments 201", "PUT " + at(w.name+"/issues", n) + "/labels 200"}
	}
	st.expect("the first run", append(asked(answered), asked(silent)...)...)
	w.post(writer, at("/issues", answered)+"/comments", object{"body": "It is."})
	st.run(c, "stale-issues")
	st.expect("two weeks later", "PATCH "+at(w.name+"/issues", silent)+" 201")
	if w.issue(silent).State != "closed" || w.issue(answered).State != "open" || len(w.said(silent)) != 1 || len(w.said(pinned)) != 0 {
		t.Errorf("%+v %+v %q", w.issue(silent), w.issue(answered), w.said(silent))
	}
}

// The report lists each manifest with the day of its last change, and is one issue.
func TestDependencyReport(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "dependency-report", true)
	w.labelled("dependency-report")
	c := readyFor(t, s, w.name, "dependency-report")
	writer := s.World.Writer
	w.commit(writer, "main", "go.mod", "module x\n")
	w.commit(writer, "main", "web/`@keeper`/package.json", "{}\n")
	w.commit(writer, "main", "web/main.js", "0\n")
	st := newStage(t, s, c)

	if would := st.run(c, "dependency-report", "--dry-run"); !strings.Contains(would, "create_issue") || !strings.Contains(would, "`go.mod`") {
		t.Errorf("a dry run says: %s", would)
	}
	st.expect("a dry run")
	st.run(c, "dependency-report")
	st.expect("the first", "POST "+w.name+"/issues 201")
	i := w.issue(1)
	if lines := strings.Split(strings.TrimSpace(i.Body), "\n"); i.labels() != "dependency-report" || len(lines) != 4 ||
		!strings.HasPrefix(lines[2], "- `go.mod` `20") || !strings.HasPrefix(lines[3], "- `` web/`@keeper`/package.json `` `20") {
		t.Errorf("%+v\n%s", i, st.all())
	}
	w.commit(writer, "main", "Cargo.toml", "[package]\n")
	st.run(c, "dependency-report")
	st.expect("the next", "PATCH "+w.name+"/issues/1 201")
	if body := w.issue(1).Body; !strings.Contains(body, "- `Cargo.toml` `20") {
		t.Errorf("%s", body)
	}
}
