package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// newHome is a home folder with nothing in it, and what is set up there.
func newHome(t *testing.T) (home string, set func(args ...string) (status int, out string)) {
	t.Helper()
	home = t.TempDir()
	return home, func(args ...string) (int, string) {
		const token = "s3cret-s3cret-s3cret\n"
		typed := filepath.Join(t.TempDir(), "typed")
		if err := os.WriteFile(typed, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		stdin, err := os.Open(typed)
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		var out, errors strings.Builder
		vars := map[string]string{"XDG_CONFIG_HOME": filepath.Join(home, "config"), "XDG_STATE_HOME": filepath.Join(home, "state")}
		status := run(t.Context(), environment{
			args:  append([]string{"init", "--gitea-url", "https://git.example.org", "--client", "vscode", "--token-stdin"}, args...),
			stdin: stdin, stdout: &out, stderr: &errors,
			lookup: func(name string) (string, bool) { value, ok := vars[name]; return value, ok },
		})
		return status, out.String() + errors.String()
	}
}

// A token goes into a file that its user alone can read and change, in no project, and
// through no link. Else nothing at all is written.
func TestTokensAreKeptWhereTheyAreSafe(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the clients' files are not below a folder that a test can choose, or permissions are others")
	}
	for name, c := range map[string]struct {
		prepare func(home string) error
		refused string // "" if it is kept
	}{
		"an empty home":    {func(string) error { return nil }, ""},
		"a wide mask":      {func(home string) error { return os.MkdirAll(filepath.Join(home, "config"), 0o755) }, ""},
		"a token is there": {func(home string) error { return put(home, "config/aegis/token", "old", 0o644) }, ""},
		"a linked folder": {func(home string) error {
			return errors.Join(os.Mkdir(filepath.Join(home, "x"), 0o700), os.Symlink("x", filepath.Join(home, "config")))
		}, ""},
		"a link": {func(home string) error {
			return errors.Join(put(home, "elsewhere", "", 0o666), os.MkdirAll(filepath.Join(home, "config/aegis"), 0o700), os.Symlink("../../elsewhere", filepath.Join(home, "config/aegis/token")))
		}, "is a link"},
		"a link to nothing": {func(home string) error {
			return errors.Join(os.MkdirAll(filepath.Join(home, "config/aegis"), 0o700), os.Symlink("../../elsewhere", filepath.Join(home, "config/aegis/token")))
		}, "is a link"},
		"everybody's": {func(home string) error {
			return errors.Join(os.MkdirAll(filepath.Join(home, "config/aegis"), 0o700), os.Chmod(filepath.Join(home, "config/aegis"), 0o777))
		}, "world-writable"},
		"everybody's above": {func(home string) error {
			return errors.Join(os.MkdirAll(filepath.Join(home, "config"), 0o700), os.Chmod(filepath.Join(home, "config"), 0o777))
		}, "world-writable"},
		"a project":  {func(home string) error { return os.MkdirAll(filepath.Join(home, ".git"), 0o700) }, "lies in the project"},
		"a worktree": {func(home string) error { return put(home, "config/.git", "gitdir: elsewhere", 0o644) }, "lies in the project"},
		"a linked project": {func(home string) error {
			return errors.Join(put(home, "dotfiles/.git/HEAD", "", 0o644), os.Symlink("dotfiles", filepath.Join(home, "config")))
		}, "lies in the project"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home, set := newHome(t)
			if err := c.prepare(home); err != nil {
				t.Fatal(err)
			}
			status, said := set("--yes")
			if strings.Contains(said, "s3cret") {
				t.Errorf("it is shown:\n%s", said)
			}
			holds := make(map[string]fs.FileMode)
			_ = filepath.WalkDir(home, func(file string, e fs.DirEntry, _ error) error {
				if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), "s3cret") {
					info, _ := e.Info()
					holds[filepath.Base(file)] = info.Mode()
				}
				return nil
			})
			switch {
			case c.refused == "" && (status != exitOK || len(holds) != 1 || holds["token"] != 0o600):
				t.Errorf("%d, %v\n%s", status, holds, said)
			case c.refused != "" && (status != exitUsage || len(holds) > 0 || !strings.Contains(said, c.refused) || exists(filepath.Join(home, "config/aegis/policy.yaml"))):
				t.Errorf("%d, %v\n%s", status, holds, said)
			}
		})
	}
}

// put writes a file with the folders above it.
func put(home, name, text string, mode fs.FileMode) error {
	file := filepath.Join(home, name)
	return errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), mode), os.Chmod(file, mode))
}

// A home folder that is found from where the user happens to be would be a project's.
func TestTheHomeFolderIsAWholePath(t *testing.T) {
	for _, home := range []string{".", "home", ""} {
		t.Setenv("HOME", home)
		t.Setenv("USERPROFILE", home)
		t.Setenv("home", home)
		for _, relative := range []string{"", "config"} {
			s := newSettings(func(string) (string, bool) { return relative, true })
			if folder, err := s.stateFolder(); err == nil {
				t.Errorf("%q, %q: %s", home, relative, folder)
			}
			if place, err := s.place(); err == nil {
				t.Errorf("%q, %q: %+v", home, relative, place)
			}
			if file, err := s.atHome("~/x", "X"); err == nil {
				t.Errorf("%q, %q: %s", home, relative, file)
			}
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("USERPROFILE", t.TempDir())
	s := newSettings(func(string) (string, bool) { return "config", true })
	if place, err := s.place(); err != nil || !filepath.IsAbs(place.Config) || !filepath.IsAbs(place.AppData) {
		t.Errorf("%+v, %v", place, err)
	}
}

// What has come since it was looked for is left alone.
func TestNothingNewIsWrittenOver(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "policy.yaml")
	if err := newFile(file, "mine", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newFile(file, "other", 0o600); err == nil {
		t.Error("it is written anew")
	}
	if err := replaceClient(file, "", "other"); err == nil {
		t.Error("a client's file that has come is replaced")
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
	if all, _ := os.ReadDir(folder); len(all) != 1 {
		t.Errorf("%v is left", all)
	}
}

// A client's own command is run where nobody else can have written it.
func TestInitRunsNothingOfStrangers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are others there")
	}
	home, set := newHome(t)
	t.Setenv("HOME", home)
	bin := filepath.Join(home, "bin")
	if err := put(bin, "claude", "#!/bin/sh\n", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		mode fs.FileMode
		runs bool
	}{{bin, 0o755, true}, {bin, 0o777, false}, {"", 0o755, false}, {".", 0o755, false}, {"bin", 0o755, false}} {
		t.Setenv("PATH", c.path)
		if err := os.Chmod(bin, c.mode); err != nil {
			t.Fatal(err)
		}
		if c.path == "." {
			t.Chdir(bin)
		} else {
			t.Chdir(home)
		}
		if status, said := set("--client", "claude-code", "--dry-run"); status != exitOK || strings.Contains(said, "run claude") != c.runs || strings.Contains(said, "change "+filepath.Join(home, ".claude.json")) == c.runs {
			t.Errorf("%+v: %d\n%s", c, status, said)
		}
	}
}
