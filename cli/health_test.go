package cli

import (
	"net/http"
	"strings"
	"testing"
)

// What is not a server's own answer is said of it, and not said again.
func TestUnderstood(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		status int
		answer string
		said   string
		ready  bool
	}{
		{http.StatusOK, "ready", "ready", true},
		{http.StatusServiceUnavailable, "not ready: audit_log", "not ready: audit_log", false},
		{http.StatusServiceUnavailable, "not ready: policy, draining", "not ready: policy, draining", false},
		{http.StatusServiceUnavailable, "ready", "", false},
		{http.StatusOK, "not ready: policy", "", false},
		{http.StatusOK, "", "", false},
		{http.StatusOK, "ready, \x1b[31mbut", "", false},
		{http.StatusServiceUnavailable, "not ready: ", "", false},
		{http.StatusServiceUnavailable, "not ready: policy, /etc/passwd", "", false},
		{http.StatusServiceUnavailable, "not ready: policy\nready", "", false},
		{http.StatusFound, "ready", "", false},
		{http.StatusOK, strings.Repeat("ready", 50), "", false},
	} {
		said, ready := understood(of.status, of.answer)
		if of.said == "" {
			of.said = "who answers there is no admin listener of Aegis"
		}
		if said != of.said || ready != of.ready {
			t.Errorf("%d %q: %q %v", of.status, of.answer, said, ready)
		}
	}
}
