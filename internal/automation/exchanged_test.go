package automation_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// meanwhile has something done once, while Gitea is asked for a path.
func (s *stage) meanwhile(path string, do func()) {
	s.t.Helper()
	forge, err := url.Parse(s.forge.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(forge)
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, path) {
			once.Do(do)
		}
		forward.ServeHTTP(w, r)
	}))
	s.t.Cleanup(server.Close)
	if s.config.URL, err = url.Parse(server.URL); err != nil {
		s.t.Fatal(err)
	}
}

// What was acknowledged is not lost because the jobs file is gone for a moment, as some editors
// leave it: neither as the job's own event nor as one that no job wants.
func TestAFileThatIsGoneForAMoment(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	whole, err := os.ReadFile(s.path("jobs.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.meanwhile("/api/v1/user", func() { _ = os.Remove(s.path("jobs.yaml")) })
	p := s.start()
	if got := p.deliver("issues", opened("acme/website", 1, "mallory")); got != http.StatusAccepted {
		t.Fatal(got)
	}
	s.says(`"message":"job"`, `"run":1`)
	s.write("jobs.yaml", string(whole))
	s.becomes("acme/website#1: Thank you.")
}
