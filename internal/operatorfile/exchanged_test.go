package operatorfile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Whoever reads a file while it is replaced, again and again, reads one of those that
// it was.
func TestAFileThatIsReplacedIsRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not replaced there")
	}
	folder := filepath.Join(t.TempDir(), "etc")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "file")
	put := func() {
		next := name + ".new"
		if err := os.WriteFile(next, []byte("whole"), 0o600); err != nil {
			t.Error(err)
		}
		if err := os.Rename(next, name); err != nil {
			t.Error(err)
		}
	}
	put()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			put()
		}
	}()
	defer func() { <-done }()
	for {
		if f, err := Read(name, 100); err != nil || string(f.Raw) != "whole" {
			t.Fatalf("%q, %v", f.Raw, err)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}
