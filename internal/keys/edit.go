package keys

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"aegis/internal/operatorfile"

	"github.com/gofrs/flock"
)

// Read reads a file of keys. Warnings are of permissions that are wider than they need
// be. Without a file there are no keys, and an error that is [fs.ErrNotExist].
func Read(file string) (all []*Key, warnings []string, err error) {
	read, err := load(file)
	if err == nil {
		all, err = Parse(file, read.Raw)
	}
	return all, read.Warnings, err
}

// load reads a file's bytes. It fails if the file is not there or could not be trusted.
func load(file string) (operatorfile.File, error) {
	read, err := operatorfile.Read(file, maxFile)
	if err != nil {
		return read, fmt.Errorf("%s: %w", file, err)
	}
	if operatorfile.OthersCanRead(read.Info) {
		read.Warnings = append(read.Warnings, fmt.Sprintf("others can read it (mode %04o): it holds no keys, but who has one and what for; chmod 600 %s", read.Info.Mode().Perm(), file))
	}
	return read, nil
}

// lockedFor is how long a change waits for another one to end.
const lockedFor = 10 * time.Second

// Edit changes a file of keys, and makes it if there is none. Edits wait for each
// other, across processes; whoever reads meanwhile finds the file as it was before or
// as it is after, wherever this process is killed. If change fails nothing is changed.
// A link is followed, and what it leads to is replaced.
func Edit(ctx context.Context, file string, change func(all []*Key) ([]*Key, error)) (warnings []string, err error) {
	final, err := filepath.EvalSymlinks(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(file); err == nil {
			return nil, fmt.Errorf("%s is a link that leads nowhere", file)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		if final, err = filepath.EvalSymlinks(filepath.Dir(file)); err != nil {
			return nil, err
		}
		final = filepath.Join(final, filepath.Base(file))
	case err != nil:
		return nil, err
	}
	unlock, err := lock(ctx, final+".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	all, warnings, err := Read(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return warnings, err
	}
	if all, err = change(all); err != nil {
		return warnings, err
	}
	raw := Format(all)
	if _, err := Parse(file, raw); err != nil { // it could not be read again
		return warnings, err
	}
	return warnings, replace(final, raw)
}

// lock takes the lock of a file that is never removed, so that all lock the same one.
func lock(ctx context.Context, name string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, lockedFor)
	defer cancel()
	l := flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("somebody else changes the keys at this moment, and holds %s", name)
		}
		return nil, err
	}
	return func() { _ = l.Unlock() }, nil
}

// replace puts raw in the place of a file. Under the lock nobody else does, so that
// what an earlier one has left behind can be taken away.
func replace(file string, raw []byte) error {
	next := file + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if was, wrong := os.Stat(file); wrong == nil { // a server may read it by its group
		err = readableAs(f, was)
	}
	if err == nil {
		_, err = f.Write(raw)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = rename(next, file)
	}
	if err != nil {
		_ = os.Remove(next)
		return err
	}
	if folder, err := os.Open(filepath.Dir(file)); err == nil {
		_ = folder.Sync() // where the file system can
		_ = folder.Close()
	}
	return nil
}
