package attack_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
)

var fresh atomic.Int64

// made is a repository of a test's own: private, with a README and
// plans/q3.md, and read by the Reader.
type made struct {
	s    *scene
	id   int64
	name string // full, as it is called at the moment
}

// make makes a repository, or a fork of one if of is not nil. A "#" in the name
// becomes a number.
func (s *scene) make(owner, name string, of *made) *made {
	s.t.Helper()
	name = strings.ReplaceAll(name, "#", fmt.Sprint(fresh.Add(1)))
	var record struct {
		ID int64 `json:"id"`
	}
	if of == nil {
		s.keep("POST", "/orgs/"+owner+"/repos", args{"name": name, "private": true}, &record)
		for path, text := range map[string]string{"README.md": "Canary of " + name, "plans/q3.md": "Plans of " + name} {
			s.keep("POST", "/repos/"+owner+"/"+name+"/contents/"+path, args{"content": base64.StdEncoding.EncodeToString([]byte(text)), "message": "Add " + path}, nil)
		}
		s.keep("POST", "/repos/"+owner+"/"+name+"/issues", args{"title": "Issue of " + name}, nil)
	} else {
		s.keep("POST", "/repos/"+of.name+"/forks", args{"organization": owner, "name": name}, &record)
	}
	m := &made{s, record.ID, owner + "/" + name}
	m.readable()
	return m
}

// keep asks Gitea as its administrator.
func (s *scene) keep(method, path string, body args, out any) {
	s.t.Helper()
	if err := s.server.As(s.world.Keeper.Token).Into(context.Background(), method, path, body, out); err != nil {
		s.t.Fatal(err)
	}
}

func (m *made) readable() {
	m.s.t.Helper()
	m.s.keep("PUT", "/repos/"+m.name+"/collaborators/"+m.s.world.Reader.Name, args{"permission": "read"}, nil)
}

func (m *made) rename(name string) {
	m.s.t.Helper()
	owner, _, _ := strings.Cut(m.name, "/")
	m.s.keep("PATCH", "/repos/"+m.name, args{"name": name}, nil)
	m.name = owner + "/" + name
}

func (m *made) transfer(owner string) {
	m.s.t.Helper()
	_, name, _ := strings.Cut(m.name, "/")
	m.s.keep("POST", "/repos/"+m.name+"/transfer", args{"new_owner": owner}, nil)
	m.name = owner + "/" + name
	m.readable()
}

func (m *made) remove() {
	m.s.t.Helper()
	m.s.keep("DELETE", "/repos/"+m.name, nil, nil)
}

// stayDenied fails unless every tool is refused by rule and no list shows it.
func (m *made) stayDenied(rule string) {
	m.s.t.Helper()
	m.s.exposed("/repos/"+m.name+"/contents/README.md", "Canary of")
	m.s.hides(m.name)
	for tool, a := range everyTool(m.name) {
		if refusal := m.s.refused(gate.PolicyDenied, tool, a); refusal["rule"] != rule {
			m.s.t.Errorf("%s is refused by %v, not by %s", tool, refusal["rule"], rule)
		}
	}
	_, name, _ := strings.Cut(m.name, "/")
	m.s.shown("list_repositories", args{"query": name})
	m.s.shown("search_issues", args{"query": "Issue"})
}

// listed lets the session see all that its token reads.
func (s *scene) listed() {
	s.t.Helper()
	for page := 1; ; page++ {
		if s.shown("list_repositories", args{"limit": 50, "page": page}).Fields["has_more"] != true {
			return
		}
	}
}

// A name that policy denies is given up while a session runs: the repository
// stays denied, by the same rule, under whatever it is called then.
func TestRenamedInASession(t *testing.T) {
	t.Parallel()
	for how, change := range map[string]func(*made){
		"renamed":                func(m *made) { m.rename(fmt.Sprintf("open-%d", m.id)) },
		"renamed twice":          func(m *made) { m.rename(fmt.Sprintf("one-%d", m.id)); m.rename(fmt.Sprintf("two-%d", m.id)) },
		"given to another owner": func(m *made) { m.transfer("second") },
		"given away and renamed": func(m *made) { m.transfer("second"); m.rename(fmt.Sprintf("away-%d", m.id)) },
		"its name taken by another": func(m *made) {
			taken := m.name
			m.rename(fmt.Sprintf("left-%d", m.id))
			owner, name, _ := strings.Cut(taken, "/")
			m.s.make(owner, name, nil)
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			m := s.make("acme", "hr-fresh-#", nil)
			s.listed()
			change(m)
			m.stayDenied("policy.yaml:5 read")
		})
	}
}

