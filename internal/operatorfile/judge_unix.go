//go:build unix

package operatorfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// judgeFolder refuses a folder in which somebody else could put another entry
// in the place of this one. In a sticky folder only an entry's owner can.
func judgeFolder(folder string, entry fs.FileInfo) ([]string, error) {
	info, err := os.Lstat(folder)
	if err != nil {
		return nil, err
	}
	if !trusted(info) {
		return nil, foreign("the folder "+folder, folder, info)
	}
	if info.Mode().Perm()&0o022 == 0 || info.Mode()&fs.ModeSticky != 0 && trusted(entry) || readOnly(folder) {
		return nil, nil
	}
	return writable("the folder "+folder, folder, "replace what is in it", info)
}

// judgeFile refuses a file that somebody else could write.
func judgeFile(file string, info fs.FileInfo) ([]string, error) {
	switch {
	case !trusted(info):
		return nil, foreign("the file", file, info)
	case info.Mode().Perm()&0o022 == 0:
		return nil, nil
	}
	return writable("the file", file, "change it", info)
}

// writable tells of permissions to write: an error if everybody has them, a warning
// if a group does.
func writable(what, name, can string, info fs.FileInfo) ([]string, error) {
	mode := info.Mode().Perm()
	if mode&0o002 != 0 {
		return nil, fmt.Errorf("%s is world-writable (mode %04o): anybody can %s; chmod o-w %s", what, mode, can, name)
	}
	return []string{fmt.Sprintf("%s is group-writable (mode %04o): chmod g-w %s", what, mode, name)}, nil
}

// trusted reports whether something belongs to root or to the user who runs.
func trusted(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || int(stat.Uid) == os.Geteuid())
}

func foreign(what, name string, info fs.FileInfo) error {
	owner := "another user"
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		owner += " (uid " + strconv.FormatUint(uint64(stat.Uid), 10) + ")"
	}
	return fmt.Errorf("%s belongs to %s, who can change it at any time; chown %s to root or to the user who runs this", what, owner, name)
}

// readOnly reports whether a folder is on a file system that nobody can write
// here, as what containers mount often is, whatever its mode says.
func readOnly(folder string) bool {
	const write = 2
	return errors.Is(syscall.Access(folder, write), syscall.EROFS)
}

// SomebodyCanRead reports whether somebody but its owner may read a file.
func SomebodyCanRead(info fs.FileInfo) bool { return info.Mode().Perm()&0o044 != 0 }

// OthersCanRead reports whether everybody may read a file.
func OthersCanRead(info fs.FileInfo) bool { return info.Mode().Perm()&0o004 != 0 }
