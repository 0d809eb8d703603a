package jobtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/jobs/hook"
)

// secret signs what is delivered to tests.
const secret = "a secret that is of no use elsewhere"

// delivered is a delivery of Gitea's, as it came.
type delivered struct {
	header http.Header
	body   []byte
}

// receive judges a delivery as of a time.
func (d delivered) receive(t testing.TB, now time.Time) (hook.Delivery, error) {
	t.Helper()
	covers, err := hook.ParseCovers("acme/*")
	if err != nil {
		t.Fatal(err)
	}
	s, err := hook.NewSecret(covers, secret)
	if err != nil {
		t.Fatal(err)
	}
	return hook.Receive(hook.Secrets{s}, http.MethodPost, d.header, bytes.NewReader(d.body), now)
}

// sink takes what Gitea delivers, and keeps it.
type sink struct {
	address string

	mu  sync.Mutex
	all []delivered
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := new(sink)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("%v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = append(s.all, delivered{r.Header.Clone(), body})
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	s.address = server.URL
	return s
}

// take returns what came from a repository since it was asked last.
func (s *sink) take(repository string) (of []delivered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var others []delivered
	for _, d := range s.all {
		if strings.Contains(string(d.body), `"full_name": "`+repository+`"`) {
			of = append(of, d)
		} else {
			others = append(others, d)
		}
	}
	s.all = others
	return of
}
