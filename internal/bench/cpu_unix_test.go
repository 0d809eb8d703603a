//go:build unix

package bench

import (
	"syscall"
	"testing"
	"time"
)

// busy is the processor time that this process has used: a busy machine takes
// time from it on the clock, but not here.
func busy(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
