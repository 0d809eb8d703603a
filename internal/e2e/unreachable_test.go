package e2e

import (
	"net"
	"os/exec"
	"testing"
	"time"
)

// Nothing of a session waits for Gitea but the calls that need it.
func TestGiteaBeingDownIsAnErrorOfCallsOnly(t *testing.T) {
	t.Parallel()
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		_ = listener.Close()
		folder := t.TempDir()
		s := start(t, folder, "http://"+address, nil)
		s.greet()
		if f := s.ask(readWebsite(1)); f.code() != "gitea_unreachable" {
			t.Errorf("want gitea_unreachable: %s", f.Line)
		}
		s.end()
		if got := count(verified(t, logIn(folder))); got["outcome gitea_unreachable"] != 1 {
			t.Errorf("the log holds %v", got)
		}
	})
	t.Run("it does not answer", func(t *testing.T) {
		t.Parallel()
		forge, folder := newForge(t), t.TempDir()
		forge.Delay = 2 * patience
		s := start(t, folder, forge.URL, nil)
		s.greet()
		s.send(readWebsite(1), `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`)
		if f := s.answer(); string(f.ID) != "2" || f.Error != nil {
			t.Errorf("want the list of tools first: %s", f.Line)
		}
		if n := len(forge.Requests()); n > 1 {
			t.Errorf("%d requests for one call", n)
		}
	})
	t.Run("a call has its time", func(t *testing.T) {
		t.Parallel()
		forge, folder := newForge(t), t.TempDir()
		forge.Delay = 2 * patience
		s := start(t, folder, forge.URL, func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "--timeout", "300ms") })
		s.greet()
		began := time.Now()
		if f := s.ask(readWebsite(1)); f.code() != "timeout" || time.Since(began) > patience {
			t.Errorf("want timeout: %s", f.Line)
		}
		s.end()
	})
}
