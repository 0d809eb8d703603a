package jobtest

import (
	"net/http"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// said are the comments on an issue, each with who made it.
func (w *workshop) said(number int64) (all []string) {
	w.t.Helper()
	var comments []struct {
		Body string `json:"body"`
		User struct {
			Login string `json:"login"`
		} `json:"user"`
	}
	w.do(w.s.World.Keeper, http.MethodGet, at("/issues", number)+"/comments", nil, &comments)
	for _, c := range comments {
		all = append(all, c.User.Login+": "+c.Body)
	}
	return all
}

// issue is how an issue is.
type issue struct {
	Title  string `json:"title"`
	Body   string `json:"body"`
	State  string `json:"state"`
	Number int64  `json:"number"`
	Labels []struct {
		Name string `json:"name"`
	} `json:"labels"`
}

func (i issue) labels() string {
	var names []string
	for _, l := range i.Labels {
		names = append(names, l.Name)
	}
	return strings.Join(names, " ")
}

func (w *workshop) issue(number int64) (i issue) {
	w.t.Helper()
	w.do(w.s.World.Keeper, http.MethodGet, at("/issues", number), nil, &i)
	return i
}

// labelled makes labels.
func (w *workshop) labelled(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.post(w.s.World.Keeper, "/labels", object{"name": name, "color": "#00aa00"})
	}
}

func TestNeedsInfo(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "needs-info", false)
	w.labelled("needs-info")
	st := newStage(t, s, readyFor(t, s, w.name, "needs-info"))
	w.delivers(st)

	opened := w.post(s.World.Outsider, "/issues", object{"title": "It fails", "body": "Help."}).Number
	st.await("needs-info", 1)
	issue := at(w.name+"/issues", opened)
	st.expect("a stranger's issue", "POST "+issue+"/comments 201", "PUT "+issue+"/labels 200")
	if said := w.said(opened); len(said) != 1 || !strings.HasPrefix(said[0], "colleague: Thank you.") || w.issue(opened).labels() != "needs-info" {
		t.Errorf("%q %q", said, w.issue(opened).labels())
	}

	w.post(s.World.Writer, "/issues", object{"title": "A task"})
	st.await("needs-info", 2)
	st.expect("an issue of the project's own")
}

// delivers makes Gitea tell a stage of the repository.
func (w *workshop) delivers(to *stage) {
	w.t.Helper()
	if err := w.s.Deliver(w.t.Context(), "/repos/"+w.name, giteatest.Hook{Address: to.hooks, Secret: secret}); err != nil {
		w.t.Fatal(err)
	}
}
