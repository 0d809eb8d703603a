//go:build linux || darwin

package operatorfile

import "syscall"

// readOnly reports whether a file or folder is on a file system that nobody can write
// here, as what containers mount often is, whatever its mode says, and whether or not this
// process may write to it.
func readOnly(name string) bool {
	const mountedReadOnly = 1 // ST_RDONLY, MNT_RDONLY
	var at syscall.Statfs_t
	return syscall.Statfs(name, &at) == nil && at.Flags&mountedReadOnly != 0
}
