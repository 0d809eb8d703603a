package attack_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aegis/internal/giteatest"
)

// stage is a Gitea where tests put repositories of their own, by other names each,
// and what is done there behind Aegis' back.
type stage struct {
	*testing.T
	*giteatest.Server
}

type record = map[string]any

// stages is the server that all stages of this process are on. It ends with it.
var stages struct {
	once   sync.Once
	server *giteatest.Server
	err    error
}

func newStage(t *testing.T) *stage {
	t.Helper()
	if testing.Short() {
		t.Skip("a real Gitea takes seconds to start and minutes to build the first time")
	}
	stages.once.Do(func() { stages.server, stages.err = giteatest.Run(context.Background()) })
	if stages.err != nil {
		t.Fatal(stages.err)
	}
	giteatest.Watch(t, stages.server)
	return &stage{t, stages.server}
}

// in is the stage in a subtest.
func (s *stage) in(t *testing.T) *stage { return &stage{t, s.Server} }

// door opens a scene on the stage.
func (s *stage) door(changes ...setup) *scene {
	s.Helper()
	return openAt(s.T, s.Server, changes...)
}

// do sends a request as somebody, which has to succeed. Not every user's token may
// do all that the user may.
func (s *stage) do(as giteatest.User, method, path string, body any) record {
	s.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	answer, err := s.As(s.World.Keeper.Token).Do(context.Background(), method, path+separator+"sudo="+as.Name, body)
	if err != nil || answer.Status/100 != 2 {
		s.Fatalf("%s %s as %s: %d %s %v", method, path, as.Name, answer.Status, answer.Body, err)
	}
	var out record
	_ = json.Unmarshal(answer.Body, &out)
	return out
}

// repository makes one, with a file and a commit on main.
func (s *stage) repository(owner giteatest.User, org, name string, private bool) string {
	s.Helper()
	path := "/user/repos"
	if org != "" {
		path = "/orgs/" + org + "/repos"
	}
	made := s.do(owner, "POST", path, record{"name": name, "private": private, "auto_init": true, "default_branch": "main"})
	return made["full_name"].(string)
}

// fork makes a fork in the user's own name.
func (s *stage) fork(as giteatest.User, of, name string, private bool) string {
	s.Helper()
	made := s.do(as, "POST", "/repos/"+of+"/forks", record{"name": name})
	fullName := made["full_name"].(string)
	if private {
		s.do(as, "PATCH", "/repos/"+fullName, record{"private": true})
	}
	return fullName
}

// commit puts files on a branch, which is made from main if it is not there, and
// returns the commit's id.
func (s *stage) commit(as giteatest.User, repo, branch, message string, files ...string) string {
	s.Helper()
	if found, _ := s.As(s.World.Keeper.Token).Do(context.Background(), "GET", "/repos/"+repo+"/branches/"+url.PathEscape(branch), nil); found.Status == http.StatusNotFound {
		s.do(as, "POST", "/repos/"+repo+"/branches", record{"new_branch_name": branch, "old_ref_name": "main"})
	}
	var changes []record
	for i := 0; i+1 < len(files); i += 2 {
		changes = append(changes, record{"operation": "upload", "path": files[i], "content": base64.StdEncoding.EncodeToString([]byte(files[i+1]))})
	}
	made := s.do(as, "POST", "/repos/"+repo+"/contents", record{"branch": branch, "message": message, "files": changes})
	return made["commit"].(record)["sha"].(string)
}

// pull opens a pull request into main.
func (s *stage) pull(as giteatest.User, repo, head, title string) int {
	s.Helper()
	made := s.do(as, "POST", "/repos/"+repo+"/pulls", record{"title": title, "head": head, "base": "main", "body": title})
	return int(made["number"].(float64))
}

// member lets somebody into a repository.
func (s *stage) member(repo string, who giteatest.User, permission string) {
	s.Helper()
	s.do(s.World.Keeper, "PUT", "/repos/"+repo+"/collaborators/"+who.Name, record{"permission": permission})
}

// serves reports whether a repository's store gives a commit out to somebody.
func (s *stage) serves(token, repo, commit string) bool {
	s.Helper()
	answer, err := s.As(token).Do(context.Background(), "GET", "/repos/"+repo+"/git/commits/"+commit, nil)
	if err != nil {
		s.Fatal(err)
	}
	return answer.Status == http.StatusOK
}

// policyOn is a policy that lets writing into repositories, with more lines.
func policyOn(lines string, repos ...string) string {
	var b strings.Builder
	b.WriteString("version: 1\n" + lines)
	if !strings.Contains(lines, "repositories:") {
		b.WriteString("repositories:\n")
	}
	for _, repo := range repos {
		fmt.Fprintf(&b, "  %q: {write: allow, automation: allow, branches: {allow: [\"**\"]}}\n", repo)
	}
	return b.String()
}

// newStageWithout is the stage once a repository of it was deleted.
func newStageWithout(t *testing.T, s *stage, repo string) *stage {
	t.Helper()
	without := s.in(t)
	without.do(s.World.Keeper, "DELETE", "/repos/"+repo, nil)
	return without
}

// clone is a repository's clone that somebody made, and git in it.
func (s *stage) clone(as giteatest.User, repo string) (folder string, git func(args ...string) string) {
	s.Helper()
	folder = s.TempDir()
	git = func(args ...string) string {
		s.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = folder
		basic := base64.StdEncoding.EncodeToString([]byte(as.Name + ":" + as.Password))
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "HOME="+folder,
			"GIT_AUTHOR_NAME="+as.Name, "GIT_AUTHOR_EMAIL="+as.Name+"@example.org", "GIT_COMMITTER_NAME="+as.Name, "GIT_COMMITTER_EMAIL="+as.Name+"@example.org",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+basic)
		out, err := cmd.CombinedOutput()
		if err != nil {
			s.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("clone", "--quiet", s.URL+"/"+repo+".git", ".")
	return folder, git
}

// put writes a file into a clone, in place of whatever is there.
func (s *stage) put(folder, path, content string) {
	s.Helper()
	file := filepath.Join(folder, filepath.FromSlash(path))
	_ = os.Remove(file)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(content), 0o600)); err != nil {
		s.Fatal(err)
	}
}

// agit pushes a file to refs/for/main, as whoever may read a repository can: Gitea
// makes a pull request of it whose head is the repository itself. It returns the
// commit.
func (s *stage) agit(as giteatest.User, repo, topic, path, content string) string {
	s.Helper()
	folder, git := s.clone(as, repo)
	s.put(folder, path, content)
	git("add", "-A")
	git("commit", "--quiet", "-m", topic)
	git("push", "--quiet", "origin", "HEAD:refs/for/main", "-o", "topic="+topic, "-o", "title="+topic)
	return git("rev-parse", "HEAD")
}
