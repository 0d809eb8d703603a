package cli

import "testing"

// Who waits for a session is told that there is none, however the flag was spelled.
func TestWhoWaitsForASession(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]bool{
		"--stdio": true, "--stdio=true": true, "--stdio=1": true, "--stdio=T": true, "--stdio=false": false, "--stdio=0": false, "--stdio=": false, "--stdio=x": false,
		"stdio": false, "1": false, "--stdiox": false, "": false,
	} {
		if got := asksForStdio(arg); got != want {
			t.Errorf("%q: %t", arg, got)
		}
	}
}
