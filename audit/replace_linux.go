package audit

import (
	"os"

	"golang.org/x/sys/unix"
)

// replace renames temp to path. If both are there they change names, so that
// the next head is written over an old one: renaming a file just created over
// another makes ext4 write it out at once, which costs as much as a sync.
func replace(temp, path string) error {
	if unix.Renameat2(unix.AT_FDCWD, temp, unix.AT_FDCWD, path, unix.RENAME_EXCHANGE) == nil {
		return nil
	}
	return os.Rename(temp, path) // the first time, and where the file system can't exchange
}
