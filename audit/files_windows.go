package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// openNoFollow opens one of the files beside the log. A symbolic link in its
// place is refused.
func openNoFollow(path string, flag int) (*os.File, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return openShared(path, flag)
}

// openShared opens a file so that it can be renamed while it is open, as rotation does with
// the log that other sessions have open. On Windows that has to be allowed by each who
// opens it, and [os.Root] does what [os.OpenFile] does not.
func openShared(path string, flag int) (*os.File, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(filepath.Base(path), flag, 0o600)
}

const noFollow = 0

// On Windows files inherit their folder's access list, in a user's profile the
// user's own; the mode bits say nothing.

func judgeFolder(string, fs.FileInfo) error { return nil }

func closeToOthers(string, fs.FileInfo) error { return nil }

func syncFolder(string) {}

// isFull reports whether a write failed for want of room.
func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
