package operatorfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 10), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := Read(name, 10); err != nil || len(f.Raw) != 10 || f.Info.Size() != 10 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err := Read(name, 9); err == nil || !strings.Contains(err.Error(), "larger than 9 bytes") {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestReadRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{folder, folder + "/", folder + "/x/..", os.DevNull, "/", filepath.Join(folder, "missing")} {
		if f, err := Read(name, 100); err == nil || f.Raw != nil {
			t.Errorf("%s is read", name)
		}
	}
}
