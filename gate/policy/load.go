package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Load reads a policy file, as [Parse] does. Links are followed and the final
// file is judged: it must be a regular file; that everybody may write it or
// its folder is an error, that its group may is a warning (not on Windows,
// whose permissions are others). Rules are named after the last element of
// file, not of what it links to.
func Load(file string) (*Policy, []Warning, error) {
	p, warnings, _, err := load(file)
	return p, warnings, err
}

// load is Load and what the file's stat was before its bytes were read.
func load(file string) (*Policy, []Warning, fs.FileInfo, error) {
	src, warnings, stat, err := read(file)
	if err != nil {
		return nil, nil, stat, fmt.Errorf("policy %s: %w", file, err)
	}
	p, more, err := Parse(file, src)
	if err != nil {
		return nil, nil, stat, err
	}
	return p, append(warnings, more...), stat, nil
}

func read(file string) ([]byte, []Warning, fs.FileInfo, error) {
	final, err := filepath.EvalSymlinks(file)
	if err != nil {
		return nil, nil, nil, reason(err)
	}
	// A named pipe would block on opening, so look before, and again after.
	stat, err := os.Stat(final)
	if err != nil {
		return nil, nil, nil, reason(err)
	}
	if !stat.Mode().IsRegular() {
		return nil, nil, stat, errors.New("is not a regular file")
	}
	f, err := os.Open(final)
	if err != nil {
		return nil, nil, stat, reason(err)
	}
	defer f.Close()
	if stat, err = f.Stat(); err != nil {
		return nil, nil, nil, reason(err)
	}
	if !stat.Mode().IsRegular() {
		return nil, nil, stat, errors.New("is not a regular file")
	}
	warnings, err := permissions(file, final, stat)
	if err != nil {
		return nil, nil, stat, err
	}
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, nil, stat, reason(err)
	}
	return src, warnings, stat, nil
}

// permissions judges who else may write the final file, or replace it.
func permissions(file, final string, stat fs.FileInfo) ([]Warning, error) {
	if runtime.GOOS == "windows" {
		return nil, nil
	}
	folder, err := os.Stat(filepath.Dir(final))
	if err != nil {
		return nil, reason(err)
	}
	var warnings []Warning
	for _, judged := range []struct {
		what string
		mode fs.FileMode
		fix  string
	}{
		{"the file", stat.Mode(), final},
		{"the file's folder", folder.Mode(), filepath.Dir(final)},
	} {
		switch {
		case judged.mode.Perm()&0o002 != 0:
			return nil, fmt.Errorf("%s is world-writable (mode %04o): whoever can write it sets the rules; chmod o-w %s",
				judged.what, judged.mode.Perm(), judged.fix)
		case judged.mode.Perm()&0o020 != 0:
			warnings = append(warnings, Warning{Problem{File: filepath.Base(file),
				Message: fmt.Sprintf("%s is group-writable (mode %04o): chmod g-w %s", judged.what, judged.mode.Perm(), judged.fix)}})
		}
	}
	return warnings, nil
}

// reason drops the operation and the path from a file system's error; the
// caller names the path once.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
