//go:build !linux

package audit

import "os"

// replace renames temp to path.
func replace(temp, path string) error { return os.Rename(temp, path) }
