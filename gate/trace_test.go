package gate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// A trace is the client's own text, though it has a shape: a value that nobody is to be
// shown does not leave by it, to the log, to stderr, to Gitea or back.
func TestATraceWithASecretIsDropped(t *testing.T) {
	t.Parallel()
	const secret = "5e5e5e5e5e5e5e5ec0ffee00c0ffee00"
	tool := reader()
	for _, c := range []struct {
		trace string
		kept  bool
	}{
		{"00-" + secret + "-00f067aa0ba902b7-01", false},
		{"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true},
	} {
		f := newForum()
		proxy := f.proxy(t)
		d := gatetest.Open(t, gatetest.Config{URL: proxy.URL, Policy: "version: 1\n", Secrets: []string{secret}, Tools: []tools.Tool{tool}})
		for _, repo := range []string{"acme/open", "acme/nothing"} {
			a := d.Do(t.Context(), tool.Tool, gate.Call{Args: json.RawMessage(`{"repo":"` + repo + `"}`), Trace: canon.ParseTrace(c.trace)})
			if has := strings.Contains(string(a.Object), c.trace); has != (c.kept && a.IsError) {
				t.Errorf("%s", a.Object)
			}
		}
		for _, r := range proxy.Requests() {
			if got := r.Header.Get("Traceparent") == c.trace; got != c.kept || !c.kept && r.Header.Get("Traceparent") != "" {
				t.Errorf("Gitea got %v", r.Header)
			}
		}
		for _, e := range d.Entries() {
			if e["call"] != nil && (e["trace"] == c.trace) != c.kept || !c.kept && e["trace"] != nil {
				t.Errorf("%v", e)
			}
		}
		if strings.Contains(d.Stderr.String(), c.trace) != c.kept {
			t.Errorf("%s", d.Stderr)
		}
	}
}
