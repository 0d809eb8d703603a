//go:build unix

package imagetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// asRuntime makes the test binary the runtime of containers.
const asRuntime = "IMAGETEST_RUNTIME"

func TestMain(m *testing.M) {
	if runc := os.Getenv(asRuntime); runc != "" {
		fmt.Fprintln(os.Stderr, "runtime:", withoutLimits(runc, os.Args[1:]))
		os.Exit(1)
	}
	status := m.Run()
	if made.folder != "" {
		_ = os.RemoveAll(made.folder)
	}
	os.Exit(status)
}

// withoutLimits is runc, for a machine that may not set limits on resources: it takes them
// out of what a container, or a further process in it, is to be. It returns only if that
// fails.
func withoutLimits(runc string, args []string) error {
	for i, arg := range args[:max(len(args)-1, 0)] {
		var err error
		switch arg {
		case "--bundle", "-b":
			err = dropLimits(filepath.Join(args[i+1], "config.json"))
		case "--process", "-p":
			err = dropLimits(args[i+1])
		}
		if err != nil {
			return err
		}
	}
	return syscall.Exec(runc, append([]string{runc}, args...), os.Environ())
}

// dropLimits takes them out of a file of the runtime's.
func dropLimits(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var config map[string]any
	if err := json.Unmarshal(raw, &config); err != nil {
		return err
	}
	delete(config, "rlimits") // of a process
	if process, ok := config["process"].(map[string]any); ok {
		delete(process, "rlimits")
	}
	if raw, err = json.Marshal(config); err != nil {
		return err
	}
	return os.WriteFile(file, raw, 0o600)
}

// asked skips a test that was not asked for: it takes root's rights and a minute.
func asked(t *testing.T) {
	t.Helper()
	if os.Getenv("AEGIS_TEST_IMAGE") == "" {
		t.Skip("\"make deploy-check\" runs this")
	}
}

// notRun skips a test, in words that are looked for in what the tests print.
func notRun(t *testing.T, why string) {
	t.Helper()
	t.Skipf("NOT RUN: %.300s", strings.TrimSpace(why))
}

// tool runs a program in a folder, and returns what it prints and what it says of errors.
func tool(t *testing.T, folder string, name string, args ...string) (out, said string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = folder
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

// made is the image of these sources, made once for all tests.
var made struct {
	once         sync.Once
	folder, said string
	err          error
}

// theLayout returns the image's folder, which TestMain removes.
func theLayout(t *testing.T) string {
	t.Helper()
	made.once.Do(func() {
		// A reference is made of its name, which has to be lowercase.
		if made.folder, made.err = os.MkdirTemp("", "aegis-layout-"); made.err == nil {
			_, made.said, made.err = tool(t, filepath.Join("..", "..", "deploy"), "go", "run", "./image", "--version", "v0.0.1-test", "--arch", runtime.GOARCH, "--out", filepath.Join(made.folder, "image"))
		}
	})
	if made.err != nil {
		for _, unreachable := range []string{"dial tcp", "no such host", "GOPROXY=off", "i/o timeout", "connection refused"} {
			if strings.Contains(made.said, unreachable) {
				notRun(t, "the modules of the image's builder can't be fetched: "+made.said)
			}
		}
		t.Fatalf("make the image: %v\n%s", made.err, made.said)
	}
	return filepath.Join(made.folder, "image")
}

// podman is podman with a store of the test's own.
type podman struct {
	t      *testing.T
	common []string
	image  string
}

// newPodman makes the image and has podman pull it. What can't be had here is told.
func newPodman(t *testing.T) podman {
	t.Helper()
	runc, err := exec.LookPath("runc")
	if err == nil {
		_, err = exec.LookPath("podman")
	}
	if err != nil {
		notRun(t, "there is no podman with runc here (Debian's packages of these names): "+err.Error())
	}
	if os.Geteuid() != 0 {
		notRun(t, "files that belong to 65532 are made by root alone")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Podman takes no long names of folders: sockets lie in them.
	folder, err := os.MkdirTemp("/tmp", "aegis-podman-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	wrapper := filepath.Join(folder, "runtime")
	script := fmt.Sprintf("#!/bin/sh\n%s=%s exec %s \"$@\"\n", asRuntime, runc, self)
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	p := podman{t: t, common: []string{
		"--root", filepath.Join(folder, "root"), "--runroot", filepath.Join(folder, "run"), "--tmpdir", filepath.Join(folder, "tmp"),
		"--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--runtime", wrapper,
	}}
	layout := theLayout(t)
	out, said, err := tool(t, "", "podman", p.with("pull", "--quiet", "oci:"+layout)...)
	if err != nil {
		p.cant("pull", said)
	}
	p.image = strings.TrimSpace(out)
	if out, said, err := tool(t, "", "podman", p.with("run", "--rm", "--network", "host", p.image, "version")...); err != nil {
		p.cant("run a container", said)
	} else if !strings.Contains(out, "v0.0.1-test") {
		t.Errorf("the image holds %q", out)
	}
	return p
}

// cant ends a test in which podman could not do something: because this machine does not
// let it, or because it was wrong.
func (p podman) cant(what, said string) {
	p.t.Helper()
	for _, sign := range []string{"operation not permitted", "permission denied", "cgroup", "namespace", "newuidmap", "read-only file system"} {
		if strings.Contains(strings.ToLower(said), sign) {
			notRun(p.t, "podman can't "+what+" here: "+said)
		}
	}
	p.t.Fatalf("podman can't %s: %s", what, said)
}

func (p podman) with(args ...string) []string { return append(slices.Clone(p.common), args...) }

// do runs a command of podman's that has to succeed, and returns what it prints.
func (p podman) do(args ...string) (out, said string) {
	p.t.Helper()
	out, said, err := tool(p.t, "", "podman", p.with(args...)...)
	if err != nil {
		p.t.Fatalf("podman %q: %v\n%s%s", args, err, out, said)
	}
	return strings.TrimSpace(out), said
}

// confined are the bounds that deploy/compose.yaml sets.
var confined = []string{
	"--network", "host", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--pids-limit", "256", "--memory", "512m",
}

// start starts a container under these bounds, and has it gone at the end.
func (p podman) start(args ...string) (id string) {
	p.t.Helper()
	id, _ = p.do(slices.Concat([]string{"run", "--detach"}, confined, args)...)
	p.t.Cleanup(func() {
		_ = exec.Command("podman", p.with("rm", "--force", "--time", "1", id)...).Run()
	})
	return id
}

// freeAddress is one of loopback that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
