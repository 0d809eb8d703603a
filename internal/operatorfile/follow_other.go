//go:build !unix

package operatorfile

import (
	"io/fs"
	"os"
	"path/filepath"
)

const openFlags = 0

// follow resolves links. Permissions are others here and are not judged.
func follow(name string) (final string, info fs.FileInfo, warnings []string, err error) {
	if final, err = filepath.EvalSymlinks(name); err != nil {
		return "", nil, nil, err
	}
	info, err = os.Stat(final)
	return final, info, nil, err
}

func judgeFile(string, fs.FileInfo) ([]string, error) { return nil, nil }

// SomebodyCanRead can't tell here.
func SomebodyCanRead(fs.FileInfo) bool { return false }

// OthersCanRead can't tell here.
func OthersCanRead(fs.FileInfo) bool { return false }
