package clienttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// Bounds on what the setup runs: compiling aegis with nothing in Go's build
// cache, and npm over a slow line.
const (
	buildTimeout   = 10 * time.Minute
	installTimeout = 5 * time.Minute
	runTimeout     = 2 * time.Minute // one client's whole session
)

// oldestNode is the oldest major version that all pinned clients run on.
const oldestNode = 20

// program is what the tests run, made once for all of them.
type program struct {
	aegis   string // the executable
	clients string // testdata/clients, with node_modules
	node    string
}

var shared struct {
	once   sync.Once
	folder string
	program
	err error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if shared.folder != "" {
		_ = os.RemoveAll(shared.folder)
	}
	os.Exit(status)
}

// setup builds aegis and installs the clients, both once.
func setup(t *testing.T) program {
	t.Helper()
	if testing.Short() {
		t.Skip("sessions of real clients take seconds each, and npm on first use")
	}
	shared.once.Do(func() { shared.err = prepare(t.Context()) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.program
}

func prepare(ctx context.Context) error {
	node, err := findNode(ctx)
	if err != nil {
		return err
	}
	out, err := run(ctx, buildTimeout, "", "go", "env", "GOMOD")
	if err != nil {
		return err
	}
	root := filepath.Dir(out)
	clients := filepath.Join(root, "testdata", "clients")
	if err := install(ctx, clients); err != nil {
		return fmt.Errorf("install the clients: %w", err)
	}
	if shared.folder, err = os.MkdirTemp("", "aegis-clients-"); err != nil {
		return err
	}
	aegis := filepath.Join(shared.folder, "aegis")
	if runtime.GOOS == "windows" {
		aegis += ".exe"
	}
	if _, err := run(ctx, buildTimeout, root, "go", "build", "-o", aegis, "."); err != nil {
		return err
	}
	shared.program = program{aegis: aegis, clients: clients, node: node}
	return nil
}

// findNode finds a Node that the pinned clients run on.
func findNode(ctx context.Context) (string, error) {
	const wanted = "these tests need Node %d or later with npm on the PATH, or -short to be skipped: %w"
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf(wanted, oldestNode, err)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", fmt.Errorf(wanted, oldestNode, err)
	}
	major, err := majorOf(ctx, node)
	if err == nil && major < oldestNode {
		err = fmt.Errorf("this one is %d", major)
	}
	if err != nil {
		return "", fmt.Errorf(wanted, oldestNode, err)
	}
	return node, nil
}

// majorOf is a Node's major version.
func majorOf(ctx context.Context, node string) (int, error) {
	version, err := run(ctx, runTimeout, "", node, "--version")
	if err != nil {
		return 0, err
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	return strconv.Atoi(major)
}

// install makes a folder's node_modules what its lock file says, by "npm ci" unless it is to
// be done in another way. A mark in it that names the lock file's hash, written last, says
// that it is.
func install(ctx context.Context, folder string, otherwise ...string) error {
	how := []string{"ci"}
	if otherwise != nil {
		how = otherwise
	}
	hash := sha256.New()
	for _, name := range []string{".npmrc", "package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		fmt.Fprintln(hash, name, len(content))
		hash.Write(content)
	}
	mark := filepath.Join(folder, "node_modules", ".installed")
	want := hex.EncodeToString(hash.Sum(nil))

	ctx, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	cache = filepath.Join(cache, "aegis")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(cache, filepath.Base(folder)+".lock"))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return fmt.Errorf("wait for another npm: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	if is, err := os.ReadFile(mark); err == nil && string(is) == want {
		return nil
	}
	if _, err := run(ctx, installTimeout, folder, "npm", how...); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte(want), 0o600)
}

// run returns a program's trimmed standard output.
func run(ctx context.Context, bound time.Duration, folder, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = folder
	command.WaitDelay = 5 * time.Second
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
