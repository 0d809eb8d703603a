package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"aegis/internal/clients"
	"aegis/internal/operatorfile"
)

// readClient reads a client's file, "" if there is none.
func readClient(file string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(file); err == nil {
			return "", errors.New("is a link to nothing")
		}
		return "", nil
	case err != nil:
		return "", errors.New("can't be read")
	case !info.Mode().IsRegular() || info.Size() > clients.MaxFile:
		return "", errors.New("is no file that can be read")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", errors.New("can't be read")
	}
	return string(raw), nil
}

// writable refuses a file that its owner has made read-only, or that belongs to somebody
// else. A new name in its place would get around that.
func writable(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return operatorfile.JudgeFolder(firstFolder(file)) // in whose folder it would be
	case err != nil:
		return errors.New("can't be looked at")
	case info.Mode().Perm()&0o200 == 0:
		return errors.New("is read-only")
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return errors.New("can't be written")
	}
	return f.Close()
}

// replaceClient replaces a client's file, if it is what it was, and keeps a copy of it.
func replaceClient(file, was, is string) error {
	now, err := readClient(file)
	if err != nil || now != was {
		return fmt.Errorf("%s was changed meanwhile, and is left alone", file)
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newFile(file, is, 0o600)
	}
	if err != nil {
		return err
	}
	if err := keepCopy(file); err != nil {
		return err
	}
	return replaceLike(file, is, info)
}

// keepCopy keeps a copy of a file beside it, if there is one.
func keepCopy(file string) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	text, err := readClient(file)
	if err != nil {
		return fmt.Errorf("%s %w", file, err)
	}
	return newFile(file+".before-aegis-"+time.Now().UTC().Format("20060102T150405.000"), text, info.Mode().Perm())
}
