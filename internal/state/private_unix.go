//go:build unix

package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// private refuses a file that others could change, and a folder in which they could put
// another one in its place: what is missing from the file is not remembered. Its errors
// say what to do.
func private(name string) error {
	folder := filepath.Dir(name)
	at, err := os.Stat(folder)
	if err != nil {
		return err
	}
	if err := privateFolder(folder, at); err != nil {
		return err
	}
	switch at, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !at.Mode().IsRegular():
		return errors.New("the state file is no regular file")
	case at.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others may write to the state file (mode %04o); chmod 600 it", at.Mode().Perm())
	}
	return nil
}

// privateFolder refuses a folder that others may write to. The sticky bit does not help:
// whoever comes first makes the file, and it is theirs.
func privateFolder(folder string, at fs.FileInfo) error {
	user := os.Geteuid()
	stat, ok := at.Sys().(*syscall.Stat_t)
	switch mode := at.Mode().Perm(); {
	case mode&0o002 != 0 && at.Mode()&fs.ModeSticky != 0:
		return fmt.Errorf("everybody may write to the state file's folder %s (mode 1%03o, as a tmpfs has it that is mounted without one): "+
			"mount it with mode=0700,uid=%d, or give the file a folder of its own, such as %s",
			folder, mode, user, filepath.Join(folder, "aegis", "state.db"))
	case mode&0o022 != 0:
		return fmt.Errorf("others may write to the state file's folder %s (mode %04o): chmod go-w it, or give the file a folder of its own, such as %s",
			folder, mode, filepath.Join(folder, "aegis", "state.db"))
	case ok && user != 0 && stat.Uid != 0 && int(stat.Uid) != user:
		return fmt.Errorf("the state file's folder %s belongs to another user (uid %d): chown it to uid %d", folder, stat.Uid, user)
	}
	return nil
}
