package e2e

import (
	"os"
	"os/exec"
	"testing"
)

// A client may ignore what is logged: one that reads nothing of stderr, or has
// closed it, is served like any other.
func TestAClientThatDoesNotReadStderrIsServed(t *testing.T) {
	t.Parallel()
	for name, closed := range map[string]bool{"not read": false, "closed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forge, folder := newForge(t), t.TempDir()
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, folder, forge.URL, func(cmd *exec.Cmd) { cmd.Stderr = write })
			_ = write.Close()
			t.Cleanup(func() { _ = read.Close() })
			if closed {
				_ = read.Close()
			}
			s.greet()
			const calls = 400 // more than a pipe holds
			for id := range calls {
				if f := s.ask(call(id, "get_repository", `{"owner":"acme","repo":"..","x":1}`)); f.code() != "invalid_arguments" {
					t.Fatal(f.Line)
				}
			}
			s.end()
			if got := count(verified(t, logIn(folder))); got["decision"] != calls || got["session_end"] != 1 {
				t.Errorf("the log holds %v", got)
			}
		})
	}
}
