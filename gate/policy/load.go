package policy

import (
	"fmt"
	"io/fs"
	"path/filepath"

	"aegis/internal/operatorfile"
)

// Load reads a policy file, as [Parse] does. Links are followed, and each folder on
// the way is judged as package operatorfile says. It is an error that everybody may
// write to the file or to a folder, or that it belongs to somebody else; that its
// group may write is a warning. Rules are named after the last element of file, not of
// what it links to.
func Load(file string) (*Policy, []Warning, error) {
	p, warnings, _, err := load(file)
	return p, warnings, err
}

// load is Load and what the file's stat was before its bytes were read.
func load(file string) (*Policy, []Warning, fs.FileInfo, error) {
	read, err := operatorfile.Read(file, maxFile)
	if err != nil {
		return nil, nil, read.Info, fmt.Errorf("policy %s: %w", file, err)
	}
	p, doubts, err := Parse(file, read.Raw)
	if err != nil {
		return nil, nil, read.Info, err
	}
	var warnings []Warning
	for _, message := range read.Warnings {
		warnings = append(warnings, Warning{Problem{File: filepath.Base(file), Message: message}})
	}
	return p, append(warnings, doubts...), read.Info, nil
}
