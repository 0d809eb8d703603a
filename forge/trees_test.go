package forge

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"aegis/internal/canon"
)

func TestTreesAreAskedForOnce(t *testing.T) {
	t.Parallel()
	docs, asked := strings.Repeat("d", 40), map[string]int{}
	entry := func(path, kind, id string) string {
		return `{"path":` + strconv.Quote(path) + `,"type":"` + kind + `","mode":"100644","sha":"` + id + `"}`
	}
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		what := strings.TrimPrefix(r.URL.Path, "/api/v1/repos/acme/service/git/trees/") + "?" + r.URL.Query().Get("page")
		asked[what]++
		answers := map[string]string{
			testID + "?1": `{"tree":[` + entry("docs", "tree", docs) + `,` + entry("README.md", "blob", otherID) + `],"truncated":true}`,
			testID + "?2": `{"tree":[` + entry("late", "blob", otherID) + `]}`,
			docs + "?1":   `{"tree":[` + entry("a.md", "blob", otherID) + `]}`,
		}
		if answers[what] == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		answering(answers[what])(w, r)
	})
	trees := c.Trees(repo(t, "acme/service"), testID)
	for path, want := range map[string]string{
		"docs": "tree", "README.md": "blob", "late": "blob", "docs/a.md": "blob", "docs/b.md": "", "readme.md": "", "none/at/all": "", "README.md/x": "blocked", "docs/a.md/x/y": "blocked",
	} {
		p, err := canon.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		entry, blocked, err := trees.Entry(p)
		got := ""
		if entry != nil {
			got = entry.Type
		}
		if blocked {
			got = "blocked"
		}
		if err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", path, got, err, want)
		}
	}
	for what, n := range asked {
		if n != 1 {
			t.Errorf("%s was asked for %d times", what, n)
		}
	}
	if _, _, err := c.Trees(repo(t, "acme/service"), otherID).Entry(canon.Path{}); err != nil && From(err).Kind == "" {
		t.Error(err)
	}
}