// With its owner's name all names of its repositories change.
func TestTheOwnerIsRenamed(t *testing.T) {
	t.Parallel()
	s := open(t, under("version: 1\nrepositories:\n  \"people-*/*\": {read: deny}\n  \"acme/hr-*\": {read: deny}\n"))
	owner := fmt.Sprintf("people-%d", fresh.Add(1))
	s.keep("POST", "/orgs", args{"username": owner}, nil)
	m := s.make(owner, "data-#", nil)
	fork := s.make("second", "data-copy-#", m)
	s.listed()
	s.keep("POST", "/orgs/"+owner+"/rename", args{"new_name": "open-" + owner}, nil)
	m.name = "open-" + m.name
	m.stayDenied("policy.yaml:3 read")
	fork.stayDenied("policy.yaml:3 read")
}

// A comparison reads a second repository, which is looked for by its name.
func TestTheSecondRepositoryOfACall(t *testing.T) {
	t.Parallel()
	s := open(t)
	m := s.make("acme", "plain-#", nil)
	fork := s.make("second", "hr-of-#", m)
	s = open(t, under(fmt.Sprintf("version: 1\nrepositories:\n  \"second/hr-*\": {id: %d, read: deny}\n  \"acme/hr-*\": {read: deny}\n", fork.id)))
	_, name, _ := strings.Cut(m.name, "/")
	fork.rename(name)
	s.hides("second/" + name)
	s.refused(gate.PolicyDenied, "compare_refs", in(m.name, "base", "main", "head", "second:main"))
}

// The session has seen it elsewhere than in a list of repositories.
func TestSeenOtherwise(t *testing.T) {
	t.Parallel()
	for how, see := range map[string]func(*scene, *made){
		"a fork's parent": func(s *scene, m *made) {
			fork := s.make("second", "of-#", m)
			s.refused(gate.PolicyDenied, "get_repository", in(fork.name))
		},
		"a found issue": func(s *scene, m *made) {
			_, name, _ := strings.Cut(m.name, "/")
			s.shown("search_issues", args{"query": name})
		},
		"a name that it had before": func(s *scene, m *made) {
			s.listed()
			name := strings.TrimPrefix(m.name, "acme/")
			m.rename("hr-other-" + name) // denied as well
			s.listed()
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			m := s.make("acme", "hr-seen-#", nil)
			see(s, m)
			m.rename(fmt.Sprintf("shown-%d", m.id))
			m.stayDenied("policy.yaml:5 read")
		})
	}
}

// What else a section says goes with the repository, too: paths, tools, and the
// default that nothing allows.
func TestRulesGoWithARenamedRepository(t *testing.T) {
	t.Parallel()
	s := open(t, under(`version: 1
repositories:
  "acme/ruled-*":
    paths: {deny: ["plans/**"]}
    tools: {deny: [list_commits]}
  "acme/hr-*": {read: deny}
`))
	m := s.make("acme", "ruled-#", nil)
	s.listed()
	m.rename(fmt.Sprintf("unruled-%d", m.id))
	s.exposed("/repos/"+m.name+"/contents/plans/q3.md", "Plans of")
	s.hides("Plans of", "q3.md")
	s.shown("get_file_contents", in(m.name, "path", "README.md"))
	if rule := s.refused(gate.PathDenied, "get_file_contents", in(m.name, "path", "plans/q3.md"))["rule"]; rule != "policy.yaml:4 paths.deny" {
		t.Errorf("the rule is %v", rule)
	}
	s.refused(gate.PolicyDenied, "list_commits", in(m.name))
	s.shown("get_file_tree", in(m.name, "recursive", true))

	s = open(t, under("version: 1\ndefaults: {read: deny}\nrepositories:\n  \"acme/open-*\": {read: allow}\n"))
	m = s.make("acme", "closed-#", nil)
	s.listed()
	m.rename(fmt.Sprintf("open-%d", m.id))
	m.stayDenied("policy.yaml:2 defaults.read")
}

// Gitea forgets what a fork was forked from when that is deleted.
func TestTheParentIsDeleted(t *testing.T) {
	t.Parallel()
	for how, see := range map[string]func(*scene, *made){
		"asked for": func(s *scene, fork *made) { s.refused(gate.PolicyDenied, "get_repository", in(fork.name)) },
		"listed":    func(s *scene, fork *made) { s.listed() },
		"a found issue": func(s *scene, fork *made) {
			s.keep("POST", "/repos/"+fork.name+"/issues", args{"title": "Issue of the copy"}, nil)
			s.shown("search_issues", args{"query": "Issue of the copy"})
		},
		"its own fork": func(s *scene, fork *made) {
			s.refused(gate.PolicyDenied, "get_repository", in(s.make("acme", "third-#", fork).name))
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			m := s.make("acme", "hr-parent-#", nil)
			fork := s.make("second", "copy-#", m)
			s.keep("PATCH", "/repos/"+fork.name, args{"has_issues": true}, nil)
			see(s, fork)
			m.remove()
			var record struct {
				Fork bool `json:"fork"`
			}
			if s.keep("GET", "/repos/"+fork.name, nil, &record); record.Fork {
				t.Fatal("the attack proves nothing: it is still a fork")
			}
			fork.stayDenied("policy.yaml:5 read")
			fork.rename(fmt.Sprintf("renamed-%d", fork.id))
			fork.stayDenied("policy.yaml:5 read")
		})
	}
}

