package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The Containerfile is built of a program that is there already, in place of its first
// stage, and says the same of the image as the builder without a daemon: image_test.go.
func TestContainerfile(t *testing.T) {
	t.Parallel()
	buildah := needs(t, "buildah", "Debian's package of that name")
	folder := t.TempDir()
	staged := filepath.Join(folder, "staged", "image")
	for _, name := range []string{"data", "etc/aegis", "etc/ssl/certs"} {
		if err := os.MkdirAll(filepath.Join(staged, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(staged, "etc/ssl/certs/ca-certificates.crt"), "x")
	if err := os.WriteFile(filepath.Join(staged, "aegis"), []byte("#!\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	// What needs a registry and a Go is cut out: the second stage is what is looked at.
	_, second, ok := strings.Cut(read(t, "Containerfile"), "\nFROM scratch\n")
	if !ok {
		t.Fatal("there is no stage from scratch")
	}
	second = "FROM scratch\n" + strings.ReplaceAll(strings.ReplaceAll(second, "--from=build ", ""), "/image/", "image/")
	write(t, filepath.Join(folder, "staged", "Containerfile"), second)
	common := []string{"--root", filepath.Join(folder, "root"), "--runroot", filepath.Join(folder, "run"), "--storage-driver", "vfs"}
	said, err := run(t, folder, buildah, append(common, "bud", "--isolation", "chroot", "-t", "aegis:test", filepath.Join(folder, "staged"))...)
	if err != nil {
		notRun(t, "buildah can't build here: "+lastLine(said))
	}
	said, err = run(t, folder, buildah, append(common, "inspect", "--type", "image", "aegis:test")...)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	var image struct {
		OCIv1 struct {
			Config struct {
				User                 string
				Env, Entrypoint, Cmd []string
				Volumes              map[string]struct{}
				WorkingDir           string
			}
		}
	}
	if err := json.Unmarshal([]byte(said), &image); err != nil {
		t.Fatal(err)
	}
	c := image.OCIv1.Config
	if c.User != "65532:65532" || !slices.Equal(c.Entrypoint, []string{"/aegis"}) || !slices.Equal(c.Cmd, []string{"serve"}) || c.WorkingDir != "/data" || len(c.Volumes) != 1 {
		t.Errorf("%+v", c)
	}
	for _, variable := range []string{"XDG_CONFIG_HOME=/etc", "XDG_STATE_HOME=/data", "HOME=/data", "AEGIS_LISTEN=:8080"} {
		if !slices.Contains(c.Env, variable) {
			t.Errorf("it has no %s: %q", variable, c.Env)
		}
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// What is copied into a build is what a build needs, and no secret that lies beside it.
func TestContainerfileContext(t *testing.T) {
	t.Parallel()
	ignored := strings.Fields(read(t, "..", ".dockerignore"))
	for _, name := range []string{".git", "dist", "deploy", "**/node_modules"} {
		if !slices.Contains(ignored, name) {
			t.Errorf(".dockerignore does not have %s", name)
		}
	}
}
