package automation_test

import (
	"net/http"
	"strings"
	"testing"
)

// A delivery makes a job run, once, as its own caller.
func TestADeliveryMakesAJobRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	p := s.start()
	body := opened("acme/website", 1, "mallory")
	for _, want := range []int{http.StatusAccepted, http.StatusOK, http.StatusOK} {
		if got := p.deliver("issues", body); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	s.becomes("acme/website#1: Thank you.")
	s.says(`"message":"job"`, `"job":"thanks"`, `"trigger":"webhook"`, `"delivery":"f6266f16-1bf3-46a5-9ea4-602e06ead473"`, `"outcome":"done"`, `"written":1`)
	p.end()
	s.becomes("acme/website#1: Thank you.")
	log := s.verified()
	if !strings.Contains(log, `"principal":"job:thanks"`) || !strings.Contains(log, `"trigger":"webhook"`) {
		t.Error("the audit log does not say who did it")
	}
}
