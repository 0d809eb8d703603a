package attack_test

import (
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/giteatest"
)

func nobody(*giteatest.World) string     { return "" }
func forker(w *giteatest.World) string   { return w.Forker.Token }
func keeper(w *giteatest.World) string   { return w.Keeper.Token }
func stranger(w *giteatest.World) string { return w.Contractor.Token }

// everyTool asks each tool that takes a repository for one of fullName.
func everyTool(fullName string) map[string]args {
	return map[string]args{
		"get_repository":    in(fullName),
		"get_file_contents": in(fullName, "path", "README.md"),
		"get_file_tree":     in(fullName),
		"list_commits":      in(fullName),
		"list_issues":       in(fullName),
		"get_issue":         in(fullName, "number", 1),
	}
}

func TestI6_AForkOfADeniedRepository(t *testing.T) {
	t.Parallel()
	for who, user := range map[string]func(*giteatest.World) string{"its owner": forker, "who can't read the parent": stranger} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			s := open(t, as(user))
			s.exposed("/repos/forker/people-copy/contents/salaries.csv", "ada,1")
			s.exposed("/repos/forker/people-copy", "The hr-people repository") // the description went with it
			s.exposed("/repos/search", "The hr-people repository")
			s.hides("hr-people", "only in the copy", "grace")
			for tool, a := range everyTool("forker/people-copy") {
				s.refused(gate.PolicyDenied, tool, a)
			}
			s.refused(gate.PolicyDenied, "get_file_contents", in("forker/people-copy", "path", "salaries.csv"))
			for _, a := range []args{{}, {"owner": "forker"}, {"query": "people"}, {"query": "copy"}, {"query": "people-copy"}} {
				for _, row := range s.shown("list_repositories", a).Items() {
					if strings.Contains(row["full_name"].(string), "people") {
						t.Errorf("%v lists %v", a, row)
					}
				}
			}
			s.never("people-copy/")
			s.never("hr-people")
		})
	}
}

// Between the fork of the fork and what policy denies is one that the token
// can't read.
func TestI6_AForkOfAFork(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed("/repos/second/people-two/contents/salaries.csv", "ada,1")
	s.exposed("/repos/second/people-two", "The hr-people repository")
	s.hides("hr-people", "people-copy")
	for tool, a := range everyTool("second/people-two") {
		s.refused(gate.PolicyDenied, tool, a)
	}
	for _, row := range s.shown("list_repositories", args{"owner": "second"}).Items() {
		if strings.Contains(row["full_name"].(string), "people") {
			t.Errorf("listed: %v", row)
		}
	}
	s = open(t, as(keeper)) // who can read it
	s.hides("hr-people")
	s.refused(gate.PolicyDenied, "get_file_contents", in("second/people-two", "path", "salaries.csv"))
}

// A rule on paths is the parent's as well: the fork has the same files.
func TestI6_APathRuleHoldsInForks(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed("/repos/"+copyA+"/contents/secrets/prod.txt", "not-for-agents")
	s.refused(gate.PathDenied, "get_file_contents", in(copyA, "path", "secrets/prod.txt"))
	s.refused(gate.PathDenied, "list_commits", in(copyA, "path", "secrets/prod.txt"))
	s.refused(gate.PathDenied, "list_commits", in(copyA, "path", "secrets/nested"))
	s.refused(gate.PathDenied, "get_file_tree", in(copyA, "path", "secrets"))
	s.never("prod.txt")
	link := s.shown("get_file_contents", in(copyA, "path", "link-to-secret"))
	tree := s.shown("get_file_tree", in(copyA, "recursive", true, "limit", 1000))
	if strings.Contains(link.All, "prod.txt") || strings.Contains(tree.All, "prod.txt") || tree.Fields["withheld"] == nil {
		t.Errorf("the fork shows %s %s", link.All, tree.All)
	}
	if text := s.shown("get_file_contents", in(copyA, "path", "README.md")).Text; !strings.Contains(text, "A small service") {
		t.Errorf("an honest file is %q", text)
	}

	// forks: separate is for those who want it otherwise.
	door := open(t, under(guarded+"  \""+copyA+"\": {forks: separate}\n"))
	if answer := door.Door.Ask("get_file_contents", in(copyA, "path", "secrets/prod.txt")); answer.IsError {
		t.Errorf("a separate fork: %s", answer.Object)
	}
}

// Where a fork is separate, its hidden parent's description stays hidden, and
// can't be found out by searching either.
func TestI6_ASeparateForkDoesNotDescribeItsParent(t *testing.T) {
	t.Parallel()
	s := open(t, as(stranger), under(guarded+"  \"forker/people-copy\": {forks: separate}\n"))
	s.exposed("/repos/forker/people-copy", "The hr-people repository")
	s.exposed("/repos/search?q=hr-people&includeDesc=true", "people-copy")
	s.hides("hr-people")
	if d, ok := s.shown("get_repository", in("forker/people-copy")).Fields["description"]; ok {
		t.Errorf("described as %q", d)
	}
	for _, query := range []string{"hr-people", "hr", "The", "repository", "The hr-people repository"} {
		if answer := s.shown("list_repositories", args{"query": query}); strings.Contains(answer.All, "people-copy") {
			t.Errorf("%q finds it: %s", query, answer.Object)
		}
	}
	if rows := s.shown("list_repositories", args{"query": "people-copy"}).Items(); len(rows) != 1 {
		t.Errorf("its own name finds %d", len(rows))
	}
}

// A description that a fork has from its parent is not shown twice either: who
// may read the fork need not be who may read the parent.
func TestAForksDescriptionIsItsParents(t *testing.T) {
	t.Parallel()
	s := open(t, as(nobody))
	s.exposed("/repos/outsider/public-site", "The public-site repository")
	s.hides("The public-site repository")
	s.shown("get_repository", in("outsider/public-site"))
	for _, row := range s.shown("list_repositories", args{"owner": "outsider"}).Items() {
		if row["description"] != nil {
			t.Errorf("%v", row)
		}
	}
}

func TestTheBuiltInPolicyHidesCredentialFiles(t *testing.T) {
	t.Parallel()
	s := open(t, under(""))
	for _, path := range []string{".env", "config/id_rsa", "config/.ENV.local", "x/y/server.PEM", "a.key", "ID_ED25519", ".netrc", "x/.git-credentials"} {
		s.refused(gate.PathDenied, "get_file_contents", in(serviceA, "path", path))
	}
	s.untouched()
	for _, path := range paths(s.shown("get_file_tree", in(serviceA, "recursive", true, "limit", 1000)).Items()) {
		if strings.Contains(path, ".env") || strings.Contains(path, "id_rsa") {
			t.Errorf("%s is listed", path)
		}
	}
}
