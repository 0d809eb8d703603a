//go:build !unix

package state

// private has nothing to judge by here: who may write to a file is not in its mode.
func private(string) error { return nil }
