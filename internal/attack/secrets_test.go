package attack_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// The middle of a key has nothing that says it is one.
func TestI3_AKeyCutByLineNumbers(t *testing.T) {
	t.Parallel()
	s := open(t)
	pem := strings.Split(s.world.Plant.PEM, "\n")
	s.exposed(apiA+"/contents/leaky/server.txt", pem[10])
	s.hides(pem[1 : len(pem)-1]...)
	for _, window := range [][2]int{{1, 80}, {21, 60}, {22, 59}, {30, 35}, {40, 40}, {25, 25}, {59, 61}, {20, 22}, {60, 60}} {
		answer := s.shown("get_file_contents", in(serviceA, "path", "leaky/server.txt", "start_line", window[0], "end_line", window[1]))
		if answer.Fields["lines"] != 80.0 || answer.Fields["start_line"] != float64(window[0]) || answer.Fields["end_line"] != float64(window[1]) {
			t.Errorf("lines %v are answered as %s", window, answer.Object)
		}
		if lines := len(body(t, answer)); lines != window[1]-window[0]+1 {
			t.Errorf("lines %v are %d", window, lines)
		}
	}
}

func TestI3_SecretsInFiles(t *testing.T) {
	t.Parallel()
	s := open(t)
	files, plant := s.world.Files, s.world.Plant
	for path, secret := range map[string]string{
		files.LeakyAWS: plant.AWS, files.LeakyBase64: plant.Base64, files.LeakyAllowed: plant.Allowed,
		files.LeakyPAT: plant.PAT, files.LeakySelf: s.token, files.LeakyPEM: strings.Split(plant.PEM, "\n")[3],
	} {
		s.exposed(apiA+"/contents/"+path, secret)
		for _, hidden := range []bool{false, true} {
			answer := s.shown("get_file_contents", in(serviceA, "path", path, "show_hidden", hidden))
			if strings.Contains(answer.All, secret) || !strings.Contains(answer.Text, "[redacted:") || answer.Fields["redacted"] == nil {
				t.Errorf("%s: %s", path, answer.All)
			}
		}
	}
	outcomes := 0
	for _, entry := range s.Entries() {
		if entry["kind"] == "outcome" && entry["redactions"] != nil {
			outcomes++
		}
	}
	if outcomes != 12 {
		t.Errorf("%d of 12 outcomes tell of redactions", outcomes)
	}
}

func TestI3_SecretsInIssuesAndCommits(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exposed(apiA+"/issues?type=issues&state=all&limit=50&q=Login", s.token)
	s.exposed(apiA+"/commits?limit=50", s.world.Plant.Commit)
	s.shown("list_issues", in(serviceA, "state", "all", "limit", 50))
	s.shown("list_issues", in(serviceA, "state", "all", "limit", 50, "page", 2))
	for _, number := range []int64{s.world.Issues.TokenTitle, s.world.Issues.KeyBody} {
		if answer := s.shown("get_issue", in(serviceA, "number", number)); !strings.Contains(answer.All, "[redacted:") {
			t.Errorf("issue %d: %s", number, answer.Object)
		}
	}
	s.shown("list_commits", in(serviceA, "limit", 50))
	s.shown("list_repositories", args{"owner": "acme", "limit": 50})
	if answer := s.shown("get_repository", in(teller)); !strings.Contains(answer.All, "[redacted:") {
		t.Errorf("a description: %s", answer.Object)
	}
	// A subject, an author's name, a label, a path: wherever Gitea puts it.
	for _, place := range []string{"Change number 39", "Dana Developer", "Ordinary issue 65", "kind/chore", "src/main.go", "reader", "The service-a repository"} {
		evil := open(t, before(replacing(s.server, place, "x "+s.token+" y")))
		evil.ask("list_commits", in(serviceA))
		evil.ask("list_issues", in(serviceA, "state", "all"))
		evil.ask("get_issue", in(serviceA, "number", s.world.Issues.Plain))
		evil.ask("get_file_tree", in(serviceA, "recursive", true))
		evil.ask("get_repository", in(serviceA))
		evil.ask("list_repositories", args{})
		evil.ask("get_me", args{})
	}
}

