package giteatest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// worldFile keeps a seeded folder's World beside its data.
const worldFile = "world.json"

// restore starts a server on a fresh copy of the seeded folder in the cache,
// making that first if there is none.
func restore(ctx context.Context, p program) (*Server, error) {
	key, err := seedKey(p)
	if err != nil {
		return nil, err
	}
	snapshot := filepath.Join(p.cache, "world-"+key)
	if !exists(snapshot) {
		if err := makeSnapshot(ctx, p, snapshot, key); err != nil {
			return nil, err
		}
	}
	touch(snapshot)
	folder, err := newFolder()
	if err != nil {
		return nil, err
	}
	s, err := startCopy(ctx, p, snapshot, folder)
	if err != nil {
		_ = os.RemoveAll(folder)
	}
	return s, err
}

func startCopy(ctx context.Context, p program, snapshot, folder string) (*Server, error) {
	if err := os.CopyFS(folder, os.DirFS(snapshot)); err != nil {
		return nil, fmt.Errorf("copy the seeded folder: %w", err)
	}
	content, err := os.ReadFile(filepath.Join(folder, worldFile))
	if err != nil {
		return nil, err
	}
	w := &World{}
	if err := json.Unmarshal(content, w); err != nil {
		return nil, err
	}
	if err := rewriteHooks(folder, hookHome, folder); err != nil {
		return nil, err
	}
	s, err := launch(ctx, p, folder)
	if err != nil {
		return nil, err
	}
	s.World = w
	return s, nil
}

// makeSnapshot seeds an empty server and keeps what it leaves behind. Processes
// that want the same one wait for whoever makes it.
func makeSnapshot(ctx context.Context, p program, snapshot, key string) error {
	unlock, err := lock(ctx, filepath.Join(p.cache, "world.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if exists(snapshot) { // somebody else was faster
		return nil
	}
	folder, err := newFolder()
	if err != nil {
		return err
	}
	s, err := launch(ctx, p, folder)
	if err != nil {
		_ = os.RemoveAll(folder)
		return err
	}
	defer s.Close()
	w, err := seed(ctx, s, p)
	if err != nil {
		return fmt.Errorf("%w\nthe end of Gitea's log:\n%s", err, s.logTail(4<<10))
	}
	s.end()
	content, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, worldFile), content, 0o600); err != nil {
		return err
	}
	for _, own := range []string{"app.ini", "gitea.log", "in-use"} {
		_ = os.Remove(filepath.Join(folder, own))
	}
	if err := rewriteHooks(folder, folder, hookHome); err != nil {
		return err
	}
	partial := snapshot + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := os.CopyFS(partial, os.DirFS(folder)); err != nil {
		return fmt.Errorf("keep the seeded folder: %w", err)
	}
	if err := os.Rename(partial, snapshot); err != nil {
		return err
	}
	prune(p.cache, "world-", key)
	return nil
}

// hookHome stands in a snapshot's git hooks for the folder of the server.
const hookHome = "/GITEA-FOLDER"

// rewriteHooks replaces the folder that Gitea's hooks name: they call Gitea
// with the absolute path of its configuration.
func rewriteHooks(folder, from, to string) error {
	hooks, err := filepath.Glob(filepath.Join(folder, "repositories", "*", "*", "hooks", "*.d", "gitea"))
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		content, err := os.ReadFile(hook)
		if err != nil {
			return err
		}
		changed := strings.ReplaceAll(string(content), filepath.ToSlash(from), filepath.ToSlash(to))
		if err := os.WriteFile(hook, []byte(changed), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// seedKey names a snapshot: another Gitea or another seed has another key.
func seedKey(p program) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, p.key, p.static, p.bin) // the paths stand in configuration and hooks
	err := fs.WalkDir(seedSource, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := seedSource.ReadFile(path)
		fmt.Fprintln(h, path, len(content))
		h.Write(content)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:16], err
}
