package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"aegis/internal/clients"
)

// readClient reads a client's file, "" if there is none.
func readClient(file string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(file); err == nil {
			return "", errors.New("is a link to nothing")
		}
		return "", nil
	case err != nil:
		return "", errors.New("can't be read")
	case !info.Mode().IsRegular() || info.Size() > clients.MaxFile:
		return "", errors.New("is no file that can be read")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", errors.New("can't be read")
	}
	return string(raw), nil
}

// writable refuses a file that its owner has made read-only, or that belongs to somebody
// else. A new name in its place would get around that.
func writable(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return errors.New("can't be looked at")
	case info.Mode().Perm()&0o200 == 0:
		return errors.New("is read-only")
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return errors.New("can't be written")
	}
	return f.Close()
}

// replaceClient replaces a client's file, if it is what it was, and keeps a copy of it.
func replaceClient(file, was, is string) error {
	now, err := readClient(file)
	if err != nil || now != was {
		return fmt.Errorf("%s was changed meanwhile, and is left alone", file)
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	if err := keepCopy(file); err != nil {
		return err
	}
	return replaceFile(file, is, mode)
}

// keepCopy keeps a copy of a file beside it, if there is one.
func keepCopy(file string) error {
	text, err := readClient(file)
	info, statErr := os.Stat(file)
	switch {
	case errors.Is(statErr, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%s %w", file, err)
	}
	kept := file + ".before-aegis-" + time.Now().UTC().Format("20060102T150405.000")
	return replaceFile(kept, text, info.Mode().Perm())
}

// replaceFile writes a file whole, by another name first. A link stays one.
func replaceFile(file, text string, mode fs.FileMode) error {
	if final, err := filepath.EvalSymlinks(file); err == nil {
		file = final
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = next.WriteString(text)
	err = errors.Join(err, next.Chmod(mode), next.Sync(), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), file)
	}
	if err != nil {
		_ = os.Remove(next.Name())
	}
	return err
}

// difference shows what lines go and come. Values that may be secrets are not shown.
func (p *plan) difference(was, is string) string {
	before, after := strings.SplitAfter(was, "\n"), strings.SplitAfter(is, "\n")
	from := 0
	for from < len(before) && from < len(after) && before[from] == after[from] {
		from++
	}
	for len(before) > from && len(after) > from && before[len(before)-1] == after[len(after)-1] {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  line %d\n", from+1)
	for _, side := range []struct {
		mark  string
		lines []string
	}{{"- ", before[from:]}, {"+ ", after[from:]}} {
		for _, line := range side.lines {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				b.WriteString(side.mark + p.clean(line) + "\n")
			}
		}
	}
	return b.String()
}

// maybeSecret is a value whose name says that it may be one: GITEA_TOKEN, api_key. That of
// a name that ends in FILE is a file's name.
var maybeSecret = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)((?:token|secret|passw|password|key|auth|authorization|credential)s?["']?\s*[:=]\s*["'])([^"']*)(["']|$)`)
})
