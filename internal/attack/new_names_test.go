package attack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/giteatest"
)

// A first commit makes the default branch: it passes where a list names that branch, whatever
// it is called, and what holds for paths, for CI and for flow holds for it as well.
func TestI8_AFirstCommitIsJudgedAsOne(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	empty := func(name string, private bool) string {
		made := st.do(w.Keeper, "POST", "/orgs/acme/repos", record{"name": name, "private": private, "default_branch": "main"})
		st.member(made["full_name"].(string), w.Writer, "write")
		return made["full_name"].(string)
	}
	for i, c := range []struct {
		section      string
		branch, path string
		code         gate.Code // "" passes
	}{
		{"", "agent/x", "a.txt", gate.BranchDenied},
		{"", "main", "a.txt", gate.BranchDenied},
		{`branches: {deny: ["main"]}`, "agent/x", "a.txt", gate.BranchDenied},
		{`branches: {allow: ["agent/**"]}`, "main", "a.txt", gate.BranchDenied},
		{`branches: {allow: ["**"], deny: ["AGENT/**"]}`, "agent/x", "a.txt", gate.BranchDenied},
		{`branches: {allow: ["**"]}`, "agent/x", ".gitea/workflows/x.yml", gate.PathDenied},
		{`branches: {allow: ["**"]}`, "agent/x", ".GitHub/workflows/x.yml", gate.PathDenied},
		{`branches: {allow: ["**"]}, write_paths: {allow: ["docs/**"]}`, "agent/x", "a.txt", gate.PathDenied},
		{`branches: {allow: ["**"]}, paths: {deny: ["secrets/**"]}`, "agent/x", "Secrets/a.txt", gate.PathDenied},
		{`branches: {allow: ["**"]}, approve: [commit_files]`, "agent/x", "a.txt", gate.ApprovalUnavailable},
		{`branches: {allow: ["agent/**"]}, write_paths: {allow: ["docs/**"]}`, "agent/x", "docs/a.txt", ""},
	} {
		repo := empty(fmt.Sprintf("first-%d", i), false)
		policy := fmt.Sprintf("version: 1\nrepositories:\n  %q: {write: allow%s}\n", repo, strings.TrimSuffix(", "+c.section, ", "))
		s := st.door(byToken(w.Writer.Token), under(policy), writing(repo))
		change := func(dry bool) args {
			return in(repo, "branch", c.branch, "message", "First", "dry_run", dry, "files", []args{{"operation": "create", "path": c.path, "content": "a\n"}})
		}
		if c.code != "" {
			s.refused(c.code, "commit_files", change(false))
			if c.code != gate.ApprovalUnavailable {
				s.refused(c.code, "commit_files", change(true))
			}
			if left := s.proxy.Requests(); len(left) > 1 { // the record alone
				for _, r := range left {
					if r.Method != "GET" {
						t.Errorf("%s: %s %s left", c.section, r.Method, r.Path)
					}
				}
			}
			continue
		}
		s.shown("commit_files", change(true))
		a := s.shown("commit_files", change(false))
		if a.Fields["became_default_branch"] != true {
			t.Errorf("%s", a.Object)
		}
		if got := st.do(w.Keeper, "GET", "/repos/"+repo, nil)["default_branch"]; got != c.branch {
			t.Errorf("the default branch is %v", got)
		}
		// The second is no first one, and its branch is the default one by now.
		s.refused(gate.BranchDenied, "commit_files", in(repo, "branch", "main", "message", "Second", "files", []args{{"operation": "create", "path": "docs/b.txt", "content": "b\n"}}))
	}
	// What was read of a private repository does not go out with a first commit either.
	public := empty("first-public", false)
	secret := st.repository(w.Keeper, "acme", "first-secret", true)
	st.member(secret, w.Writer, "write")
	s := st.door(byToken(w.Writer.Token), under(policyOn("", public)), writing(public))
	s.shown("get_file_contents", in(secret, "path", "README.md"))
	s.refused(gate.FlowDenied, "commit_files", in(public, "branch", "main", "message", "First", "files", []args{{"operation": "create", "path": "a.txt", "content": "a\n"}}))
}

