package attack_test

import (
	"strings"
	"testing"

	"aegis/gate"
)

// A folder smuggled in by the ref makes secrets/prod.txt the file prod.txt.
func TestI4_ADeniedFolderByTheRef(t *testing.T) {
	t.Parallel()
	s := open(t)
	objects := s.world.ServiceA.Objects
	s.exposed(apiA+"/raw/prod.txt?ref=main/secrets", "not-for-agents")
	s.exposed(apiA+"/git/trees/main:secrets", "prod.txt")
	s.exposed(apiA+"/git/trees/"+objects["tree:secrets"], "prod.txt")
	s.exposed(apiA+"/git/blobs/"+objects["blob:prod"], "not-for-agents")
	s.hides("prod.txt")
	for ref, code := range map[string]gate.Code{
		"main/secrets": gate.NotFound, "refs/heads/main/secrets": gate.NotFound,
		objects["tree"]: gate.NotFound, objects["tree:secrets"]: gate.NotFound, strings.ToUpper(objects["tree:secrets"]): gate.NotFound,
		objects["blob:prod"]: gate.NotFound, objects["blob:readme"]: gate.NotFound,
		strings.Repeat("0", 40): gate.NotFound, strings.Repeat("f", 40): gate.NotFound,
		objects["tree:secrets"][:12]: gate.NotFound, objects["blob:prod"][:12]: gate.NotFound,
		"main:secrets": gate.InvalidArguments, ":/secrets": gate.InvalidArguments, "main^{tree}": gate.InvalidArguments,
		"HEAD": gate.InvalidArguments, "head": gate.InvalidArguments, "@": gate.InvalidArguments, "main~1": gate.InvalidArguments,
		"main^": gate.InvalidArguments, "main@{1}": gate.InvalidArguments, "refs/pull/1/head": gate.InvalidArguments,
		"main..dev": gate.InvalidArguments, "-x": gate.InvalidArguments, "refs/heads/../../x": gate.InvalidArguments,
		"main?path=secrets": gate.InvalidArguments, "main%2Fsecrets": gate.NotFound, "main&path=x": gate.NotFound, "main#": gate.NotFound,
	} {
		s.refused(code, "get_file_contents", in(serviceA, "path", "prod.txt", "ref", ref))
		s.refused(code, "get_file_tree", in(serviceA, "ref", ref))
		s.refused(code, "list_commits", in(serviceA, "ref", ref))
	}
	// What a commit's id begins with is that commit, and the path rules of its files hold.
	begin := s.world.ServiceA.Head[:10]
	s.refused(gate.PathDenied, "get_file_contents", in(serviceA, "path", "secrets/prod.txt", "ref", begin))
	s.shown("get_file_tree", in(serviceA, "ref", begin))
	s.never("main:secrets")
	s.never("/git/trees/" + objects["tree:secrets"])
	s.never("/raw/")
	s.never("/git/blobs/")
}

// Who may push may call a branch by a commit's id; Gitea then serves the branch.
func TestI4_ABranchOrTagCalledLikeACommit(t *testing.T) {
	t.Parallel()
	s := open(t)
	api := "/repos/acme/branchy"
	for what, content := range map[string]string{"shadowed by a branch": "release/1.x\n", "shadowed by a tag": "UPPER\n"} {
		commit := s.world.Branchy.Objects[what]
		s.exposed(api+"/contents/README.md?ref="+commit, "main, later") // what the ref's commit holds
		answer := s.ask("get_file_contents", in("acme/branchy", "path", "README.md", "ref", commit))
		if strings.Contains(answer.All, "main, later") {
			t.Errorf("a commit %s was read from another: %s", what, answer.All)
		}
		if !answer.IsError && !strings.Contains(answer.Text, content) {
			t.Errorf("a commit %s holds %q", what, answer.Text)
		}
		if answer.IsError && answer.Code != gate.GiteaError {
			t.Errorf("a commit %s: %s", what, answer.Object)
		}
		// Trees and commits can't be shadowed.
		if got := s.shown("get_file_tree", in("acme/branchy", "ref", commit)).Fields["commit"]; got != commit {
			t.Errorf("a tree of %s was read from %v", commit, got)
		}
		if rows := s.shown("list_commits", in("acme/branchy", "ref", commit)).Items(); rows[0]["sha"] != commit {
			t.Errorf("commits of %s begin with %v", commit, rows[0]["sha"])
		}
	}
}

// Names that are several things are read as the one that is documented, and the
// answer names the commit.
func TestI4_NamesThatAreTwoThings(t *testing.T) {
	t.Parallel()
	s := open(t)
	branchy := s.world.Branchy
	for ref, c := range map[string]struct{ commit, content string }{
		"same":                       {branchy.Branches["same"], "branch same"},
		"refs/tags/same":             {branchy.Tags["same"], "main, later"},
		"release/1":                  {branchy.Branches["release/1"], "release/1\n"},
		"refs/tags/release/1":        {branchy.Tags["release/1"], "main, later"},
		"heads/main":                 {branchy.Branches["heads/main"], "heads/main"},
		"refs/heads/main":            {branchy.Branches["main"], "main, later"},
		"refs/heads/refs/heads/main": {branchy.Branches["refs/heads/main"], "refs/heads/refs/heads/main"},
		"ünïcode#&+%20":              {branchy.Branches["ünïcode#&+%20"], "odd"},
		branchy.Objects["first"]:     {branchy.Objects["first"], "main\n"},
	} {
		answer := s.shown("get_file_contents", in("acme/branchy", "path", "README.md", "ref", ref))
		if answer.Fields["commit"] != c.commit || !strings.Contains(answer.Text, c.content) {
			t.Errorf("%s was read from %v: %q", ref, answer.Fields["commit"], answer.Text)
		}
	}
	s.refused(gate.NotFound, "get_file_contents", in("acme/branchy", "path", "README.md", "ref", "upper"))
	s.refused(gate.NotFound, "get_file_contents", in("acme/branchy", "path", "secrets.txt", "ref", "release/1"))

	// A ref that is called like a commit is read as the ref where it is named as one.
	for _, ref := range []string{"refs/heads/" + branchy.Objects["shadowed by a branch"], "refs/tags/" + branchy.Objects["shadowed by a tag"]} {
		answer := s.shown("get_file_contents", in("acme/branchy", "path", "README.md", "ref", ref))
		if answer.Fields["commit"] != branchy.Head || !strings.Contains(answer.Text, "main, later") {
			t.Errorf("%s was read from %v", ref, answer.Fields["commit"])
		}
	}

	// An annotated tag has an id of its own.
	tag := s.world.ServiceA.Objects["tag:v1.0.0"]
	answer := s.shown("get_file_contents", in(serviceA, "path", "docs/guide.md", "ref", tag))
	if answer.Fields["commit"] != s.world.ServiceA.Tags["v1.0.0"] || answer.Fields["lines"] != 25.0 {
		t.Errorf("the tag's id was read as %v, %v lines", answer.Fields["commit"], answer.Fields["lines"])
	}
	s.refused(gate.PathDenied, "get_file_contents", in(serviceA, "path", "secrets/prod.txt", "ref", tag))
}
