package recordtest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// program is the compiled aegis, made on first use.
var program struct {
	once   sync.Once
	folder string
	path   string
	err    error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if program.folder != "" {
		_ = os.RemoveAll(program.folder)
	}
	os.Exit(status)
}

// aegis returns the path of the program.
func aegis(t *testing.T) string {
	t.Helper()
	program.once.Do(func() { program.err = build() })
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.path
}

func build() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if program.folder, err = os.MkdirTemp("", "aegis-recorded-"); err != nil {
		return err
	}
	program.path = filepath.Join(program.folder, "aegis")
	if runtime.GOOS == "windows" {
		program.path += ".exe"
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program.path, "aegis").CombinedOutput(); err != nil {
		return errors.Join(err, errors.New(string(out)))
	}
	return nil
}
