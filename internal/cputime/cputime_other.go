//go:build !unix

// Package cputime says how much processor time this process has used, for measurements
// on a machine that others are busy on.
package cputime

import "time"

var begun = time.Now()

// Used is the time on the clock, where processor time takes more to learn.
func Used() time.Duration { return time.Since(begun) }
