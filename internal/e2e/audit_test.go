package e2e

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aegis/internal/giteatest"
)

// hold makes another process hold the lock of a log until release is called.
func hold(t *testing.T, log string) (release func()) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(log), 0o700); err != nil {
		t.Fatal(err)
	}
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holderVariable+"="+log+".lock")
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	release = func() {
		once.Do(func() {
			_ = in.Close()
			_ = holder.Wait()
		})
	}
	t.Cleanup(release)
	if _, err := io.ReadFull(out, make([]byte, len("held\n"))); err != nil {
		t.Fatal(err)
	}
	return release
}

// denied expects a call to be refused for want of a log, before the forge
// hears of it.
func (s *session) denied(forge *giteatest.Proxy, request string) {
	s.t.Helper()
	before := len(forge.Requests())
	if f := s.ask(request); f.code() != "audit_unavailable" || len(f.Result.Content) != 1 {
		s.t.Errorf("want audit_unavailable: %s", f.Line)
	}
	if n := len(forge.Requests()) - before; n != 0 {
		s.t.Errorf("%d requests reached the forge", n)
	}
}

func TestI2_ALockedLogDeniesUntilItIsReleased(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	release := hold(t, logIn(folder))
	s := start(t, folder, forge.URL, nil)
	s.greet()
	s.denied(forge, readWebsite(1))
	release()
	if f := s.ask(readWebsite(2)); f.Error != nil || f.code() != "" {
		t.Errorf("after the lock was released: %s", f.Line)
	}
	release = hold(t, logIn(folder))
	s.denied(forge, readWebsite(3))
	release()
	if f := s.ask(readWebsite(4)); f.code() != "" {
		t.Errorf("after the lock was released again: %s", f.Line)
	}
	s.end()
	if got := count(verified(t, logIn(folder))); got["session_start"] != 1 || got["decision"] != 2 || got["outcome"] != 2 || got["session_end"] != 1 {
		t.Errorf("the log holds %v", got)
	}
}

// What Gitea answered is not released if its outcome can't be written, and
// the session stays closed.
func TestI2_AnOutcomeThatCantBeWrittenClosesTheSession(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	proceed := make(chan struct{})
	forge.Rewrite = func(r *http.Request) http.Handler {
		select {
		case <-proceed:
		case <-r.Context().Done():
		}
		return nil
	}
	s := start(t, folder, forge.URL, nil)
	s.greet()
	s.send(readWebsite(1))
	eventually(t, func() bool { return len(forge.Requests()) == 1 })
	release := hold(t, logIn(folder))
	close(proceed)
	if f := s.answer(); f.code() != "audit_unavailable" || strings.Contains(f.Line, "default_branch") || len(f.Result.Content) != 1 {
		t.Errorf("want audit_unavailable and nothing else: %s", f.Line)
	}
	release()
	s.denied(forge, readWebsite(2))
	s.end()
	if got := count(verified(t, logIn(folder))); got["decision"] != 2 || got["decision audit_unavailable"] != 1 || got["outcome"] != 0 {
		t.Errorf("the log holds %v", got)
	}
}
