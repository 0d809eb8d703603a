//go:build unix

package keys

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// noFollow refuses a link in the place of a lock.
const noFollow = syscall.O_NOFOLLOW

// readableAs lets those read a new file who can read the one that it replaces.
func readableAs(f *os.File, was fs.FileInfo) error {
	before, ok := was.Sys().(*syscall.Stat_t)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if now, known := info.Sys().(*syscall.Stat_t); ok && known && (now.Uid != before.Uid || now.Gid != before.Gid) {
		if err := f.Chown(int(before.Uid), int(before.Gid)); err != nil {
			return fmt.Errorf("whoever reads it now could not any more: %w", err)
		}
	}
	return f.Chmod(0o600 | was.Mode().Perm()&0o044)
}

func rename(from, to string) error { return os.Rename(from, to) }
