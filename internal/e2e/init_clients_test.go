package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"aegis/internal/clients"
)

// room is a home folder on whose path there is a space, for one client.
type room struct {
	*testing.T
	clients.Client
	home, file string
}

func newRoom(t *testing.T, c clients.Client) room {
	home := filepath.Join(t.TempDir(), "a home")
	r := room{t, c, home, c.Files(clients.Place{OS: runtime.GOOS, Home: home, Config: filepath.Join(home, ".config")})[0]}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o700); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r room) put(text string, mode os.FileMode) {
	if err := os.WriteFile(r.file, []byte(text), mode); err != nil {
		r.Fatal(err)
	}
}

func (r room) text() string {
	text, err := os.ReadFile(r.file)
	if err != nil {
		r.Error(err)
	}
	return string(text)
}

// init runs aegis init for the client, and returns what it says.
func (r room) init(status int, args ...string) string {
	r.Helper()
	command := exec.Command(aegis(r.T), append([]string{"init", "--client", r.Name}, args...)...)
	command.Dir, command.Env = filepath.Dir(r.home), []string{"HOME=" + r.home, "PATH=/usr/bin:/bin", "GITEA_URL=https://git.example.org"}
	out, _ := command.CombinedOutput()
	if got := command.ProcessState.ExitCode(); got != status {
		r.Errorf("%q: exit status %d\n%s", args, got, out)
	}
	return string(out)
}

// starts reports whether the file has an entry that would start the program.
func (r room) starts() bool {
	found, err := clients.Entries(r.Client, r.text())
	return err == nil && found[clients.Name].Command == aegis(r.T) && found[clients.Name].Env["GITEA_URL"] == "https://git.example.org"
}

// Of each client's file only the entry becomes another, whatever it is like before; one that
// can't be changed stays as it is, byte by byte.
func TestInitChangesEachClientsFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the home folder is told by another variable there")
	}
	for _, c := range clients.All() {
		old, err := clients.Text(c, clients.Server{Command: "/old/aegis", Args: []string{"--stdio"}})
		if err != nil {
			t.Fatal(err)
		}
		others := strings.ReplaceAll(old, clients.Name, "other")
		comment := "// mine\n"
		if strings.HasPrefix(old, "[") {
			comment = "# mine\n"
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			t.Run("without a file", func(t *testing.T) {
				r := newRoom(t, c)
				r.init(0, "--dry-run")
				if _, err := os.Lstat(r.file); err == nil {
					t.Error("a dry run writes")
				}
				r.init(0)
				if !r.starts() {
					t.Errorf("%s", r.text())
				}
			})
			t.Run("with another server", func(t *testing.T) {
				r := newRoom(t, c)
				r.put(others, 0o640)
				r.init(0)
				text := r.text()
				if found, err := clients.Entries(c, text); err != nil || found["other"].Command != "/old/other" || !r.starts() {
					t.Errorf("%v\n%s", err, text)
				}
				if info, err := os.Stat(r.file); err != nil || info.Mode().Perm() != 0o640 {
					t.Errorf("%v, %v", info, err)
				}
				if kept, _ := filepath.Glob(r.file + ".before-aegis-*"); len(kept) != 1 {
					t.Errorf("copies: %q", kept)
				}
				if said := r.init(0); !strings.Contains(said, "has the entry already") || r.text() != text {
					t.Errorf("once more: %s", said)
				}
				r.init(0, "--remove")
				if r.text() != others {
					t.Errorf("what is left is\n%s\nand was\n%s", r.text(), others)
				}
			})
			t.Run("with the entry already there", func(t *testing.T) {
				r := newRoom(t, c)
				r.put(old, 0o600)
				r.init(0)
				if !r.starts() || strings.Contains(r.text(), "/old/") {
					t.Errorf("%s", r.text())
				}
			})
			t.Run("with comments", func(t *testing.T) {
				r := newRoom(t, c)
				r.put(comment+others, 0o600)
				if strings.HasPrefix(c.Name, "claude") { // which read none
					if said := r.init(1); !strings.Contains(said, "holds comments") || r.text() != comment+others {
						t.Errorf("%s\n%s", said, r.text())
					}
					return
				}
				r.init(0)
				if !r.starts() || !strings.HasPrefix(r.text(), comment) {
					t.Errorf("%s", r.text())
				}
			})
			t.Run("malformed", func(t *testing.T) {
				r := newRoom(t, c)
				r.put(others+"{", 0o600)
				if said := r.init(1); !strings.Contains(said, "is no ") || !strings.Contains(said, "--print") || r.text() != others+"{" {
					t.Errorf("%s\n%s", said, r.text())
				}
				if out := r.init(0, "--print"); !strings.Contains(out, aegis(t)) {
					t.Errorf("%s", out)
				}
			})
			t.Run("read-only", func(t *testing.T) {
				r := newRoom(t, c)
				r.put(others, 0o400)
				if said := r.init(1); !strings.Contains(said, "is read-only") || r.text() != others {
					t.Errorf("%s\n%s", said, r.text())
				}
			})
		})
	}
}
