//go:build race

// Package race tells tests that the race detector is on.
package race

// On says that the race detector is on. It makes everything take five to ten times as
// long: tests that measure, and those that try very much, try less under it.
const On = true
