package attack_test

import (
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
)

// acme/public-face was renamed to acme/hr-moved. Gitea redirects; a client that
// follows reads a repository that policy denies.
func TestI4_ADeniedRepositoryByItsOldName(t *testing.T) {
	t.Parallel()
	s := open(t)
	redirect := s.raw("/repos/acme/public-face/contents/README.md")
	if redirect.Status != http.StatusMovedPermanently || !strings.Contains(redirect.Header.Get("Location"), "hr-moved") {
		t.Fatalf("the attack proves nothing: %d", redirect.Status)
	}
	s.exposed(strings.TrimPrefix(redirect.Header.Get("Location"), "/api/v1"), "public-face") // its README still says so
	s.hides("hr-moved", "# acme/public-face")
	for tool, a := range map[string]args{
		"get_repository":    in("acme/public-face"),
		"get_file_contents": in("acme/public-face", "path", "README.md"),
		"get_file_tree":     in("acme/public-face", "recursive", true),
		"list_commits":      in("ACME/Public-Face"),
		"list_issues":       in("acme/public-face"),
		"get_issue":         in("acme/public-face", "number", 1),
	} {
		s.refused(gate.Moved, tool, a)
	}
	s.never("hr-moved")
}

func TestI4_ARepositoryOfARenamedOwner(t *testing.T) {
	t.Parallel()
	s := open(t)
	if status := s.raw("/repos/oldorg/moved").Status; status != http.StatusTemporaryRedirect {
		t.Fatalf("the attack proves nothing: %d", status)
	}
	refusal := s.refused(gate.Moved, "get_file_contents", in("oldorg/moved", "path", "README.md"))
	if hint, _ := refusal["hint"].(string); !strings.Contains(hint, "neworg/moved") {
		t.Errorf("a name that policy shows is not told: %q", hint)
	}
	s.never("neworg/moved/contents")

	// Where policy denies the new name, it is not told and not asked for.
	s = open(t, under("version: 1\nrepositories: {\"neworg/*\": {read: deny}}\n"))
	s.hides("neworg")
	s.refused(gate.Moved, "get_repository", in("oldorg/moved"))
	s.never("neworg")
}

// A redirect names private repositories to anybody.
func TestI4_ARedirectTellsNoNameThatTheTokenCantRead(t *testing.T) {
	t.Parallel()
	s := open(t, as(nobody), under("version: 1\n"))
	if to := s.raw("/repos/acme/renamed-old").Header.Get("Location"); !strings.Contains(to, "renamed-new") {
		t.Fatalf("the attack proves nothing: %q", to)
	}
	s.hides("renamed-new", "hr-moved")
	s.refused(gate.Moved, "get_repository", in("acme/renamed-old"))
	s.refused(gate.Moved, "get_repository", in("acme/public-face"))
}

func TestI4_ADeniedRepositoryInAnotherSpelling(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed("/repos/ACME/HR-People/contents/salaries.csv", "ada,1")
	for _, name := range []string{"acme/hr-people", "ACME/HR-PEOPLE", "Acme/Hr-People", "acme/hr-moved", "acme/hr-that-does-not-exist"} {
		refusal := s.refused(gate.PolicyDenied, "get_file_contents", in(name, "path", "salaries.csv"))
		if rule, _ := refusal["rule"].(string); !strings.HasPrefix(rule, "policy.yaml:5 ") {
			t.Errorf("the rule is %q", rule)
		}
	}
	for _, a := range []args{
		{"owner": "acme", "repo": "hr-people.git"}, {"owner": "acme", "repo": "hr-people/"}, {"owner": "acme/", "repo": "hr-people"},
		{"owner": "acme", "repo": "./hr-people"}, {"owner": "acme", "repo": "service-a/../hr-people"}, {"owner": "acme", "repo": "hr%2dpeople"},
		{"owner": "acme", "repo": "hr-people?x=1"}, {"owner": "acme", "repo": "hr-people#"}, {"owner": "acme", "repo": " hr-people"},
		{"owner": "ａcme", "repo": "hr-people"}, {"owner": "acme", "repo": "hr-people\u200b"}, {"owner": "acme", "repo": ".."},
		{"owner": "", "repo": "hr-people"}, {"owner": "acme\\hr-people", "repo": ""}, {"owner": "acme", "repo": "hr-people\x00"},
	} {
		s.refused(gate.InvalidArguments, "get_repository", a)
	}
	s.untouched()
	// What was refused is in the log, with its rule.
	denied := 0
	for _, entry := range s.Entries() {
		if entry["kind"] == "decision" && entry["decision"] == "deny" && (entry["code"] == "invalid_arguments" || entry["rule"] != nil) {
			denied++
		}
	}
	if denied != len(s.answers) {
		t.Errorf("%d of %d refusals are in the log", denied, len(s.answers))
	}
}
