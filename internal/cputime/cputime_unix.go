//go:build unix

// Package cputime says how much processor time this process has used, for measurements
// on a machine that others are busy on: they take time from it on the clock, but not here.
package cputime

import (
	"syscall"
	"time"
)

// Used is the processor time of this process so far, in its own code and in the
// system's. It is 0 if that can't be learned.
func Used() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
