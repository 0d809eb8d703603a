package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// stateFolder is where the audit log and the kill switch are by default.
func (s *settings) stateFolder() (string, error) {
	return s.folder("XDG_STATE_HOME", "LocalAppData", ".local", "state")
}

// defaultPolicy is the policy file in its default place, "" if there is none.
// One that can't be looked at counts as there: it has to be read or to fail.
func (s *settings) defaultPolicy() string {
	folder, err := s.folder("XDG_CONFIG_HOME", "AppData", ".config")
	if err != nil {
		return ""
	}
	file := filepath.Join(folder, "policy.yaml")
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return file
}

// folder is aegis' own folder below the one that a variable names, or below
// the home folder.
func (s *settings) folder(xdg, windows string, below ...string) (string, error) {
	if base, _ := s.lookup(xdg); filepath.IsAbs(base) {
		return filepath.Join(base, "aegis"), nil
	}
	if runtime.GOOS == "windows" {
		if base, _ := s.lookup(windows); filepath.IsAbs(base) {
			return filepath.Join(base, "aegis"), nil
		}
	}
	home, err := homeFolder()
	if err != nil {
		return "", wrong(names(auditLog), "there is no home folder to keep the audit log in; say where it should be")
	}
	return filepath.Join(append([]string{home}, append(below, "aegis")...)...), nil
}
