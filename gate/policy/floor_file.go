//go:build !windows

package policy

import "runtime"

// floorFile is another place of the managed floor, for who packages Aegis for a system
// that keeps such files elsewhere. The linker sets it; nothing else can.
var floorFile string

// FloorFile is where the managed floor of this machine is.
func FloorFile() string {
	switch {
	case floorFile != "":
		return floorFile
	case runtime.GOOS == "darwin":
		return "/Library/Application Support/Aegis/policy.yaml"
	}
	return "/etc/aegis/policy.yaml"
}
