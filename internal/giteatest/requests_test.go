package giteatest

import (
	"net/http"
	"testing"
	"time"
)

// What Gitea is sent to change something is found by its own record.
func TestRequestsOfReadersAreSeen(t *testing.T) {
	t.Parallel()
	s := StartNew(t)
	for _, agent := range []string{"aegis/other", ReaderAgent} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/repos/acme/sandbox/issues", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", agent)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	var found []string
	for range 200 { // it is written a moment later
		if found = append(found, s.written.by(ReaderAgent)...); len(found) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(found) != 1 || found[0] != "POST /api/v1/repos/acme/sandbox/issues HTTP/1.1" {
		t.Errorf("%q", found)
	}
}
