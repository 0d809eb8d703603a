package giteatest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"aegis/internal/giteatest"
)

// A repository may show single units to more people than itself. No record tells, but
// the status that somebody without a token gets does.
func TestUnitsThatAreOpen(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	get := func(token, path string) giteatest.Answer {
		t.Helper()
		answer, err := s.As(token).Do(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	const playground = "/repos/acme/playground"
	before := get(s.World.Writer.Token, playground).Body
	for _, row := range []struct {
		mode             string
		nobody, outsider int
	}{
		{"", 404, 404}, {"anonymous-read", 403, 403}, {"everyone-read", 404, 403}, {"everyone-write", 404, 403}, {"", 404, 404},
	} {
		if err := s.ShowUnits(t.Context(), "acme/playground", map[string]string{"wiki": row.mode}); err != nil {
			t.Fatal(err)
		}
		if nobody, outsider := get("", playground).Status, get(s.World.Outsider.Token, playground).Status; nobody != row.nobody || outsider != row.outsider {
			t.Errorf("%q: nobody is answered %d, an outsider %d", row.mode, nobody, outsider)
		}
		if now := get(s.World.Writer.Token, playground).Body; !bytes.Equal(now, before) {
			t.Errorf("%q: the record tells: %s", row.mode, now)
		}
	}
}

// Drafts are answered to who may write, also by their tag.
func TestDraftsAreAnsweredToWriters(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	var made struct{ ID int64 }
	if err := s.As(s.World.Keeper.Token).Into(t.Context(), http.MethodPost, "/repos/acme/noticeboard/releases", map[string]any{"tag_name": "v-next", "draft": true}, &made); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"tags/v-next", fmt.Sprint(made.ID)} {
		for token, want := range map[string]int{s.World.Writer.Token: 200, s.World.Outsider.Token: 404, "": 404} {
			answer, err := s.As(token).Do(t.Context(), http.MethodGet, "/repos/acme/noticeboard/releases/"+path, nil)
			if err != nil || answer.Status != want {
				t.Errorf("%s: %d, %v; want %d", path, answer.Status, err, want)
			}
		}
	}
}
