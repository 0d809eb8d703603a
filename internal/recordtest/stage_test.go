package recordtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

// stage is a Gitea with the organisation record on it. All of it is
// made by one request after the other, so that what depends on order is the same
// each time.
type stage struct {
	*testing.T
	program                string // the compiled aegis
	server                 *giteatest.Server
	keeper, reader, author giteatest.User
	values                 map[string]string // what scripts call $name
}

type object = map[string]any

func newStage(t *testing.T) *stage {
	t.Helper()
	server := giteatest.StartNew(t)
	w := server.World
	s := &stage{T: t, program: build(t), server: server, keeper: w.Keeper, values: map[string]string{
		"aws": w.Plant.AWS, "pat": w.Plant.PAT, "old_commit": w.ServiceA.Head, "service_pull": fmt.Sprint(w.Issues.PullRequest),
		"nosuch_commit": nothing,
	}}
	s.people()
	s.code()
	s.tracker()
	s.others()
	for _, name := range writables {
		s.writable(name)
	}
	s.repository("away", true, "write")
	s.commit(s.keeper, "record/away", "main", "", "Begin", 0, "README.md", "# Away\n")
	s.post("/repos/record/away/issues", object{"title": "Elsewhere"})
	s.settle() // takes a second, and workflows are not started before
	s.built()
	for _, name := range writables {
		s.ran(name)
	}
	s.settle()
	return s
}

// build compiles the program.
func build(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "aegis.exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "aegis").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// twin is the same stage once more, for another test to change.
func (s *stage) twin(t *testing.T) *stage {
	other := *s
	other.T, other.server = t, s.server.Twin(t)
	return &other
}

func (s *stage) settle() {
	s.Helper()
	if err := s.server.Settle(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// do sends a request as somebody, which has to succeed.
func (s *stage) do(as giteatest.User, method, path string, body any) object {
	s.Helper()
	answer, err := s.server.As(as.Token).Do(s.Context(), method, path, body)
	if err != nil || answer.Status/100 != 2 {
		s.Fatalf("%s %s as %s: %d %s %v", method, path, as.Name, answer.Status, answer.Body, err)
	}
	var out object
	_ = json.Unmarshal(answer.Body, &out)
	return out
}

func (s *stage) post(path string, body any) object {
	s.Helper()
	return s.do(s.keeper, http.MethodPost, path, body)
}

// keep notes a number of what was made under a name.
func (s *stage) keep(name string, made object, member string) {
	s.Helper()
	value, ok := made[member].(float64)
	if !ok {
		s.Fatalf("%s: no %s in %v", name, member, made)
	}
	s.values[name] = fmt.Sprintf("%.0f", value)
}

func (s *stage) people() {
	user := func(name, scope string) giteatest.User {
		made := s.post("/admin/users", object{
			"username": name, "password": name + "-password", "email": name + "@record.test", "full_name": "The " + name, "must_change_password": false,
		})
		u := giteatest.User{ID: int64(made["id"].(float64)), Name: name, Password: name + "-password"}
		var scopes []string
		for _, category := range []string{"repository", "issue", "organization", "user", "notification", "package", "misc"} {
			scopes = append(scopes, scope+":"+category)
		}
		body, _ := json.Marshal(object{"name": "recorded", "scopes": scopes})
		req, _ := http.NewRequestWithContext(s.Context(), http.MethodPost, s.server.URL+"/api/v1/users/"+name+"/tokens", bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.SetBasicAuth(name, u.Password)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			s.Fatal(err)
		}
		defer res.Body.Close()
		var token struct{ SHA1 string }
		if err := json.NewDecoder(res.Body).Decode(&token); err != nil || token.SHA1 == "" {
			s.Fatalf("no token for %s: %s %v", name, res.Status, err)
		}
		u.Token = token.SHA1
		return u
	}
	s.reader, s.author = user("scribe", "read"), user("author", "write")
	s.post("/orgs", object{"username": "record", "visibility": "public", "full_name": "Of record"})
	team := s.post("/orgs/record/teams", object{"name": "readers", "permission": "read", "units": []string{"repo.code"}})
	s.do(s.keeper, http.MethodPut, fmt.Sprintf("/teams/%.0f/members/scribe", team["id"]), nil)
	for _, repo := range []string{"service-a", "bigfile"} {
		s.do(s.keeper, http.MethodPut, "/repos/acme/"+repo+"/collaborators/scribe", object{"permission": "read"})
	}
}

// repository makes one that both users of the scripts read, or write.
func (s *stage) repository(name string, private bool, permission string) {
	s.Helper()
	s.post("/orgs/record/repos", object{"name": name, "private": private, "default_branch": "main", "description": "The " + name})
	s.do(s.keeper, http.MethodPut, "/repos/record/"+name+"/collaborators/scribe", object{"permission": "read"})
	s.do(s.keeper, http.MethodPut, "/repos/record/"+name+"/collaborators/author", object{"permission": permission})
}

// epoch is when commits are made, an hour apart.
var epoch = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

// commit puts files on a branch, which it makes from another if told to, and
// returns the commit's id. A path that begins with "-" is deleted.
func (s *stage) commit(as giteatest.User, repo, branch, from, message string, hour int, files ...string) string {
	s.Helper()
	at := epoch.Add(time.Duration(hour) * time.Hour)
	by := object{"name": "Dana", "email": "dana@record.test"}
	body := object{"message": message, "author": by, "committer": by, "dates": object{"author": at, "committer": at}, "branch": branch}
	if from != "" {
		body["branch"], body["new_branch"] = from, branch
	}
	var changes []object
	for i := 0; i+1 < len(files); i += 2 {
		path, deleted := strings.CutPrefix(files[i], "-")
		if deleted {
			changes = append(changes, object{"operation": "delete", "path": path, "sha": files[i+1]})
			continue
		}
		changes = append(changes, object{"operation": "upload", "path": path, "content": base64.StdEncoding.EncodeToString([]byte(files[i+1]))})
	}
	body["files"] = changes
	made := s.do(as, http.MethodPost, "/repos/"+repo+"/contents", body)
	return made["commit"].(object)["sha"].(string)
}

// blob is the id of a file.
func (s *stage) blob(repo, path, ref string) string {
	s.Helper()
	return s.do(s.keeper, http.MethodGet, "/repos/"+repo+"/contents/"+path+"?ref="+ref, nil)["sha"].(string)
}
