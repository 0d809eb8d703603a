//go:build unix

package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// private refuses a file that others could change, and a folder in which they could put
// another one in its place: what is missing from the file is not remembered.
func private(name string) error {
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
