//go:build unix

package operatorfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK // a pipe would block
	mostLinks = 40
)

// follow walks to a file, link by link, and judges each folder that it looks
// something up in. It returns the file's name without links.
func follow(name string) (final string, info fs.FileInfo, warnings []string, err error) {
	return followBy(operators(), name)
}

func followBy(who owners, name string) (final string, info fs.FileInfo, warnings []string, err error) {
	if !filepath.IsAbs(name) {
		here, err := os.Getwd()
		if err != nil {
			return "", nil, nil, err
		}
		name = here + "/" + name
	}
	judged := make(map[string]bool)
	links, at, left := 0, "/", strings.Split(name, "/")
	for len(left) > 0 {
		next := left[0]
		left = left[1:]
		switch next {
		case "", ".":
			continue
		case "..":
			at, info = filepath.Dir(at), nil
			continue
		}
		entry, err := os.Lstat(filepath.Join(at, next))
		if err != nil {
			return "", nil, nil, err
		}
		doubts, err := who.judgeFolder(at, entry)
		if err != nil {
			return "", entry, nil, err
		}
		if !judged[at] {
			judged[at] = true
			warnings = append(warnings, doubts...)
		}
		if entry.Mode()&fs.ModeSymlink == 0 {
			at, info = filepath.Join(at, next), entry
			continue
		}
		if links++; links > mostLinks {
			return "", nil, nil, errors.New("is a link to a link, and so on without an end")
		}
		to, err := os.Readlink(filepath.Join(at, next))
		if err != nil {
			return "", nil, nil, err
		}
		if filepath.IsAbs(to) {
			at, info = "/", nil
		}
		left = append(strings.Split(to, "/"), left...)
	}
	if info == nil {
		return "", nil, nil, errNoFile
	}
	return at, info, warnings, nil
}