// An agent that holds a secret can't make Aegis write it down either.
func TestI3_SecretsInArgumentsAreNotLogged(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, secret := range []string{s.token, s.world.Plant.PAT, s.world.Plant.AWS} {
		s.ask("get_file_contents", in(serviceA, "path", "a/"+secret, "ref", secret))
		s.ask("get_file_contents", in("x/"+secret, "path", secret+"/../x"))
		s.ask("get_repository", in("acme/"+secret))
		s.ask("get_repository", in(secret+"/"+secret))
		s.ask("list_issues", in(serviceA, "query", secret, "assignee", secret, "milestone", secret, "labels", []string{secret}))
		s.ask("list_commits", in(serviceA, "ref", "refs/heads/"+secret, "since", secret))
		s.ask("list_repositories", args{secret: 1})
		s.ask("list_repositories", args{"x=" + secret: 1})
		s.Connection.Client(secret, strings.Repeat("x", 60)+secret)
		s.ask("get_me", args{})
		// The request's id is the client's to choose, and is logged.
		me := tool(t, "get_me")
		answer := s.Do(t.Context(), me, gate.Call{Request: json.RawMessage(`"` + secret + `"`)})
		s.answers = append(s.answers, string(answer.Object))
	}
	for n := range 40 { // a name that is cut is cut when its secrets are gone
		s.Connection.Client(strings.Repeat("n", 99-n), s.token)
		s.ask("get_me", args{})
		log := string(mustRead(t, s.Log))
		if strings.Contains(log, s.token[:max(12, n)]) {
			t.Fatalf("a client's name leaves %d digits of the token", n)
		}
	}
}

func tool(t *testing.T, name string) gate.Tool {
	t.Helper()
	for _, known := range tools.All() {
		if known.Name == name {
			return known.Tool
		}
	}
	t.Fatalf("there is no %s", name)
	return gate.Tool{}
}

// What a server says when it fails is its own, and quotes what it likes.
func TestI3_ErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 409, 410, 418, 422, 423, 429, 500, 502, 503, 504} {
		for _, kind := range []string{"text/plain; charset=utf-8", "application/json", "text/html"} {
			s := open(t, answering(func(s *scene, w http.ResponseWriter) {
				w.Header().Set("Content-Type", kind)
				for _, name := range []string{"X-Error", "Location", "Retry-After", "Www-Authenticate", "X-Total-Count", "Link", "Set-Cookie"} {
					w.Header().Set(name, "token "+s.world.Reader.Token+" canary-of-a-header")
				}
				w.WriteHeader(status)
				_, _ = io.WriteString(w, `{"message":"token `+s.world.Reader.Token+` in canary-of-a-body\ngoroutine 1 [running]:\n\t/srv/gitea/routers/api.go:12 +0x1d"}`)
			}))
			s.hides("canary", "goroutine", "routers", ".go", "0x1d")
			for tool, a := range everyTool(serviceA) {
				if answer := s.ask(tool, a); !answer.IsError || answer.Code == gate.Internal {
					t.Errorf("status %d: %s", status, answer.All)
				}
			}
			s.ask("get_me", args{})
			s.ask("list_repositories", args{"query": "x"})
			if log := s.Stderr.String() + string(mustRead(t, s.Log)); strings.Contains(log, "canary") || strings.Contains(log, "goroutine") {
				t.Errorf("status %d is quoted in a log: %s", status, log)
			}
		}
	}
}

// before puts a forge made of code in the real one's place.
func before(make func() http.Handler) setup {
	return func(s *scene, c *gatetest.Config) {
		s.proxy = giteatest.NewProxyTo(s.t, make())
		c.URL = s.proxy.URL
	}
}

// answering is a forge that gives the same answer to everything.
func answering(answer func(*scene, http.ResponseWriter)) setup {
	return func(s *scene, c *gatetest.Config) {
		s.proxy = giteatest.NewProxyTo(s.t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(s, w) }))
		c.URL = s.proxy.URL
	}
}

// replacing is the real forge with a text in its answers replaced.
func replacing(server *giteatest.Server, old, replacement string) func() http.Handler {
	return rewriting(server, nil, func(_ *http.Request, _ http.Header, content []byte) []byte {
		return bytes.ReplaceAll(content, []byte(old), []byte(replacement))
	})
}

// rewriting is the real forge, asked for what request makes of a request, with
// answers that are what answer makes of them.
func rewriting(server *giteatest.Server, request func(*http.Request), answer func(*http.Request, http.Header, []byte) []byte) func() http.Handler {
	return func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked := r.Clone(r.Context())
			if request != nil {
				request(asked)
			}
			path := strings.TrimPrefix(asked.URL.EscapedPath(), "/api/v1") + "?" + asked.URL.RawQuery
			token := strings.TrimPrefix(asked.Header.Get("Authorization"), "token ")
			got, err := server.As(token).Do(r.Context(), r.Method, path, nil)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			for name, values := range got.Header {
				w.Header()[name] = values
			}
			content := answer(r, w.Header(), got.Body)
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			w.WriteHeader(got.Status)
			_, _ = w.Write(content)
		})
	}
}
