package giteatest

import (
	"strings"
	"testing"
)

// These tests say what Gitea does, not what we would like it to do. Where one
// fails for another version, a promise of ours rests on something that moved.

func TestGitea_RenamedNamesRedirectWhoeverAsks(t *testing.T) {
	t.Parallel()
	s := Start(t)
	for _, row := range []struct {
		path     string
		status   int
		location string
	}{
		{"/repos/acme/renamed-old", 301, "/api/v1/repos/acme/renamed-new"},
		{"/repos/acme/renamed-old/contents/README.md?ref=main", 301, "/api/v1/repos/acme/renamed-new/contents/README.md?ref=main"},
		{"/repos/acme/public-face", 301, "/api/v1/repos/acme/hr-moved"},
		{"/repos/oldorg/moved/branches/main", 307, "/api/v1/repos/neworg/moved/branches/main"},
		{"/orgs/oldorg", 307, "/api/v1/orgs/neworg"},
		{"/users/oldorg/repos", 307, "/api/v1/users/neworg/repos"},
	} {
		for who, token := range map[string]string{"reader": s.World.Reader.Token, "nobody": ""} {
			a := ask(t, s, token, row.path)
			if got := a.Header.Get("Location"); a.Status != row.status || got != row.location {
				t.Errorf("%s by %s: %d %s, want %d %s", row.path, who, a.Status, got, row.status, row.location)
			}
		}
	}
}

func TestGitea_FoldsTheCaseOfRepositories(t *testing.T) {
	t.Parallel()
	s := Start(t)
	got := get[struct {
		FullName string `json:"full_name"`
	}](t, s, s.World.Reader.Token, "/repos/ACME/Service-A")
	if got.FullName != "acme/service-a" {
		t.Errorf("answered %s", got.FullName)
	}
}

// A fork's record embeds its parent's for whoever may read the fork.
func TestGitea_ForksShowTheirParent(t *testing.T) {
	t.Parallel()
	s := Start(t)
	w := s.World
	type repo struct {
		FullName string `json:"full_name"`
		Fork     bool
		Parent   *repo
	}
	for who, token := range map[string]string{"who may read the parent": w.Forker.Token, "who may not": w.Contractor.Token} {
		got := get[repo](t, s, token, "/repos/forker/people-copy")
		if !got.Fork || got.Parent == nil || got.Parent.FullName != "acme/hr-people" {
			t.Errorf("%s: %+v", who, got)
		}
	}
	second := get[repo](t, s, w.Reader.Token, "/repos/second/people-two")
	if second.Parent == nil || second.Parent.FullName != "forker/people-copy" || !second.Parent.Fork || second.Parent.Parent != nil {
		t.Errorf("a fork of a fork names %+v", second.Parent)
	}
}

func TestGitea_Visibility(t *testing.T) {
	t.Parallel()
	s := Start(t)
	type repo struct {
		Private, Internal bool
		Owner             struct{ Visibility string }
	}
	for _, row := range []struct {
		repo              Repo
		private, internal bool
		owner             string
	}{
		{s.World.ServiceA, true, false, "public"},
		{s.World.PublicSite, false, false, "public"},
		{s.World.Handbook, false, false, "limited"}, // not "internal"
		{s.World.Plans, false, true, "private"},
	} {
		got := get[repo](t, s, s.World.Keeper.Token, "/repos/"+row.repo.FullName)
		if got.Private != row.private || got.Internal != row.internal || got.Owner.Visibility != row.owner {
			t.Errorf("%s: %+v", row.repo.FullName, got)
		}
	}
}

func TestGitea_UserSearch(t *testing.T) {
	t.Parallel()
	s := Start(t)
	w := s.World
	for _, row := range []struct{ query, token, want string }{
		{"writer", w.Reader.Token, "writer"},
		{"WRIT", w.Reader.Token, "writer"},
		{"writer@example.test", w.Reader.Token, "writer"}, // an address is searched, too
		{"recluse", w.Reader.Token, ""},
		{"recluse", w.Keeper.Token, "recluse"},
		{"neighbour", w.Reader.Token, "neighbour"},
		{"neighbour", "", ""},
	} {
		var names []string
		for _, u := range get[struct{ Data []struct{ Login string } }](t, s, row.token, "/users/search?q="+row.query).Data {
			names = append(names, u.Login)
		}
		if got := strings.Join(names, " "); got != row.want {
			t.Errorf("%s: %q, want %q", row.query, got, row.want)
		}
	}
}
