//go:build unix

package cli

import "golang.org/x/sys/unix"

// freeSpace is how many bytes this user may still write in a folder.
func freeSpace(folder string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		return 0, err
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize), nil
}
