// Package operatorfile reads the files that operators write: the policy, the
// token, values to redact, rules, certificate authorities.
//
// Such a file protects, so it never fails open. [Read] follows links and takes
// regular files of a bounded size alone, and judges each folder on the way: who
// else can write there can replace the file. [Decode] takes UTF-8 alone, since
// a value in another encoding is found nowhere. What a file means, and that it
// means anything, is for its reader to say.
//
// Permissions are judged on Unix only. Windows keeps them in another way, and
// nothing is said about them there. [ReadManaged] judges them on both: it takes files
// that only the machine's administrator can change.
package operatorfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// File is a file as it was read.
type File struct {
	Raw      []byte
	Info     fs.FileInfo // taken before the bytes were read
	Warnings []string    // of permissions that are wider than they need be
}

// Read reads a file of at most most bytes. Its errors, but for those of the
// operating system, say what to do; they don't name the file, unless they are
// about a folder. With one, Info is set if the file was found.
//
// A file that is replaced at this moment is read as it is then.
func Read(name string, most int64) (File, error) {
	return readAs(name, most, judge{follow, judgeFile})
}

// ReadManaged reads a file that nobody but the machine's administrator can change, as
// Read does. That the user who runs this owns it, or that a group may write to it or to
// a folder on the way, is an error, but for what lies on a read-only file system. On
// Unix the administrator is root. What Linux' lists of access give to others shows in the
// mode as the group's; other systems' lists are not looked at. On Windows it is SYSTEM, the Administrators and TrustedInstaller, by the
// owners and lists of access.
func ReadManaged(name string, most int64) (File, error) {
	return readAs(name, most, judge{followManaged, judgeManaged})
}

// judge is how a file's way is walked, and how the file at its end is judged.
type judge struct {
	follow func(name string) (final string, info fs.FileInfo, warnings []string, err error)
	file   func(final string, info fs.FileInfo) (warnings []string, err error)
}

func readAs(name string, most int64, by judge) (f File, err error) {
	for range mostExchanges {
		if f, err = read(name, most, by); !errors.Is(err, errExchanged) {
			break
		}
	}
	return f, err
}

// mostExchanges is how often a file may be replaced while it is read.
const mostExchanges = 10

func read(name string, most int64, by judge) (File, error) {
	var f File
	final, info, warnings, err := by.follow(name)
	f.Info = info
	if err != nil {
		return f, reason(err)
	}
	if !info.Mode().IsRegular() {
		return f, errNoFile
	}
	opened, err := os.OpenFile(final, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return f, reason(err)
	}
	defer opened.Close()
	if f.Info, err = opened.Stat(); err != nil {
		return f, reason(err)
	}
	switch {
	case !f.Info.Mode().IsRegular():
		return f, errNoFile
	case !os.SameFile(f.Info, info):
		return f, errExchanged
	}
	more, err := by.file(final, f.Info)
	if err != nil {
		return f, err
	}
	f.Warnings = append(warnings, more...)
	f.Raw, err = io.ReadAll(io.LimitReader(opened, most+1))
	if err != nil {
		return f, reason(err)
	}
	if int64(len(f.Raw)) > most {
		return f, fmt.Errorf("is larger than %d bytes", most)
	}
	return f, nil
}

var errExchanged = errors.New("was exchanged while it was read")

var errNoFolder = errors.New("what should be its folder is none")

var errNoFile = errors.New("is not a regular file; folders, pipes and devices are not read")

// reason drops the operation and the path from a file system's error.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
