package giteatest

import (
	"strings"
	"testing"
)

// A name that is a branch and a tag is the one for some endpoints, the other
// for others: only branches/ and tags/ say which.
func TestGitea_WhatARefIs(t *testing.T) {
	t.Parallel()
	s := Start(t)
	a := s.World.ServiceA
	branch, tag, object := a.Branches["twin"], a.Tags["twin"], a.Objects["tag:v1.0.0"]
	commit := a.Tags["v1.0.0"]
	const base = "/repos/acme/service-a"
	type answer struct {
		SHA    string `json:"sha"`
		Commit struct {
			ID  string `json:"id"`
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	for _, row := range []struct {
		path, want string
		in         func(answer) string
	}{
		{"/branches/twin", branch, func(x answer) string { return x.Commit.ID }},
		{"/branches/feature/x", a.Branches["feature/x"], func(x answer) string { return x.Commit.ID }},
		{"/branches/feature%2Fx", a.Branches["feature/x"], func(x answer) string { return x.Commit.ID }},
		{"/tags/twin", tag, func(x answer) string { return x.Commit.SHA }},
		{"/tags/v1.0.0", commit, func(x answer) string { return x.Commit.SHA }}, // not the tag object
		{"/git/commits/twin", tag, func(x answer) string { return x.SHA }},
		{"/git/commits/" + object, commit, func(x answer) string { return x.SHA }},
		{"/git/commits/" + a.Head, a.Head, func(x answer) string { return x.SHA }},
		{"/git/commits/" + a.Head[:10], a.Head, func(x answer) string { return x.SHA }},
		{"/git/commits/" + strings.ToUpper(a.Head), a.Head, func(x answer) string { return x.SHA }},
		{"/git/commits/HEAD", a.Head, func(x answer) string { return x.SHA }},
		{"/git/trees/twin", tag, func(x answer) string { return x.SHA }},
		{"/git/trees/main:secrets", a.Objects["tree:secrets"], func(x answer) string { return x.SHA }},
		{"/git/trees/" + a.Objects["tree:secrets"], a.Objects["tree:secrets"], func(x answer) string { return x.SHA }},
	} {
		if got := row.in(get[answer](t, s, s.World.Reader.Token, base+row.path)); got != row.want {
			t.Errorf("%s is %s, want %s", row.path, got, row.want)
		}
	}
	for path, want := range map[string]int{
		"/git/commits/" + a.Objects["tree"]:        404,
		"/git/commits/" + a.Objects["blob:readme"]: 404,
		"/git/commits/" + strings.Repeat("0", 40):  404,
		"/git/commits/main~1":                      422,
		"/git/trees/" + a.Objects["blob:readme"]:   400,
		"/git/trees/nope":                          400,
		"/branches/refs/heads/main":                404,
		"/branches/MAIN":                           404,
		"/branches/" + a.Head:                      404,
		"/tags/refs/tags/v1.0.0":                   404,
		"/contents/README.md?ref=refs/heads/main":  404,
		"/contents/README.md?ref=" + a.Head[:10]:   404,
		"/contents/README.md?ref=HEAD":             404,
		"/contents/README.md?ref=main~1":           404,
		"/contents/README.md?ref=nope":             404,
		"/contents/README.md?ref=" + a.Head:        200,
		"/contents/README.md?ref=" + object:        200, // a tag object's id is read through
		"/commits?limit=1&sha=nope":                404,
		"/commits?limit=1&sha=main~1":              200,
	} {
		if got := ask(t, s, s.World.Reader.Token, base+path); got.Status != want {
			t.Errorf("%s: %d, want %d", path, got.Status, want)
		}
	}
}

// A branch or a tag may be called by the id of another commit, and contents
// then reads the branch or the tag. Its answer's html_url tells.
func TestGitea_ACommitIDMayBeABranchName(t *testing.T) {
	t.Parallel()
	s := Start(t)
	b := s.World.Branchy
	for how, kind := range map[string]string{"shadowed by a branch": "/src/branch/", "shadowed by a tag": "/src/tag/"} {
		id := b.Objects[how]
		c := get[contents](t, s, s.World.Reader.Token, "/repos/acme/branchy/contents/README.md?ref="+id)
		if got := string(c.text(t)); got != "main, later\n" || c.HTMLURL == nil || !strings.Contains(*c.HTMLURL, kind+id+"/") {
			t.Errorf("%s: contents read %q", how, got)
		}
		commit := get[struct{ SHA string }](t, s, s.World.Reader.Token, "/repos/acme/branchy/git/commits/"+id)
		tree := get[struct{ SHA string }](t, s, s.World.Reader.Token, "/repos/acme/branchy/git/trees/"+id)
		if commit.SHA != id || tree.SHA != id {
			t.Errorf("%s: the commit is %s, the tree %s", how, commit.SHA, tree.SHA)
		}
	}
	c := get[contents](t, s, s.World.Reader.Token, "/repos/acme/branchy/contents/README.md?ref="+b.Head)
	if c.HTMLURL == nil || !strings.Contains(*c.HTMLURL, "/src/commit/"+b.Head+"/") {
		t.Errorf("a commit's contents are at %v", c.HTMLURL)
	}
}
