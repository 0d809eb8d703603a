package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A key that goes into a file that others can read is told of: a shell makes such files.
func TestAKeyInAFileOfOthers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing here")
	}
	for mode, warns := range map[os.FileMode]bool{0o644: true, 0o640: true, 0o600: false} {
		folder := t.TempDir()
		out, err := os.Create(filepath.Join(folder, "ci.key"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		if err := out.Chmod(mode); err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		status := run(context.Background(), environment{
			args:   []string{"keys", "add", "ci", "--shared-token", "--keys", filepath.Join(folder, "keys.yaml")},
			lookup: func(string) (string, bool) { return "", false }, stdin: os.Stdin, stdout: out, stderr: &stderr,
		})
		if status != 0 || strings.Contains(stderr.String(), "others can read") != warns {
			t.Errorf("%o: %d %s", mode, status, stderr.String())
		}
	}
}
