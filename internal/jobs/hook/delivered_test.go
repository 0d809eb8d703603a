package hook

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ofDelivered signed what Gitea 1.26 delivered to internal/jobtest, which records it.
const ofDelivered = "a secret that is of no use elsewhere"

// delivered are Gitea's deliveries as they came, and when, by the type of their event.
func delivered(t testing.TB) (all map[string]*request, at map[string]time.Time) {
	t.Helper()
	names, err := filepath.Glob("testdata/delivered/*.http")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	all, at = make(map[string]*request), make(map[string]time.Time)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			t.Fatal(name, err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(name, err)
		}
		key := strings.TrimSuffix(filepath.Base(name), ".http")
		all[key] = &request{r.Method, r.Header, body}
		if at[key], err = http.ParseTime(r.Header.Get("Date")); err != nil {
			t.Fatal(name, err)
		}
	}
	return all, at
}

// What Gitea has delivered is taken for what it is, and by its own signature.
func TestDelivered(t *testing.T) {
	t.Parallel()
	covers, err := ParseCovers("acme/delivering")
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSecret(covers, ofDelivered)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"issues": "issues opened", "issue_label": "issues label_updated", "issue_assign": "issues assigned", "issue_milestone": "issues milestoned",
		"issue_comment": "issue_comment created", "pull_request_comment": "issue_comment created",
		"pull_request": "pull_request opened", "pull_request_label": "pull_request label_updated", "pull_request_sync": "pull_request synchronized",
		"pull_request_review_request":  "pull_request review_requested",
		"pull_request_review_approved": "pull_request_review approved", "pull_request_review_rejected": "pull_request_review rejected",
		"pull_request_review_comment": "pull_request_review commented",
		"push":                        "push ", "create": "create branch", "release": "release published", "status": "status pending",
		"workflow_run_requested": "workflow_run requested", "workflow_run_in_progress": "workflow_run in_progress",
		"workflow_run_success": "workflow_run success", "workflow_run_failure": "workflow_run failure",
		"workflow_run_cancelled": "workflow_run cancelled", "workflow_run_skipped": "workflow_run skipped",
		"delete": "unsupported", "wiki": "unsupported", "workflow_job": "unsupported",
	}
	all, at := delivered(t)
	for name, r := range all {
		d, err := Receive(Secrets{s}, r.method, r.header, bytes.NewReader(r.body), at[name])
		got := d.Event.Kind + " " + d.Event.Action
		if err != nil {
			got = err.Error()
		}
		if got != want[name] {
			t.Errorf("%s: %s, want %s", name, got, want[name])
		}
		delete(want, name)
		if d.Event.At.IsZero() {
			continue
		}
		if _, err := Receive(Secrets{s}, r.method, r.header, bytes.NewReader(r.body), at[name].Add(2*time.Hour)); !errors.Is(err, ErrOld) {
			t.Errorf("%s, two hours later: %v", name, err)
		}
	}
	for name := range want {
		t.Errorf("%s is not recorded", name)
	}
}
