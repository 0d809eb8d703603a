package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"aegis/internal/operatorfile"
)

// Files are written whole under another name first, so that whoever is killed meanwhile
// leaves the old one.

// replaceSecret writes a file that only its user may read, in the place of one that is
// there. A link is replaced, and not written through.
func replaceSecret(file, text string) error {
	next, err := beside(file, text, 0o600, nil)
	if err == nil {
		err = renamed(next, file)
	}
	return err
}

// newFile writes a file that is not there. One that has come meanwhile is an error.
func newFile(file, text string, mode fs.FileMode) error {
	next, err := beside(file, text, mode, nil)
	if err != nil {
		return err
	}
	return errors.Join(os.Link(next, file), os.Remove(next))
}

// replaceLike writes a file in the place of one that is there, and leaves its mode and its
// owner. A link stays one.
func replaceLike(file, text string, was fs.FileInfo) error {
	final, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	next, err := beside(final, text, was.Mode().Perm(), was)
	if err == nil {
		err = renamed(next, final)
	}
	return err
}

// beside writes a text beside a file, and returns under which name. It belongs to whom
// another file does, if one is given.
func beside(file, text string, mode fs.FileMode, like fs.FileInfo) (name string, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", err
	}
	next, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return "", err
	}
	err = giveTo(next, like)
	if err == nil {
		_, err = next.WriteString(text)
	}
	if err = errors.Join(err, next.Chmod(mode), next.Sync(), next.Close()); err != nil {
		_ = os.Remove(next.Name())
	}
	return next.Name(), err
}

func renamed(from, to string) error {
	err := os.Rename(from, to)
	if err != nil {
		_ = os.Remove(from)
	}
	return err
}

// fitForSecrets refuses a place for a file that only its user may have: a link, for it leads
// elsewhere; a folder that others could change; and one of a project, whose files are shared.
func fitForSecrets(file string) error {
	if info, err := os.Lstat(file); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a link, or no file; remove it, or name the token's file in GITEA_TOKEN_FILE", file)
	}
	folder := firstFolder(file)
	if err := operatorfile.JudgeFolder(folder); err != nil {
		return fmt.Errorf("%s is no place for the token: %w", folder, err)
	}
	final, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return plain(err)
	}
	for at := final; ; at = filepath.Dir(at) {
		if exists(filepath.Join(at, ".git")) {
			return fmt.Errorf("%s lies in the project %s, whose files are shared; keep the token in a file elsewhere, and name that in GITEA_TOKEN_FILE", folder, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// firstFolder is the first of the folders above a file that is there.
func firstFolder(file string) string {
	folder := filepath.Dir(file)
	for !exists(folder) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
	}
	return folder
}
