package giteatest

import "os/exec"

// watcher does nothing here: Windows has no process groups to speak of, so a
// killed test run leaves its server behind.
type watcher struct{}

func watch(int, string) (*watcher, error) { return &watcher{}, nil }

func (*watcher) dismiss() {}

func ownGroup(*exec.Cmd) {}

func terminate(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
