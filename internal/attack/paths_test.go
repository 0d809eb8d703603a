package attack_test

import (
	"net/http"
	"strings"
	"testing"

	"aegis/gate"
)

// Gitea cleans paths: each of these that it answers is the denied file.
func TestI4_ADeniedPathInAnotherSpelling(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, path := range []string{"secrets/prod.txt", "./secrets/prod.txt", "docs/../secrets/prod.txt", "secrets//prod.txt", "secrets%2Fprod.txt", "secrets/%2e/prod.txt", "secrets/prod.txt/"} {
		s.exposed(apiA+"/contents/"+path, "not-for-agents")
	}
	for _, path := range []string{
		"./secrets/prod.txt", "secrets/./prod.txt", "docs/../secrets/prod.txt", "secrets/nested/../prod.txt", "../secrets/prod.txt",
		"/secrets/prod.txt", "//secrets/prod.txt", "secrets//prod.txt", "secrets/prod.txt/", "secrets/prod.txt/.",
		"secrets%2Fprod.txt", "secrets%2fprod.txt", "%2e/secrets/prod.txt", "docs/%2E%2E/secrets/prod.txt", "secrets%5Cprod.txt",
		`secrets\prod.txt`, `docs\..\secrets\prod.txt`, "secrets/prod.txt\x00", "secrets/prod.txt\n", "secr\u0065\u0301ts/prod.txt",
		"", ".", "..", ".git/config", "x/.GIT/config", strings.Repeat("x/", 300) + "y",
	} {
		for _, tool := range []string{"get_file_contents", "get_file_tree", "list_commits"} {
			if path == "" && tool != "get_file_contents" {
				continue // the root
			}
			s.refused(gate.InvalidArguments, tool, in(serviceA, "path", path))
		}
	}
	s.untouched()
}

func TestI6_ADeniedPathByItsName(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed(apiA+"/contents/.env", "MODE=prod")
	s.exposed(apiA+"/contents/config/id_rsa", "a credential file")
	s.exposed(apiA+"/commits?sha=feature%2Fx&path=secrets/prod.txt", "Touch a secret file")
	s.hides("Touch a secret file")
	for _, path := range []string{
		"secrets/prod.txt", "SECRETS/PROD.TXT", "Secrets/prod.txt", "secrets/nested/deep.txt", "secrets/no-such-file",
		".env", ".ENV", "config/.env.local", "config/id_rsa", "config/ID_RSA",
	} {
		for _, ref := range []string{"main", "feature/x", "refs/heads/feature/x", "refs/tags/v1.0.0", s.world.ServiceA.Head} {
			s.refused(gate.PathDenied, "get_file_contents", in(serviceA, "path", path, "ref", ref))
			s.refused(gate.PathDenied, "list_commits", in(serviceA, "path", path, "ref", ref))
		}
	}
	s.refused(gate.PathDenied, "list_commits", in(serviceA, "path", "secrets/nested", "ref", "feature/x"))
	s.untouched()
}

func TestI6_ALinkToADeniedFile(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed(apiA+"/contents/link-to-secret", "secrets/prod.txt") // the target's name
	files := s.world.Files
	for path, c := range map[string]struct{ target string }{
		files.LinkToSecret: {}, files.LinkToFolder: {}, files.LinkAbsolute: {}, files.LinkOutside: {},
		files.LinkToReadme: {"README.md"}, files.LinkDangling: {"nowhere/at/all.txt"},
	} {
		answer := s.shown("get_file_contents", in(serviceA, "path", path))
		if answer.Fields["type"] != "symlink" || answer.Text != "" {
			t.Errorf("%s: %s", path, answer.All)
		}
		target, _ := answer.Fields["target"].(string)
		if hidden, _ := answer.Fields["target_hidden"].(bool); target != c.target || hidden != (target == "") {
			t.Errorf("%s points to %q, hidden %t", path, target, hidden)
		}
		for _, leak := range []string{"secrets", "passwd", "../x"} {
			if strings.Contains(answer.All, leak) {
				t.Errorf("%s shows %q: %s", path, leak, answer.All)
			}
		}
	}
}

// The path by way of a link passes a rule on the path behind it.
func TestI6_APathThroughALinkedFolder(t *testing.T) {
	t.Parallel()
	s := open(t)
	if status := s.raw(apiA + "/contents/link-to-folder/prod.txt").Status; status != http.StatusNotFound {
		t.Errorf("Gitea follows links now: %d", status)
	}
	s.refused(gate.NotFound, "get_file_contents", in(serviceA, "path", "link-to-folder/prod.txt"))
	s.refused(gate.NotFound, "get_file_tree", in(serviceA, "path", "link-to-folder/nested"))
	s.refused(gate.NotFound, "list_commits", in(serviceA, "path", "link-to-folder/prod.txt"))
	s.refused(gate.NotFound, "get_file_contents", in(serviceA, "path", "vendor/lib/x"))
	refusal := s.refused(gate.InvalidArguments, "get_file_tree", in(serviceA, "path", "link-to-folder"))
	if hint, _ := refusal["hint"].(string); !strings.Contains(hint, "get_file_contents") {
		t.Errorf("hint %q", hint)
	}
}

// Gitea takes the path of a commit list for a git pathspec, which has wildcards
// and magic of its own.
func TestI6_ADeniedPathAsAPathspec(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed(apiA+"/commits?sha=feature%2Fx&path=%3A(icase)SECRETS/PROD.TXT", "Touch a secret file")
	s.exposed(apiA+"/commits?sha=feature%2Fx&path=s%3Fcrets/prod*", "Touch a secret file")
	s.hides("Touch a secret file")
	for _, path := range []string{
		":(icase)SECRETS", ":(icase)SECRETS/PROD.TXT", ":(glob)s*/prod.txt", ":!docs", ":!x", ":^docs", ":", ":(top)secrets/prod.txt",
		"s?crets/prod.txt", "s*/prod.txt", "[s]ecrets/prod.txt", "*.txt", "*", "**/prod.txt", ":(literal)secrets/prod.txt", ":(attr:x)secrets",
	} {
		s.refused(gate.NotFound, "list_commits", in(serviceA, "path", path, "ref", "feature/x"))
	}
	for _, r := range s.proxy.Requests() {
		if strings.Contains(r.Query, "path=") && !strings.Contains(r.Query, "path=%3A%28literal%29") {
			t.Errorf("a pathspec was sent: %s", r.Query)
		}
	}
	if rows := s.shown("list_commits", in(serviceA, "path", "docs/guide.md", "limit", 3)).Items(); len(rows) != 3 {
		t.Errorf("an honest path has %d rows", len(rows))
	}
}
