package jobtest

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

// patience is for anything that should take a moment, on a busy machine.
const patience = 2 * time.Minute

// program is the compiled aegis, made on first use.
var program struct {
	once         sync.Once
	folder, path string
	err          error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if program.folder != "" {
		_ = os.RemoveAll(program.folder)
	}
	os.Exit(status)
}

// aegis returns the path of the program.
func aegis(t testing.TB) string {
	t.Helper()
	program.once.Do(func() { program.err = build() })
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.path
}

func build() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // with nothing in Go's build cache
	defer cancel()
	if program.folder, err = os.MkdirTemp("", "aegis-jobs-"); err != nil {
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
