package attack_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/gatetest"
)

// A Gitea in other hands, or something that took its address.

func within(d time.Duration) setup {
	return func(_ *scene, c *gatetest.Config) { c.Timeout = d }
}

// prompt fails if the test lasts longer than d from now on.
func prompt(t *testing.T, d time.Duration) {
	t.Helper()
	begin := time.Now()
	t.Cleanup(func() {
		if took := time.Since(begin); took > d {
			t.Errorf("took %s", took)
		}
	})
}

func TestAGiteaThatNeverAnswers(t *testing.T) {
	t.Parallel()
	for what, answer := range map[string]http.HandlerFunc{
		"at all": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"to the end": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"fast": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		},
		"an error": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := open(t, within(300*time.Millisecond), before(func() http.Handler { return answer }))
			prompt(t, 10*time.Second)
			for tool, a := range everyTool(serviceA) {
				code := gate.Timeout
				if what == "an error" {
					code = gate.GiteaError
				}
				s.refused(code, tool, a)
			}
		})
	}
}

func TestInterimAnswersWithoutEnd(t *testing.T) {
	t.Parallel()
	s := open(t, within(5*time.Second), before(func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(interface{ Unwrap() http.ResponseWriter }).Unwrap().(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			for {
				if _, err := io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"); err != nil {
					return
				}
			}
		})
	}))
	prompt(t, 4*time.Second)
	s.refused(gate.GiteaUnreachable, "get_repository", in(serviceA))
}

// The bound is on what is read, not on what was announced.
func TestABodyWithoutEnd(t *testing.T) {
	t.Parallel()
	for what, start := range map[string]string{"an object": `{"id":1,"name":"`, "a list": `["`, "blanks": " "} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int64
			s := open(t, before(func() http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					_, _ = io.WriteString(w, start)
					for chunk := strings.Repeat(" ", 64<<10); ; {
						n, err := io.WriteString(w, chunk)
						if sent.Add(int64(n)); err != nil {
							return
						}
					}
				})
			}))
			s.refused(gate.TooLarge, "get_repository", in(serviceA))
			if n := sent.Load(); n > 40<<20 {
				t.Errorf("%d bytes were taken", n)
			}
		})
	}
}

func TestABodyThatUnpacksToMore(t *testing.T) {
	t.Parallel()
	s := open(t, before(func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			packed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			_, _ = io.WriteString(packed, `{"id":1,"full_name":"acme/service-a"`)
			chunk := []byte(strings.Repeat(" ", 1<<20))
			for range 60 {
				_, _ = packed.Write(chunk)
			}
			_, _ = io.WriteString(packed, "}")
			_ = packed.Close()
		})
	}))
	s.refused(gate.TooLarge, "get_repository", in(serviceA))
}

// Wherever a redirect leads, the token does not go there.
func TestI4_ARedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308, 300, 304, 305} {
		var reached atomic.Int64
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
		s := open(t, before(func() http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", elsewhere.URL+"/api/v1/repos/acme/canary")
				w.Header().Set("Refresh", "0; url="+elsewhere.URL)
				w.WriteHeader(status)
			})
		}))
		s.hides("canary", elsewhere.URL)
		for tool, a := range everyTool(serviceA) {
			s.refused(gate.GiteaError, tool, a)
		}
		s.refused(gate.GiteaError, "get_me", args{})
		if reached.Load() != 0 {
			t.Errorf("%d: %d requests went to another host", status, reached.Load())
		}
		elsewhere.Close()
	}
}

func TestAnswersThatAreNotGiteas(t *testing.T) {
	t.Parallel()
	for what, answer := range map[string]string{
		"cut short": `{"id":1,"full_name":"acme/serv`, "nothing": ``, "a list": `[]`, "null": `null`, "a string": `"canary"`, "a number": `5`,
		"two": `{"id":1}{"id":2}`, "another type": `{"id":"canary","full_name":5}`, "a name of another type": `{"id":1,"full_name":["canary"]}`,
		"no name": `{"id":1}`, "no id": `{"full_name":"acme/service-a"}`, "a negative id": `{"id":-1,"full_name":"acme/service-a"}`,
		"deep": strings.Repeat("[", 100000), "HTML": `<html>canary</html>`, "a date": `{"id":1,"full_name":"acme/service-a","updated_at":"canary"}`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := open(t, answering(func(_ *scene, w http.ResponseWriter) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, answer)
			}))
			s.hides("canary")
			for tool, a := range everyTool(serviceA) {
				s.refused(gate.GiteaError, tool, a)
			}
		})
	}
}

