//go:build race

package stock

// Race says that the race detector is on. It makes everything take five to ten times as
// long: tests that measure, and those that run gitleaks itself, try less under it.
const Race = true
