package automation_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The user that a job is may be called otherwise while the process runs. What it does under its
// new name makes no job run, either.
func TestAJobsUserThatIsRenamed(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	forge, err := url.Parse(s.forge.URL)
	if err != nil {
		t.Fatal(err)
	}
	var renamed atomic.Bool
	forward := httputil.NewSingleHostReverseProxy(forge)
	forward.ModifyResponse = func(r *http.Response) error {
		if !renamed.Load() || !strings.HasSuffix(r.Request.URL.Path, "/api/v1/user") {
			return nil
		}
		raw, err := io.ReadAll(r.Body)
		raw = bytes.ReplaceAll(raw, []byte(`"login":"agent"`), []byte(`"login":"agent-2"`))
		r.Body = io.NopCloser(bytes.NewReader(raw))
		r.ContentLength = int64(len(raw))
		r.Header.Set("Content-Length", strconv.Itoa(len(raw)))
		return err
	}
	server := httptest.NewServer(forward)
	t.Cleanup(server.Close)
	if s.config.URL, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	p := s.open()
	var ahead atomic.Int64
	p.At(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	p.run()
	p.deliver("issues", opened("acme/website", 1, "mallory"))
	s.says(`"run":1`, `"outcome":"done"`)
	renamed.Store(true)
	ahead.Store(int64(4 * time.Minute))
	p.deliver("issues", opened("acme/website", 3, "Agent-2"))
	s.says(`"run":2`, `"outcome":"done"`, `"reason":"own_event"`)
	p.deliver("issues", opened("acme/website", 3, "agent")) // what a job's user was called before
	s.becomes("acme/website#1: Thank you.")
}
