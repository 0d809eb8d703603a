package sanitize

import (
	"testing"

	"aegis/sanitize/internal/stock"
	"aegis/sanitize/leaks"
)

// A marker must not be a finding, whatever stands around it: it would be cut
// again for ever.
func TestMarkersAreNoFindings(t *testing.T) {
	t.Parallel()
	s, detector := scrubber(t), stock.New(t)
	for _, rule := range append(leaks.IDs(), ownCredential, privateKey) {
		marker := markerBegin + rule + "]"
		if len(marker) > markerLimit {
			t.Errorf("%s is longer than %d", marker, markerLimit)
		}
		for _, text := range []string{
			marker, marker + marker, "api_key = " + marker, `"token": "` + marker + `"`, "password:" + marker + "\n" + marker,
			"secret" + marker + "=" + marker, "data:\n  a: " + marker, "https://u:" + marker + "@example.org",
		} {
			if got, report := s.Text(text, TextOptions{}); got != text || report.Redactions != nil {
				t.Errorf("Text(%q) = %q", text, got)
			}
			clean(t, detector, "marker", text, text)
		}
	}
}
