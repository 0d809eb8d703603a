package stdio

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// kept keeps the original file from being collected and its handle from being
// closed and given to another file: C code may have remembered the handle.
var kept []*os.File

func claimStdout() (*os.File, error) {
	self := windows.CurrentProcess()
	var private windows.Handle
	err := windows.DuplicateHandle(self, windows.Handle(os.Stdout.Fd()), self, &private, 0, false, windows.DUPLICATE_SAME_ACCESS)
	if err != nil {
		return nil, fmt.Errorf("duplicating standard output: %w", err)
	}
	if err := windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, windows.Handle(os.Stderr.Fd())); err != nil {
		_ = windows.CloseHandle(private)
		return nil, fmt.Errorf("pointing standard output at standard error: %w", err)
	}
	kept = append(kept, os.Stdout)
	os.Stdout = os.Stderr
	return os.NewFile(uintptr(private), "stdout"), nil
}