// A repository that has a tag and no branch is empty to Gitea.
func TestI8_ARepositoryOfATagAlone(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	made := st.do(w.Keeper, "POST", "/orgs/acme/repos", record{"name": "tagged-only", "default_branch": "main"})
	repo := made["full_name"].(string)
	st.member(repo, w.Writer, "write")
	folder, git := st.clone(w.Keeper, repo)
	st.put(folder, "a.txt", "a\n")
	git("add", "-A")
	git("commit", "--quiet", "-m", "Only a tag")
	git("tag", "v1")
	git("push", "--quiet", "origin", "v1")
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := st.door(byToken(w.Writer.Token), under(policyOn("", repo)), writing(repo))
	// Gitea takes it for empty, and it has a tag: nothing that is said may be untrue of it.
	if row := s.shown("list_tags", in(repo)).Items(); len(row) != 1 {
		t.Fatalf("%v", row)
	}
	for _, ref := range []string{"", "v1", "main"} {
		a := s.ask("get_file_contents", in(repo, "path", "a.txt", "ref", ref))
		if refusal := a.Refusal(); a.Code != gate.NotFound || strings.Contains(fmt.Sprint(refusal["message"]), "tag") {
			t.Errorf("%q: %s", ref, a.Object)
		}
	}
	a := s.shown("commit_files", in(repo, "branch", "agent/x", "message", "First", "files", []args{{"operation": "create", "path": "b.txt", "content": "a\n"}}))
	if a.Fields["became_default_branch"] != true || a.Fields["parent"] != nil {
		t.Errorf("%s", a.Object)
	}
	s.shown("get_file_contents", in(repo, "path", "a.txt", "ref", "v1"))
	s.refused(gate.Conflict, "create_branch", in(repo, "branch", "agent/y", "from", "v1")) // what it brings can't be told
}

// An organisation with capitals has labels, too.
func TestLabelsOfAnOrganisationWithCapitals(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	st.do(w.Keeper, "POST", "/orgs", record{"username": "CapitalOrg", "visibility": "public"})
	repo := st.repository(w.Keeper, "CapitalOrg", "Thing", false)
	st.do(w.Keeper, "POST", "/orgs/CapitalOrg/labels", record{"name": "shared", "color": "#00aa00"})
	s := st.door()
	a := s.shown("list_labels", in(repo))
	if !strings.Contains(string(a.Object), "shared") {
		t.Errorf("%s", a.Object)
	}
}

// What is written in an encoding of its own is no way round the rules on secrets.
func TestI3_OddlyEncodedSecrets(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	repo := st.repository(w.Keeper, "acme", "encoded", false)
	folder, git := st.clone(w.Keeper, repo)
	key := w.Plant.AWS
	wide := func(mark string, little bool) string {
		var b strings.Builder
		b.WriteString(mark)
		for _, c := range []byte("k = " + key + "\n") {
			if little {
				b.Write([]byte{c, 0})
			} else {
				b.Write([]byte{0, c})
			}
		}
		return b.String()
	}
	files := map[string]string{
		"le.txt": wide("\xff\xfe", true), "be.txt": wide("\xfe\xff", false), "nomark.txt": wide("", true), "latin.txt": "h\xe4 " + key + " \xfc\n",
		"marked.txt": "\xef\xbb\xbf" + key + "\n", "nul.txt": key[:8] + "\x00" + key[8:] + "\n", "twice.txt": "\xef\xbb\xbf\xef\xbb\xbf" + key + "\n",
		"soft.txt": "h\xe4" + key[:8] + "\xad" + key[8:] + "\n", "c1.txt": "h\xe4" + key[:8] + "\x81" + key[8:] + "\n", "bad.txt": "\xef\xbb\xbf\xff" + key + "\n",
		"wide32.txt":           "\xff\xfe\x00\x00" + strings.Join(strings.Split(key, ""), "\x00\x00\x00") + "\x00\x00\x00",
		"n\xe4me.txt":          key + "\n",
		"b\xe4" + key + ".txt": "x\n",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Skip(err) // a file system that takes no such name
		}
	}
	git("add", "-A")
	git("commit", "--quiet", "-m", "Encodings")
	git("push", "--quiet", "origin", "HEAD:main")
	head := git("rev-parse", "HEAD")
	s := st.door()
	s.hides(key, key[:8], key[9:])
	for name := range files {
		s.ask("get_file_contents", in(repo, "path", name))
	}
	s.ask("get_file_tree", in(repo))
	s.ask("get_commit", in(repo, "sha", head))
	s.ask("get_commit", in(repo, "sha", head[:9]))
	s.ask("search_code", in(repo, "query", "A"))
	s.ask("search_code", in(repo, "query", key[:4]))
	s.ask("compare_refs", in(repo, "base", head, "head", head))
}

func byToken(token string) setup {
	return as(func(*giteatest.World) string { return token })
}
