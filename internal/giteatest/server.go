package giteatest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// folderPrefix is how the temporary folders of servers are named.
const folderPrefix = "aegis-gitea-"

// stopTimeout is how long Gitea gets to end by itself.
const stopTimeout = 10 * time.Second

// Server is one running Gitea, loopback only, in a temporary folder.
type Server struct {
	URL   string // http://127.0.0.1:port, without a trailing slash
	World *World // what it was seeded with

	told   string // where it believes to be, "" for URL
	folder string
	inUse  *flock.Flock // held while we live, so that nobody sweeps folder
	watch  *watcher
	cmd    *exec.Cmd
	exited chan struct{} // closed once cmd has been waited for
	stop   sync.Once
	err    error

	written requests
}

// launch starts program on the data in folder, which becomes the server's, and
// returns when it answers.
func launch(ctx context.Context, p program, folder string) (*Server, error) {
	s := &Server{folder: folder, inUse: flock.New(filepath.Join(folder, "in-use"))}
	s.written.file = s.requestLog()
	if _, err := s.inUse.TryLock(); err != nil {
		return nil, err
	}
	// Between choosing a free port and Gitea's listening on it another process
	// may take it, so a server that ends early is tried on another.
	var err error
	for range 3 {
		if err = s.listen(ctx, p); err == nil {
			return s, nil
		}
		s.end()
		if ctx.Err() != nil {
			break
		}
	}
	err = fmt.Errorf("%w\nthe end of its log:\n%s", err, s.logTail(4<<10))
	return nil, errors.Join(err, s.Close())
}

func (s *Server) listen(ctx context.Context, p program) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.URL = fmt.Sprintf("http://127.0.0.1:%d", port)
	told := s.told
	if told == "" {
		told = s.URL + "/"
	}
	if err := writeConfig(s.folder, p.static, port, told); err != nil {
		return err
	}
	out, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd, exited := s.command(context.WithoutCancel(ctx), p, "web"), make(chan struct{})
	cmd.Stdout, cmd.Stderr = out, out
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start Gitea: %w", err)
	}
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	s.cmd, s.exited = cmd, exited
	if s.watch, err = watch(cmd.Process.Pid, s.folder); err != nil {
		return err
	}
	return s.awaitAnswer(ctx)
}

// command is Gitea's program on this server's folder. Nothing of the caller's
// git or Gitea settings reaches it.
func (s *Server) command(ctx context.Context, p program, args ...string) *exec.Cmd {
	args = append([]string{"--config", configPath(s.folder), "--work-path", s.folder}, args...)
	cmd := exec.CommandContext(ctx, p.bin, args...)
	cmd.Dir = s.folder
	cmd.Env = cleanEnv(s.folder)
	return cmd
}

// cleanEnv is an environment of its own for Gitea and git: no user's settings,
// no proxies, no terminal to ask at.
func cleanEnv(home string) []string {
	env := []string{"HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "TMPDIR", "SystemRoot", "TEMP", "TMP"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func (s *Server) awaitAnswer(ctx context.Context) error {
	client := &http.Client{Timeout: 2 * time.Second}
	for {
		res, err := client.Get(s.URL + "/api/v1/version")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.exited:
			return fmt.Errorf("gitea ended before it answered: %s", s.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("gitea does not answer: %w", ctx.Err())
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// Close ends Gitea, then removes its folder. It may be called more than once.
func (s *Server) Close() error {
	s.stop.Do(func() {
		s.end()
		_ = s.inUse.Unlock()
		s.err = os.RemoveAll(s.folder)
	})
	return s.err
}

// end stops the process, if there is one, and leaves the folder.
func (s *Server) end() {
	if s.watch != nil {
		s.watch.dismiss()
		s.watch = nil
	}
	if s.cmd == nil {
		return
	}
	terminate(s.cmd)
	select {
	case <-s.exited:
	case <-time.After(stopTimeout):
		kill(s.cmd)
		<-s.exited
	}
	s.cmd = nil // its id may be somebody else's from now on
}

// Tell has Gitea believe to be somewhere else than where it is reached, as one behind a
// proxy is told. It starts anew, at another URL.
func (s *Server) Tell(ctx context.Context, told string) error {
	p, err := build(ctx)
	if err != nil {
		return err
	}
	s.end()
	s.told = told
	return s.listen(ctx, p)
}

// Script returns Gitea's program and this server's settings, for a script that runs
// "gitea --config SETTINGS admin …" as an operator would.
func (s *Server) Script(ctx context.Context) (program, settings string, err error) {
	p, err := build(ctx)
	return p.bin, configPath(s.folder), err
}

func (s *Server) log() string { return filepath.Join(s.folder, "gitea.log") }

func (s *Server) logTail(n int64) string { return tail(s.log(), n) }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// newFolder makes the folder for a server, after sweeping away those whose
// servers ended without anybody left to clean up, as in a power cut.
func newFolder() (string, error) {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	for _, folder := range old {
		info, err := os.Stat(folder)
		if err != nil || time.Since(info.ModTime()) < time.Hour {
			continue
		}
		l := flock.New(filepath.Join(folder, "in-use"))
		if free, err := l.TryLock(); err != nil || !free {
			continue
		}
		_ = l.Unlock()
		_ = os.RemoveAll(folder)
	}
	return os.MkdirTemp("", folderPrefix)
}

func configPath(folder string) string { return filepath.Join(folder, "app.ini") }

// writeConfig writes Gitea's settings: SQLite, loopback, no mail, no cron, no
// avatars, nothing that asks the network.
func writeConfig(folder, static string, port int, told string) error {
	me, err := user.Current()
	if err != nil {
		return err
	}
	name := me.Username
	if i := strings.LastIndexByte(name, '\\'); i >= 0 { // Windows: DOMAIN\name
		name = name[i+1:]
	}
	config := strings.NewReplacer(
		"{folder}", filepath.ToSlash(folder), "{static}", filepath.ToSlash(static),
		"{port}", fmt.Sprint(port), "{user}", name, "{key}", internalKey,
	).Replace(config)
	config = strings.Replace(config, fmt.Sprintf("\nROOT_URL = http://127.0.0.1:%d/\n", port), "\nROOT_URL = "+told+"\n", 1)
	return os.WriteFile(configPath(folder), []byte(config), 0o600)
}
