package stdio

import (
	"errors"
	"os"
	"sync/atomic"
)

var stdoutClaimed atomic.Bool

// ClaimStdout takes standard output away from everybody but the caller. The file it
// returns writes to where standard output went. Whatever else the process prints there
// from now on goes to standard error: by fmt.Println, by descriptor or from C. Where
// there is SIGPIPE it is ignored, so that a client that has closed its end is a failed
// write and not the process's death. It works once per process; call it before
// anything is printed, and keep the file.
func ClaimStdout() (*os.File, error) {
	if !stdoutClaimed.CompareAndSwap(false, true) {
		return nil, errors.New("standard output is already claimed")
	}
	return claimStdout()
}
