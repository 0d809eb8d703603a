package attack_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// guarded is the policy of most attacks: people's data is denied as a whole,
// and of service-a what is secret.
const guarded = `version: 1
paths: {deny: ["**/.env*", "**/id_*"]}
repositories:
  "acme/hr-*":
    read: deny
    reason: people data stays out
  "acme/service-a":
    paths: {deny: ["secrets/**"]}
`

type args = map[string]any

// scene is a door with a proxy behind it, in front of the real Gitea.
type scene struct {
	*gatetest.Door
	t       *testing.T
	server  *giteatest.Server
	world   *giteatest.World
	proxy   *giteatest.Proxy
	token   string
	answers []string
	hidden  []string // what no answer may hold; see hides
}

// setup changes a scene before it opens.
type setup func(*scene, *gatetest.Config)

func as(user func(*giteatest.World) string) setup {
	return func(s *scene, c *gatetest.Config) { c.Token = user(s.world) }
}

func under(policy string) setup {
	return func(_ *scene, c *gatetest.Config) { c.Policy = policy }
}

// writing lets a scene write to repositories.
func writing(repos ...string) setup {
	return func(s *scene, c *gatetest.Config) {
		c.Write = true
		for _, each := range repos {
			repo, err := canon.ParseFullName(each)
			if err != nil {
				s.t.Fatal(err)
			}
			c.Repos = append(c.Repos, repo)
		}
	}
}

// open makes a scene as the Reader, under the guarded policy.
func open(t *testing.T, changes ...setup) *scene {
	t.Helper()
	server := giteatest.Start(t)
	build(t, server)
	return openAt(t, server, changes...)
}

// openAt is open in front of another Gitea.
func openAt(t *testing.T, server *giteatest.Server, changes ...setup) *scene {
	t.Helper()
	s := &scene{t: t, server: server, world: server.World, proxy: server.Proxy(t)}
	config := gatetest.Config{URL: s.proxy.URL, Token: s.world.Reader.Token, Policy: guarded}
	for _, change := range changes {
		change(s, &config)
	}
	s.token = config.Token
	s.Door = gatetest.Open(t, config)
	t.Cleanup(s.search)
	return s
}

// ask calls a tool and keeps the answer for the search at the end.
func (s *scene) ask(tool string, a any) gatetest.Answer {
	s.t.Helper()
	answer := s.Door.Ask(tool, a)
	s.answers = append(s.answers, answer.All)
	return answer
}

// refused asks and fails unless the answer is a refusal with that code.
func (s *scene) refused(code gate.Code, tool string, a any) map[string]any {
	s.t.Helper()
	answer := s.ask(tool, a)
	refusal := answer.Refusal()
	if !answer.IsError || answer.Code != code || refusal["code"] != string(code) || refusal["call"] != answer.Call {
		s.t.Fatalf("%s %v: want %s, got %.600s", tool, a, code, answer.All)
	}
	return refusal
}

// shown asks and fails if the answer is a refusal.
func (s *scene) shown(tool string, a any) gatetest.Answer {
	s.t.Helper()
	answer := s.ask(tool, a)
	if answer.IsError {
		s.t.Fatalf("%s %v: %s", tool, a, answer.Object)
	}
	return answer
}

// hides adds to what no answer may hold.
func (s *scene) hides(canaries ...string) { s.hidden = append(s.hidden, canaries...) }

// search looks for canaries in all that left.
func (s *scene) search() {
	log, _ := os.ReadFile(s.Log)
	where := map[string]string{"the audit log": string(log), "stderr": s.Stderr.String()}
	for i, answer := range s.answers {
		where[fmt.Sprintf("answer %d", i+1)] = answer
		for _, canary := range s.hidden {
			if strings.Contains(answer, canary) {
				s.t.Errorf("%q shows in answer %d: %.600s", canary, i+1, answer)
			}
		}
	}
	for place, text := range where {
		for what, canary := range s.canaries() {
			if strings.Contains(text, canary) {
				s.t.Errorf("%s shows in %s: %.600s", what, place, text)
			}
		}
	}
}

