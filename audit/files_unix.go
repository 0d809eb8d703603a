//go:build unix

package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// openNoFollow opens one of the files beside the log, 0600 if it is created. A
// symbolic link in its place is refused, and so is a pipe.
func openNoFollow(path string, flag int) (*os.File, error) { return openShared(path, flag|noFollow) }

// noFollow is how a file is opened that may have become a link, or a pipe, which would wait
// for somebody at its other end.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// openShared opens a regular file so that it can be renamed while it is open, as any can here.
func openShared(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// judgeFolder refuses a folder in which another user could replace the log.
func judgeFolder(folder string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky != 0 {
		return fmt.Errorf("others may write to its folder %s (mode 1%03o): put the log into a folder of its own, or mount a tmpfs there with mode=0700,uid=%d", folder, info.Mode().Perm(), os.Geteuid())
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("others may write to its folder %s: put the log into a folder of its own, or run `chmod go-w` on this one", folder)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if user := os.Geteuid(); ok && user != 0 && int(stat.Uid) != user && stat.Uid != 0 {
		return fmt.Errorf("its folder %s belongs to another user: put the log into a folder of your own", folder)
	}
	return nil
}

// closeToOthers takes from group and others what they may do with a file.
func closeToOthers(path string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("others may read or write %s, and that can't be changed: make it 0600 and this user's own: %w", path, err)
	}
	return nil
}

// syncFolder makes the names of new files survive a power loss, where the file
// system can.
func syncFolder(folder string) {
	if f, err := os.Open(folder); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// isFull reports whether a write failed for want of room.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
