package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"aegis/internal/clients"
	"aegis/internal/operatorfile"
)

// program is the absolute name of this program, as a client is to start it: the name by
// which it is found, which stays when another version comes, if that is this one.
func (s *settings) program() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	found := s.inPath("aegis")
	if found == "" {
		return self, nil
	}
	one, err := os.Stat(self)
	if err != nil {
		return "", err
	}
	if other, err := os.Stat(found); err == nil && os.SameFile(one, other) {
		return found, nil
	}
	return self, nil
}

// inPath is where a program is found, "" if it is not. One in the folder where the user
// happens to be is not: a stranger may have put it there.
func (s *settings) inPath(name string) string {
	found, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return found
}

// place is where clients' files are looked for.
func (s *settings) place() (clients.Place, error) {
	home, err := homeFolder()
	if err != nil {
		return clients.Place{}, &failure{exitUsage, errors.New("there is no home folder, and so no client of its user")}
	}
	whole := func(variable string, otherwise ...string) string {
		if folder, _ := s.lookup(variable); filepath.IsAbs(folder) {
			return folder
		}
		return filepath.Join(append([]string{home}, otherwise...)...)
	}
	return clients.Place{
		OS: runtime.GOOS, Home: home, Config: whole("XDG_CONFIG_HOME", ".config"), AppData: whole("AppData", "AppData", "Roaming"),
		Lookup: s.lookup,
	}, nil
}

// installed is a client, with its file.
type installed struct {
	clients.Client
	file  string
	own   bool // it is told by its own command
	found bool // it is here
}

// machine returns each client that is known, and whether it is here.
func (s *settings) machine() (all []installed, err error) {
	place, err := s.place()
	if err != nil {
		return nil, err
	}
	for _, c := range clients.All() {
		one := installed{Client: c}
		one.file, one.found = fileOf(c.Files(place), place.Home)
		if c.Own != nil {
			program := s.inPath(c.Own.Remove[0])
			one.own = program != "" && operatorfile.JudgeFolder(filepath.Dir(program)) == nil // else a stranger may have written it
			one.found = one.found || one.own
		}
		all = append(all, one)
	}
	return all, nil
}

// fileOf is which of its files a client has, and whether there is a sign of it: the file,
// or its folder unless that is the home folder.
func fileOf(files []string, home string) (file string, found bool) {
	for _, file := range files {
		if exists(file) {
			return file, true
		}
	}
	for _, file := range files {
		if folder := filepath.Dir(file); folder != home && exists(folder) {
			return file, true
		}
	}
	return files[0], false
}

// homeFolder is the user's. A variable that names it from where the user happens to be is
// none: what is kept at home would be found in a project.
func homeFolder() (string, error) {
	home, err := os.UserHomeDir()
	if err == nil && !filepath.IsAbs(home) {
		err = errors.New("the home folder is no whole path")
	}
	return home, err
}
