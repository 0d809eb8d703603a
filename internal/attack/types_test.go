package attack_test

import (
	"os"
	"path/filepath"
	"testing"

	"aegis/gate"
)

// Git tells of a file that becomes a link, or a link a file, as a change of its type.
// Gitea leaves such changes out of a commit's files: two of them would replace any
// file unseen.
func TestAChangeOfTypeIsALanding(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	target := st.repository(w.Keeper, "acme", "types", false)
	workflow := "on: [push]\njobs:\n  a:\n    runs-on: nobody\n    steps:\n      - run: "
	const ci = ".gitea/workflows/ci.yml"
	st.commit(w.Keeper, target, "main", "Files", ci, workflow+"'true'\n", "src/a.go", "package a\n", "docs/a.md", "# A\n")
	fork := st.fork(w.Forker, target, "types", false)
	folder, git := st.clone(w.Forker, fork)
	became := func(branch, path, content string) (link, file string) {
		git("checkout", "--quiet", "-b", branch, "origin/main")
		name := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("elsewhere", name); err != nil {
			t.Fatal(err)
		}
		git("add", "-A")
		git("commit", "--quiet", "-m", "A link")
		link = git("rev-parse", "HEAD")
		st.put(folder, path, content)
		git("add", "-A")
		git("commit", "--quiet", "-m", "A file")
		git("push", "--quiet", "origin", branch, link+":refs/heads/"+branch+"-link")
		st.pull(w.Forker, target, "forker:"+branch, "A stranger's "+branch)
		st.pull(w.Forker, target, "forker:"+branch+"-link", "A stranger's "+branch+" in half")
		return link, git("rev-parse", "HEAD")
	}
	ciLink, ciFile := became("ci", ci, workflow+"id\n")
	srcLink, srcFile := became("src", "src/a.go", "package evil\n")
	docsLink, docsFile := became("docs", "docs/a.md", "# B\n")
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	policy := "version: 1\nrepositories:\n  \"" + target + "\": {write: allow, branches: {allow: [\"**\"]}, write_paths: {allow: [\"docs/**\"]}}\n"
	s := st.door(as(keeper), under(policy), writing(target))
	for name, commit := range map[string]string{"ci-link": ciLink, "ci-file": ciFile, "src-link": srcLink, "src-file": srcFile} {
		t.Run(name, func(t *testing.T) {
			for tool, ask := range map[string]args{
				"create_branch":  in(target, "branch", "agent/"+name, "from", commit),
				"create_release": in(target, "tag", "v-"+name, "target", commit, "title", "A release"),
			} {
				if answer := s.ask(tool, ask); answer.Code != gate.PathDenied {
					t.Errorf("%s: want path_denied, got %.300s", tool, answer.All)
				}
			}
		})
	}
	for name, commit := range map[string]string{"docs-link": docsLink, "docs-file": docsFile} {
		s.shown("create_branch", in(target, "branch", "agent/"+name, "from", commit))
	}
}
