//go:build !unix

package keys

import (
	"io/fs"
	"os"
	"time"
)

const noFollow = 0

// readableAs has nothing to do: a file's folder says who may read it.
func readableAs(*os.File, fs.FileInfo) error { return nil }

// rename waits for a moment in which nobody reads what is replaced.
func rename(from, to string) (err error) {
	for range 100 {
		if err = os.Rename(from, to); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}
