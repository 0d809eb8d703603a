//go:build unix

package operatorfile

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// owners are the ids of the users to whom files may belong. What only administrators may
// change no group may write to either.
type owners struct {
	ids     []int
	managed bool
}

// operators are root and the user who runs this.
func operators() owners { return owners{ids: []int{0, os.Geteuid()}} }

// administrators are root alone.
func administrators() owners { return owners{ids: []int{0}, managed: true} }

// judgeFolder refuses a folder in which somebody else could put another entry
// in the place of this one. In a sticky folder only an entry's owner can.
func (who owners) judgeFolder(folder string, entry fs.FileInfo) ([]string, error) {
	info, err := os.Lstat(folder)
	if err != nil {
		return nil, err
	}
	switch {
	case who.managed && readOnly(folder):
		return nil, nil // nobody can, whoever it belongs to
	case !who.trust(info):
		return nil, who.foreign("the folder "+folder, folder, info)
	}
	if info.Mode().Perm()&0o022 == 0 || info.Mode()&fs.ModeSticky != 0 && who.trust(entry) || readOnly(folder) {
		return nil, nil
	}
	return who.writable("the folder "+folder, folder, "replace what is in it", info)
}

// judgeFile refuses a file that somebody else could write.
func judgeFile(file string, info fs.FileInfo) ([]string, error) {
	return operators().judgeFile(file, info)
}

func followManaged(name string) (final string, info fs.FileInfo, warnings []string, err error) {
	return followBy(administrators(), name)
}

func judgeManaged(file string, info fs.FileInfo) ([]string, error) {
	return administrators().judgeFile(file, info)
}

// JudgeManagedFolder refuses a folder of which somebody else than the machine's
// administrator could change what is in it, or a folder on the way.
func JudgeManagedFolder(folder string) error { return administrators().judgeWhole(folder) }

// JudgeFolder refuses a folder of which somebody else than root and the user who runs this
// could change what is in it, or a folder on the way. That a group may is no error.
func JudgeFolder(folder string) error { return operators().judgeWhole(folder) }

func (who owners) judgeWhole(folder string) error {
	final, info, _, err := followBy(who, folder)
	if err != nil {
		return reason(err)
	}
	if !info.IsDir() {
		return errNoFolder
	}
	_, err = who.judgeFolder(final, info)
	return err
}

func (who owners) judgeFile(file string, info fs.FileInfo) ([]string, error) {
	switch {
	case who.managed && readOnly(file):
		return nil, nil
	case !who.trust(info):
		return nil, who.foreign("the file", file, info)
	case info.Mode().Perm()&0o022 == 0:
		return nil, nil
	}
	return who.writable("the file", file, "change it", info)
}

// writable tells of permissions to write: an error if everybody has them, a warning
// if a group does, unless it is an administrator's file.
func (who owners) writable(what, name, can string, info fs.FileInfo) ([]string, error) {
	mode := info.Mode().Perm()
	if mode&0o002 != 0 {
		return nil, fmt.Errorf("%s is world-writable (mode %04o): anybody can %s; chmod o-w %s", what, mode, can, name)
	}
	if who.managed {
		return nil, fmt.Errorf("%s is group-writable (mode %04o), and only an administrator may %s; chmod g-w %s", what, mode, can, name)
	}
	return []string{fmt.Sprintf("%s is group-writable (mode %04o): chmod g-w %s", what, mode, name)}, nil
}

// trust reports whether something belongs to one of them.
func (who owners) trust(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && slices.Contains(who.ids, int(stat.Uid))
}

func (who owners) foreign(what, name string, info fs.FileInfo) error {
	owner := "another user"
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		owner += " (uid " + strconv.FormatUint(uint64(stat.Uid), 10) + ")"
	}
	if who.managed {
		return fmt.Errorf("%s belongs to %s, and only an administrator may change it; chown %s to root, or mount it read-only where this runs", what, owner, name)
	}
	return fmt.Errorf("%s belongs to %s, who can change it at any time; chown %s to root or to the user who runs this", what, owner, name)
}

// SomebodyCanRead reports whether somebody but its owner may read a file.
func SomebodyCanRead(info fs.FileInfo) bool { return info.Mode().Perm()&0o044 != 0 }

// OthersCanRead reports whether everybody may read a file.
func OthersCanRead(info fs.FileInfo) bool { return info.Mode().Perm()&0o004 != 0 }
