//go:build unix

package keys

import (
	"os"
	"syscall"
)

// noFollow refuses a link in the place of a lock.
const noFollow = syscall.O_NOFOLLOW

func rename(from, to string) error { return os.Rename(from, to) }
