package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// errLocked says that the lock was not to be had in time.
var errLocked = errors.New("another process holds the lock")

// Between two attempts at the lock: a few appends' time, then longer.
const (
	shortestPause = 50 * time.Microsecond
	longestPause  = 2 * time.Millisecond
)

// lock takes the lock at path, exclusively, and creates its file if there is
// none. It gives up with errLocked when ctx ends. The lock is released by
// Unlock, and by the end of the process whatever ends it.
func lock(ctx context.Context, path string) (*flock.Flock, error) {
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(0o600))
	return l, acquire(ctx, l, l.TryLock)
}

// lockToRead takes the lock shared, and creates nothing.
func lockToRead(ctx context.Context, path string) (*flock.Flock, error) {
	l := flock.New(path, flock.SetFlag(os.O_RDONLY|noFollow))
	return l, acquire(ctx, l, l.TryRLock)
}

func acquire(ctx context.Context, l *flock.Flock, try func() (bool, error)) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		got, err := try()
		if err != nil {
			return err
		}
		if got && stillThere(l) {
			return nil
		}
		if got { // somebody removed the file: others lock another one by now
			_ = l.Unlock()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errLocked, context.Cause(ctx))
		case <-time.After(pause + rand.N(pause)):
		}
	}
}

// stillThere reports whether the file that is locked is the one at the path.
func stillThere(l *flock.Flock) bool {
	locked, err := l.Stat()
	if err != nil {
		return false
	}
	var present fs.FileInfo
	present, err = os.Lstat(l.Path())
	return err == nil && os.SameFile(locked, present)
}
