package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	replaceVariable = "CLI_TEST_REPLACE" // has the test binary write a client's file again and again
	oldText         = "{\"old\": true}\n"
)

func newText() string { return strings.Repeat("{\"new\": true} ", 20_000) }

// A client's file is the old one or the new one, whenever init is killed.
func TestAFileSurvivesAKill(t *testing.T) {
	t.Parallel()
	if file := os.Getenv(replaceVariable); file != "" {
		for was, is := oldText, newText(); ; was, is = is, was {
			if err := replaceClient(file, was, is); err != nil {
				os.Exit(3)
			}
		}
	}
	for i := range 15 {
		folder := t.TempDir()
		file := filepath.Join(folder, "mcp.json")
		if err := os.WriteFile(file, []byte(oldText), 0o640); err != nil {
			t.Fatal(err)
		}
		child := exec.Command(os.Args[0], "-test.run=^TestAFileSurvivesAKill$")
		child.Env = append(os.Environ(), replaceVariable+"="+file)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for {
			if kept, _ := filepath.Glob(file + ".before-aegis-*"); len(kept) > i {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		whole := func(name string) {
			text, err := os.ReadFile(name)
			if err != nil || string(text) != oldText && string(text) != newText() {
				t.Errorf("%s has %d bytes, %v", filepath.Base(name), len(text), err)
			}
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("%v, %v", info, err)
			}
		}
		whole(file)
		kept, _ := filepath.Glob(file + ".before-aegis-*")
		for _, name := range kept {
			whole(name)
		}
	}
}

// A full disk leaves the old file, and nothing else.
func TestAFileSurvivesAFullDisk(t *testing.T) {
	t.Parallel()
	if folder := os.Getenv("CLI_TEST_FULL"); folder != "" {
		limit := unix.Rlimit{Cur: 1000, Max: 1000}
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
			os.Exit(3)
		}
		for _, write := range []func(string) error{
			func(file string) error { return replaceClient(file, oldText, newText()) },
			func(file string) error { return newFile(file+".new", newText(), 0o600) },
			func(file string) error { return replaceSecret(file, newText()) },
		} {
			if write(filepath.Join(folder, "mcp.json")) == nil {
				os.Exit(4)
			}
		}
		os.Exit(0)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mcp.json"), []byte(oldText), 0o640); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestAFileSurvivesAFullDisk$")
	child.Env = append(os.Environ(), "CLI_TEST_FULL="+folder)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(folder, "mcp.json"))
	if err != nil || string(text) != oldText {
		t.Errorf("%q, %v", text, err)
	}
	left, _ := os.ReadDir(folder)
	for _, e := range left {
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".new") {
			t.Errorf("%s is left", e.Name())
		}
	}
}

// A client's file stays its owner's, byte by byte but for the entry.
func TestAFileKeepsItsOwnerAndBytes(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root writes files of others")
	}
	file := filepath.Join(t.TempDir(), "mcp.json")
	before := []byte("{\"a\": \"\xff\xfe\\ud800\", \"b\": 1e999}")
	if err := os.WriteFile(file, before, 0o604); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(file, 4242, 2424); err != nil {
		t.Fatal(err)
	}
	if err := replaceClient(file, string(before), string(before)+" "); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	info, _ := os.Stat(file)
	if err != nil || !bytes.Equal(text, append(before, ' ')) || info.Mode().Perm() != 0o604 {
		t.Errorf("%q, %v, %v", text, info, err)
	}
	if is := info.Sys().(*syscall.Stat_t); is.Uid != 4242 || is.Gid != 2424 {
		t.Errorf("it is %d's, %d's", is.Uid, is.Gid)
	}
}
