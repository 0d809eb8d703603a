package policy

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// floorFile is another place of the managed floor. The linker sets it; nothing else can.
var floorFile string

// FloorFile is where the managed floor of this machine is. The folder is asked of Windows:
// a variable of the environment is the user's to change.
func FloorFile() string {
	if floorFile != "" {
		return floorFile
	}
	folder, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		folder = `C:\ProgramData`
	}
	return filepath.Join(folder, "Aegis", "policy.yaml")
}
