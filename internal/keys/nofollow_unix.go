//go:build unix

package keys

import "syscall"

// noFollow refuses a link in the place of a lock.
const noFollow = syscall.O_NOFOLLOW
