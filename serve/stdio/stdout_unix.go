//go:build unix

package stdio

import (
	"errors"
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// claimStdout leaves os.Stdout as it is: it stands for descriptor 1, which is
// standard error from here on. Replacing the variable would let the garbage
// collector close descriptor 1, and the next file opened would get it.
func claimStdout() (*os.File, error) {
	signal.Ignore(unix.SIGPIPE)
	// From 3 on, and not inherited by child processes.
	private, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("duplicating standard output: %w", err)
	}
	for {
		err = unix.Dup2(2, 1)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		_ = unix.Close(private)
		return nil, fmt.Errorf("pointing standard output at standard error: %w", err)
	}
	return os.NewFile(uintptr(private), "stdout"), nil
}
