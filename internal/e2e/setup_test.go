package e2e

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"

	"github.com/gofrs/flock"
)

const (
	buildTimeout = 10 * time.Minute // with nothing in Go's build cache
	patience     = time.Minute      // for anything that should take a moment, on a busy machine
)

// program is the compiled aegis, made on first use.
var program struct {
	once   sync.Once
	folder string
	path   string
	err    error
}

// holderVariable makes the test binary a process that holds the lock it names
// until its standard input ends.
const holderVariable = "E2E_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holderVariable); path != "" {
		os.Exit(holdLock(path))
	}
	status := m.Run()
	if program.folder != "" {
		_ = os.RemoveAll(program.folder)
	}
	os.Exit(status)
}

func holdLock(path string) int {
	if err := flock.New(path).Lock(); err != nil {
		return 1
	}
	_, _ = os.Stdout.WriteString("held\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

// aegis returns the path of the program. Its managed floor is floor/policy.yaml in the folder
// that it is started in.
func aegis(tb testing.TB) string {
	tb.Helper()
	program.once.Do(func() { program.err = build() })
	if program.err != nil {
		tb.Fatal(program.err)
	}
	return program.path
}

func build() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	if program.folder, err = os.MkdirTemp("", "aegis-e2e-"); err != nil {
		return err
	}
	program.path = filepath.Join(program.folder, "aegis")
	if runtime.GOOS == "windows" {
		program.path += ".exe"
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-ldflags", "-X aegis/gate/policy.floorFile=floor/policy.yaml", "-o", program.path, "aegis").CombinedOutput(); err != nil {
		return errors.Join(err, errors.New(string(out)))
	}
	return nil
}

// newForge is the sample forge behind a proxy that records.
func newForge(tb testing.TB) *giteatest.Proxy {
	tb.Helper()
	forge, err := sampleforge.Start(os.DirFS(filepath.Join("..", "..", "testdata", "demo", "forge")))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = forge.Close() })
	target, err := url.Parse(forge.URL())
	if err != nil {
		tb.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // clients that are killed are no news
	return giteatest.NewProxyTo(tb, proxy)
}