// The parent's rules on paths stay in a fork whose parent is gone, and so does it
// that nobody could see the parent.
func TestAnOrphanKeepsItsParentsRules(t *testing.T) {
	t.Parallel()
	s := open(t, under("version: 1\nrepositories:\n  \"acme/ruled-*\": {paths: {deny: [\"plans/**\"]}}\n"))
	m := s.make("acme", "ruled-#", nil)
	fork := s.make("second", "unruled-#", m)
	s.refused(gate.PathDenied, "get_file_contents", in(fork.name, "path", "plans/q3.md"))
	m.remove()
	s.exposed("/repos/"+fork.name+"/contents/plans/q3.md", "Plans of")
	s.hides("Plans of")
	s.shown("get_file_contents", in(fork.name, "path", "README.md"))
	s.refused(gate.PathDenied, "get_file_contents", in(fork.name, "path", "plans/q3.md"))

	s = open(t)
	root := s.make("acme", "root-#", nil)
	middle := s.make("second", "middle-#", root)
	s.keep("DELETE", "/repos/"+middle.name+"/collaborators/"+s.world.Reader.Name, nil, nil)
	last := s.make("neworg", "last-#", middle)
	s.refused(gate.PolicyDenied, "get_repository", in(last.name))
	middle.remove()
	last.stayDenied("forks: inherit")
}

// A section with an id applies to the repository of that id, whatever it is
// called and whether or not the session has seen it before.
func TestASectionNamesAnID(t *testing.T) {
	t.Parallel()
	for how, change := range map[string]func(*made){
		"renamed":                func(m *made) { m.rename(fmt.Sprintf("open-%d", m.id)) },
		"given to another owner": func(m *made) { m.transfer("second") },
		"never called so":        func(*made) {},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			m := open(t).make("acme", "vault-#", nil)
			pattern := m.name
			if how == "never called so" {
				pattern = "acme/some-other"
			}
			fork := m.s.make("neworg", "of-#", m)
			change(m)
			s := open(t, under(fmt.Sprintf("version: 1\nrepositories:\n  %q:\n    id: %d\n    read: deny\n", pattern, m.id)))
			m.s, fork.s = s, s
			m.stayDenied("policy.yaml:5 read")
			s.refused(gate.PolicyDenied, "get_repository", in(fork.name)) // its parent is known by id
			m.remove()
			s.refused(gate.PolicyDenied, "get_file_contents", in(fork.name, "path", "README.md"))
		})
	}
}

func TestASectionWithAnIDRulesPathsAndWrites(t *testing.T) {
	t.Parallel()
	m := open(t).make("acme", "vault-#", nil)
	m.rename(fmt.Sprintf("open-%d", m.id))
	repo, err := canon.ParseFullName(m.name)
	if err != nil {
		t.Fatal(err)
	}
	write := func(s *scene, c *gatetest.Config) {
		c.Write, c.Repos, c.Token = true, []canon.Repo{repo}, s.world.Keeper.Token
	}
	rules := "version: 1\nrepositories:\n  %q: {write: allow}\n  acme/vault:\n    id: %d\n    %s\n"
	s := open(t, write, under(fmt.Sprintf(rules, m.name, m.id, "paths: {deny: [\"plans/**\"]}")))
	s.hides("Plans of")
	s.shown("get_file_contents", in(m.name, "path", "README.md"))
	s.refused(gate.PathDenied, "get_file_contents", in(m.name, "path", "plans/q3.md"))
	files := []args{{"operation": "create", "path": "plans/q4.md", "content": "x"}}
	s.refused(gate.PathDenied, "commit_files", in(m.name, "branch", "topic", "message", "m", "files", files, "dry_run", true))
	for _, rule := range []string{"write: deny", "read: deny", "tools: {deny: [create_issue]}", "tools: {allow: []}"} {
		s := open(t, write, under(fmt.Sprintf(rules, m.name, m.id, rule)))
		for _, dry := range []bool{true, false} {
			s.refused(gate.PolicyDenied, "create_issue", in(m.name, "title", "t", "dry_run", dry))
		}
	}
	s = open(t, write, under(fmt.Sprintf(rules, m.name, m.id, "branches: {deny: [\"topic\"]}")))
	s.refused(gate.BranchDenied, "create_branch", in(m.name, "branch", "topic", "dry_run", true))
	s = open(t, write, under(fmt.Sprintf(rules, m.name, m.id, "approve: [create_issue]")))
	s.refused(gate.ApprovalUnavailable, "create_issue", in(m.name, "title", "t"))
}
