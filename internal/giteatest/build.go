package giteatest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// The tags Gitea needs for SQLite, which is what makes it want a C compiler.
const buildTags = "sqlite sqlite_unlock_notify"

// buildTimeout bounds a start that has to compile Gitea first: about five
// minutes on two cores with nothing in Go's build cache.
const buildTimeout = 20 * time.Minute

// program is a Gitea ready to run.
type program struct {
	bin    string // the executable, in the cache
	static string // Gitea's module folder: templates, options
	key    string // names this build: differs whenever bin may differ
	cache  string // the folder for all that is kept between runs
}

// build returns the pinned Gitea, compiling it if the cache has none of this
// key. Processes that want the same one wait for whoever compiles it.
func build(ctx context.Context) (program, error) {
	module, goVersion, err := pinnedModule(ctx)
	if err != nil {
		return program{}, err
	}
	p := program{}
	if p.key, err = buildKey(module, goVersion, "go.mod", "go.sum", "server/main.go"); err != nil {
		return program{}, err
	}
	if p.cache, err = cacheFolder(); err != nil {
		return program{}, err
	}
	if p.static, err = goTool(ctx, module, "list", "-m", "-f", "{{.Dir}}", "code.gitea.io/gitea"); err != nil {
		return program{}, err
	}
	if p.static == "" { // go list answers nothing for a module not yet downloaded
		if _, err := goTool(ctx, module, "mod", "download", "code.gitea.io/gitea"); err != nil {
			return program{}, err
		}
		if p.static, err = goTool(ctx, module, "list", "-m", "-f", "{{.Dir}}", "code.gitea.io/gitea"); err != nil {
			return program{}, err
		}
	}
	p.bin, err = compile(ctx, module, "./server", p.cache, "gitea-", p.key)
	return p, err
}

// compile returns the program that target is compiled to, with this prefix and key in
// the cache. It builds to a temporary name under the lock, then renames: a file of
// the final name is always a whole program.
func compile(ctx context.Context, module, target, cache, prefix, key string) (bin string, err error) {
	bin = filepath.Join(cache, prefix+key)
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if exists(bin) {
		touch(bin)
		return bin, nil
	}
	unlock, err := lock(ctx, filepath.Join(cache, "gitea-build.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(bin) { // somebody else was faster
		return bin, nil
	}
	fmt.Fprintln(os.Stderr, "giteatest: building", bin, "- this takes minutes, once")
	partial := bin + ".partial"
	if _, err := goTool(ctx, module, "build", "-tags", buildTags, "-o", partial, target); err != nil {
		return "", fmt.Errorf("build %s (it needs a C compiler for SQLite): %w", target, err)
	}
	if err := os.Rename(partial, bin); err != nil {
		return "", err
	}
	prune(cache, prefix, key)
	return bin, nil
}

// pinnedModule returns the folder of the module that pins Gitea, found from
// the module the process was started in, and the version of the toolchain.
func pinnedModule(ctx context.Context) (folder, goVersion string, err error) {
	out, err := goTool(ctx, "", "env", "-json", "GOMOD", "GOVERSION")
	if err != nil {
		return "", "", err
	}
	var env struct{ GOMOD, GOVERSION string }
	if err := json.Unmarshal([]byte(out), &env); err != nil {
		return "", "", err
	}
	folder = filepath.Join(filepath.Dir(env.GOMOD), "testdata", "gitea")
	if !exists(filepath.Join(folder, "go.mod")) {
		return "", "", errors.New("testdata/gitea/go.mod not found: giteatest runs inside this repository only")
	}
	return folder, env.GOVERSION, nil
}

// buildKey names what is built of these files of the module.
func buildKey(module, goVersion string, files ...string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, goVersion, runtime.GOOS, runtime.GOARCH, buildTags)
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, name, len(content))
		h.Write(content)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// goTool runs the go command in folder and returns its trimmed output. What
// the caller's go test put into the environment must not change what is built.
func goTool(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	if folder != "" {
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// cacheFolder is the user's alone: it holds tokens, if only for throw-away
// servers.
func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(base, "aegis")
	return folder, os.MkdirAll(folder, 0o700)
}

// lock takes the file lock at path, waiting while ctx lasts.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	l := flock.New(path)
	if _, err := l.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return nil, fmt.Errorf("wait for another process at %s: %w", path, err)
	}
	return func() { _ = l.Unlock() }, nil
}

// touch marks path as used now.
func touch(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now) // else it is pruned early and made again
}

// prune removes what older builds and seeds left in the cache: entries of the
// prefix that do not carry key and were not used for a week.
func prune(cache, prefix, key string) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.HasPrefix(e.Name(), prefix) || strings.Contains(e.Name(), key) ||
			strings.HasSuffix(e.Name(), ".lock") || time.Since(info.ModTime()) < 7*24*time.Hour {
			continue
		}
		_ = os.RemoveAll(filepath.Join(cache, e.Name()))
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// tail returns at most the last n bytes of the file.
func tail(path string, n int64) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > n {
		_, _ = f.Seek(-n, io.SeekEnd)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
