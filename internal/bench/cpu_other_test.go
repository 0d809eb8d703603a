//go:build !unix

package bench

import (
	"testing"
	"time"
)

var begun = time.Now()

// busy is the time on the clock, where processor time takes more to learn.
func busy(*testing.B) time.Duration { return time.Since(begun) }