// canaries are in no answer and no log, whatever is asked.
func (s *scene) canaries() map[string]string {
	plant := s.world.Plant
	lines := strings.Split(plant.PEM, "\n")
	return map[string]string{
		"secrets/prod.txt":          "not-for-agents",
		"secrets/prod.txt's change": "changed-by-feature-x",
		".env":                      "MODE=prod",
		"config/id_rsa":             "a credential file by its name only",
		"hr-people's table":         "ada,1",
		"hr-people's issue":         "Raise for Ada",
		"hr-people's description":   "The hr-people repository",
		"hr-people's present one":   "described anew",
		"an AWS key":                plant.AWS,
		"a GitHub token":            plant.PAT,
		"an encoded key":            plant.Base64,
		"an allowed token":          plant.Allowed,
		"a token in a commit":       plant.Commit,
		"a private key's middle":    lines[len(lines)/2],
		"a private key's end":       lines[len(lines)-2],
		"the Reader's token":        s.world.Reader.Token,
		"the Keeper's token":        s.world.Keeper.Token,
	}
}

// untouched fails if anything has reached Gitea.
func (s *scene) untouched() {
	s.t.Helper()
	for _, r := range s.proxy.Requests() {
		s.t.Errorf("%s %s?%s reached Gitea", r.Method, r.Path, r.Query)
	}
}

// never fails if a request addressed part.
func (s *scene) never(part string) {
	s.t.Helper()
	for _, r := range s.proxy.Requests() {
		if strings.Contains(strings.ToLower(r.Path+"?"+r.Query), strings.ToLower(part)) {
			s.t.Errorf("%s %s?%s was sent", r.Method, r.Path, r.Query)
		}
	}
}

// raw is what Gitea answers without Aegis to the same token.
func (s *scene) raw(path string) giteatest.Answer {
	s.t.Helper()
	answer, err := s.server.As(s.token).Do(context.Background(), http.MethodGet, path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

// exposed fails unless Gitea itself shows canary to the token: otherwise there
// is nothing that Aegis could hide.
func (s *scene) exposed(path, canary string) {
	s.t.Helper()
	answer := s.raw(path)
	text := string(answer.Body)
	var file struct {
		Content string `json:"content"`
	}
	if json.Unmarshal(answer.Body, &file) == nil && file.Content != "" {
		decoded, _ := base64.StdEncoding.DecodeString(file.Content)
		text += string(decoded)
	}
	if answer.Status != http.StatusOK || !strings.Contains(text, canary) {
		s.t.Fatalf("the attack proves nothing: Gitea's %s answers %d without %q: %.300s", path, answer.Status, canary, text)
	}
}

// in names a repository for arguments, with more of them as pairs.
func in(fullName string, more ...any) args {
	owner, name, _ := strings.Cut(fullName, "/")
	a := args{"owner": owner, "repo": name}
	for i := 0; i+1 < len(more); i += 2 {
		a[more[i].(string)] = more[i+1]
	}
	return a
}

const (
	serviceA = "acme/service-a"
	apiA     = "/repos/" + serviceA
)

// What the world lacks for some attacks: added once, before the first of them.
const (
	copyA  = "second/service-copy" // a fork of service-a that Reader may read
	teller = "acme/teller"         // Reader's token is in its description
)

var extras struct {
	once sync.Once
	err  error
}

func build(t *testing.T, server *giteatest.Server) {
	t.Helper()
	extras.once.Do(func() {
		ctx, keeper, reader := context.Background(), server.As(server.World.Keeper.Token), server.World.Reader
		post := func(method, path string, body any) {
			if extras.err == nil {
				extras.err = keeper.Into(ctx, method, path, body, nil)
			}
		}
		post("POST", apiA+"/forks", args{"organization": "second", "name": "service-copy"})
		post("PUT", "/repos/"+copyA+"/collaborators/"+reader.Name, args{"permission": "read"})
		// Its forks keep the description that it had.
		post("PATCH", "/repos/acme/hr-people", args{"description": "People, described anew"})
		post("POST", "/orgs/acme/repos", args{"name": "teller", "private": true, "description": "Ask with " + reader.Token})
		post("PUT", "/repos/"+teller+"/collaborators/"+reader.Name, args{"permission": "read"})
		post("POST", "/orgs/acme/repos", args{"name": "bulky", "private": true})
		content := base64.StdEncoding.EncodeToString([]byte(bulkyText(server.World)))
		post("POST", "/repos/"+bulky+"/contents/"+bulkyFile, args{"content": content, "message": "Rows"})
		post("PUT", "/repos/"+bulky+"/collaborators/"+reader.Name, args{"permission": "read"})
	})
	if extras.err != nil {
		t.Fatal(extras.err)
	}
}
