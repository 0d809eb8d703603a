//go:build unix

package state

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where others could make the file, or exchange it, there is none. The error says what
// to do, and a folder of its own below such a one will do.
func TestFoldersThatOthersMayWriteTo(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		mode fs.FileMode
		says []string // nil if it will do
	}{
		{0o700, nil},
		{0o755, nil},
		{0o777 | fs.ModeSticky, []string{"mode 1777", "tmpfs", fmt.Sprintf("mode=0700,uid=%d", os.Geteuid()), "aegis/state.db"}},
		{0o777, []string{"mode 0777", "chmod go-w", "aegis/state.db"}},
		{0o770, []string{"mode 0770", "chmod go-w", "aegis/state.db"}},
	} {
		folder := filepath.Join(t.TempDir(), "state")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, row.mode); err != nil {
			t.Fatal(err)
		}
		f := open1(t, filepath.Join(folder, "state.db"))
		err := f.Err()
		if (err != nil) != (row.says != nil) {
			t.Errorf("mode %v: %v", row.mode, err)
		}
		for _, says := range row.says {
			if err != nil && !strings.Contains(err.Error(), says) {
				t.Errorf("mode %v: %q is not in %q", row.mode, says, err)
			}
		}
		if _, err := os.Lstat(filepath.Join(folder, "state.db")); (err != nil) != (row.says != nil) {
			t.Errorf("mode %v: the file: %v", row.mode, err)
		}
		below := open1(t, filepath.Join(folder, "aegis", "state.db"))
		if err := below.Save("key:ci", []byte("x")); err != nil {
			t.Errorf("mode %v: a folder of its own: %v", row.mode, err)
		}
	}
}
