//go:build unix

package cli

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// giveTo gives a file to whom another belongs, nil for nobody else. That this can't be done
// is an error: a client could not read its own file.
func giveTo(f *os.File, like fs.FileInfo) error {
	if like == nil {
		return nil
	}
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	is, ok := mine.Sys().(*syscall.Stat_t)
	want, known := like.Sys().(*syscall.Stat_t)
	if !ok || !known || is.Uid == want.Uid && is.Gid == want.Gid {
		return nil
	}
	if err := f.Chown(int(want.Uid), int(want.Gid)); err != nil {
		return fmt.Errorf("%s belongs to another user or group, and can't be given to them: %w", like.Name(), err)
	}
	return nil
}
