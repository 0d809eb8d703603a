package jobtest

import (
	"testing"

	"aegis/internal/giteatest"
)

// A pull request gets the labels of the paths that it changes, also those that it changes later.
func TestLabelPaths(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "label-paths", true)
	w.labelled("documentation", "ci", "dependencies", "mine")
	st := newStage(t, s, readyFor(t, s, w.name, "label-paths"))
	w.delivers(st)

	writer := s.World.Writer
	w.commit(writer, "topic", "docs/guide.txt", "text\n")
	pull := w.post(writer, "/pulls", object{"title": "A guide", "head": "topic", "base": "main"}).Number
	st.await("label-paths", 1)
	st.expect("it is opened", "PATCH "+at(w.name+"/pulls", pull)+" 201")
	if got := w.issue(pull).labels(); got != "documentation" {
		t.Errorf("%s", got)
	}
	w.commit(writer, "topic", "web/package.json", "{}\n")
	st.await("label-paths", 2)
	if got := w.issue(pull).labels(); got != "dependencies documentation" {
		t.Errorf("%s", got)
	}
	w.commit(writer, "plain", "main.c", "int main;\n")
	st.wrote()
	w.post(writer, "/pulls", object{"title": "A program", "head": "plain", "base": "main"})
	st.await("label-paths", 3)
	st.expect("one without any of the paths")
}
