//go:build unix

package giteatest

import (
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// watcher ends a server whose parent died without stopping it. It is a shell
// that reads a pipe only we hold: when we end, however we end, the kernel
// closes the pipe.
type watcher struct {
	cmd  *exec.Cmd
	pipe io.Closer
}

// The group is asked, then killed, then its folder removed. "-s NAME --" is the
// one spelling in which every shell's kill takes a group.
const watchScript = `cat >/dev/null
kill -s TERM -- "-$1" 2>/dev/null
i=0
while kill -s 0 -- "-$1" 2>/dev/null && [ "$i" -lt 50 ]; do sleep 0.1; i=$((i+1)); done
kill -s KILL -- "-$1" 2>/dev/null
rm -rf -- "$2"`

// watch guards the process group of pid and the folder it works in.
func watch(pid int, folder string) (*watcher, error) {
	cmd := exec.Command("/bin/sh", "-c", watchScript, "sh", strconv.Itoa(pid), folder)
	cmd.Dir = "/"
	ownGroup(cmd)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &watcher{cmd, pipe}, nil
}

// dismiss ends the watch without touching what was watched.
func (w *watcher) dismiss() {
	_ = syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL)
	_ = w.cmd.Wait()
	_ = w.pipe.Close()
}

// ownGroup makes cmd lead a process group: an interrupt typed at the test run
// does not reach it, and it can be ended together with its children.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func terminate(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