func TestAnswersCutShort(t *testing.T) {
	t.Parallel()
	s := open(t, answering(func(_ *scene, w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"id":1,"full_name":"acme/service-a"}`)
	}))
	s.refused(gate.GiteaError, "get_repository", in(serviceA))
}

// What is judged by its name lies about it.
func TestI4_RecordsThatLieAboutTheirName(t *testing.T) {
	t.Parallel()
	s := open(t, func(s *scene, c *gatetest.Config) {
		before(replacing(s.server, `"full_name":"acme/service-a"`, `"full_name":"acme/hr-people"`))(s, c)
	})
	s.hides("hr-people")
	for tool, a := range everyTool(serviceA) {
		s.refused(gate.Moved, tool, a)
	}
	// A list that gives a denied repository another name gains nothing but that
	// name: a read by it goes elsewhere.
	s = open(t, func(s *scene, c *gatetest.Config) {
		before(replacing(s.server, `"full_name":"acme/service-a"`, `"full_name":"acme/../hr-people"`))(s, c)
	})
	s.hides("../hr-people")
	if answer := s.shown("list_repositories", args{"owner": "acme", "limit": 50}); answer.Fields["withheld"] == nil {
		t.Errorf("not counted: %s", answer.Object)
	}
	// A file under the name of another.
	s = open(t, func(s *scene, c *gatetest.Config) {
		before(rewriting(s.server, func(r *http.Request) {
			r.URL.Path = strings.Replace(r.URL.Path, "/contents/README.md", "/contents/secrets/prod.txt", 1)
			r.URL.RawPath = ""
		}, func(_ *http.Request, _ http.Header, content []byte) []byte { return content }))(s, c)
	})
	s.refused(gate.GiteaError, "get_file_contents", in(serviceA, "path", "README.md"))
}

// endless is the real forge with its first page as every page, and another after
// each.
func endless(s *scene, c *gatetest.Config) {
	before(rewriting(s.server, func(r *http.Request) {
		q := r.URL.Query()
		if q.Get("page") != "" {
			q.Set("page", "1")
			r.URL.RawQuery = q.Encode()
		}
	}, func(r *http.Request, header http.Header, content []byte) []byte {
		header.Set("Link", `<http://`+r.Host+`/x?page=2>; rel="next"`)
		header.Set("X-Total-Count", "1000000000")
		header.Set("X-HasMore", "true")
		return []byte(strings.Replace(string(content), `"truncated":false`, `"truncated":true`, 1))
	}))(s, c)
}

// Each page says that there is another.
func TestPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tool string
		a    args
	}{
		"issues by a label":       {"list_issues", in(serviceA, "labels", []string{"bug"})},
		"issues by a query":       {"list_issues", in(serviceA, "query", "nothing like it")},
		"issues by an assignee":   {"list_issues", in(serviceA, "assignee", "writer")},
		"repositories by a query": {"list_repositories", args{"query": "service"}},
		"repositories":            {"list_repositories", args{}},
		"commits of a path":       {"list_commits", in(serviceA, "path", "docs/guide.md", "limit", 50, "page", 3)},
		"a tree":                  {"get_file_tree", in(serviceA, "recursive", true)},
		"a folder in a tree":      {"get_file_tree", in(serviceA, "path", "docs/none")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, endless, within(20*time.Second))
			s.ask(c.tool, c.a)
			if n := len(s.proxy.Requests()); n > 120 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// Forks of forks of forks: each row asks for its ancestors.
func TestAncestorsWithoutEnd(t *testing.T) {
	t.Parallel()
	row := func(name string, n int) string {
		return fmt.Sprintf(`{"id":%d,"full_name":%q,"fork":true,"parent":{"id":%d,"full_name":%q,"fork":true}}`, n+1, name, n+2, fmt.Sprintf("acme/f%d", n+1))
	}
	s := open(t, within(20*time.Second), before(func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Link", `<http://x/?page=2>; rel="next"`)
			var n int
			if _, err := fmt.Sscanf(r.URL.Path, "/api/v1/repos/acme/f%d", &n); err == nil {
				_, _ = io.WriteString(w, row(fmt.Sprintf("acme/f%d", n), n))
				return
			}
			rows := make([]string, 50)
			for i := range rows {
				rows[i] = row("acme/service-a", i%7)
			}
			_, _ = io.WriteString(w, `{"ok":true,"data":[`+strings.Join(rows, ",")+`]}`)
		})
	}))
	answer := s.ask("list_repositories", args{"query": "service"})
	if !answer.IsError && len(answer.Items()) > 0 {
		t.Errorf("a fork of what nobody knows is shown: %s", answer.Object)
	}
	if n := len(s.proxy.Requests()); n > 200 {
		t.Errorf("%d requests for one call", n)
	}
}
