package check

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// The Containerfile says the same of the image as the builder without a daemon, whose
// test is image_test.go. What its first stage builds is put in place of that stage, which
// needs a registry.
func TestContainerfile(t *testing.T) {
	t.Parallel()
	buildah := needs(t, "buildah", "Debian's package of that name")
	folder := t.TempDir()
	staged := filepath.Join(folder, "staged")
	for _, name := range []string{"own/data", "image/etc/aegis", "image/etc/ssl/certs"} {
		if err := os.MkdirAll(filepath.Join(staged, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(staged, "own/data"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(staged, "image/etc/ssl/certs/ca-certificates.crt"), "x")
	if err := os.WriteFile(filepath.Join(staged, "image/aegis"), []byte("#!\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	common := []string{"--root", filepath.Join(folder, "root"), "--runroot", filepath.Join(folder, "run"), "--storage-driver", "vfs"}
	file, err := filepath.Abs(filepath.Join("..", "Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	said, err := run(t, folder, buildah, append(common, "bud", "--isolation", "chroot", "--build-context", "build="+staged, "-f", file, "-t", "aegis:test", staged)...)
	if err != nil {
		for _, sign := range []string{"operation not permitted", "permission denied", "newuidmap", "user namespace"} {
			if strings.Contains(strings.ToLower(said), sign) {
				notRun(t, "buildah can't build here: "+lastLine(said))
			}
		}
		t.Fatalf("%v\n%s", err, said)
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
	checkContents(t, buildah, folder, common)
}

// What the image holds is as it is in the other one.
func checkContents(t *testing.T, buildah, folder string, common []string) {
	t.Helper()
	saved := filepath.Join(folder, "saved")
	if said, err := run(t, folder, buildah, append(common, "push", "aegis:test", "oci:"+saved)...); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	index, err := layout.ImageIndexFromPath(saved)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	image, err := index.Image(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(mutate.Extract(image))
	found := map[string]string{}
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		found[strings.Trim(header.Name, "/")] = fmt.Sprintf("%04o %d:%d", header.Mode&0o7777, header.Uid, header.Gid)
	}
	for name, want := range map[string]string{"aegis": "0755 0:0", "data": "0700 65532:65532", "etc/aegis": "0755 0:0", "etc/ssl/certs": "0755 0:0"} {
		if found[name] != want {
			t.Errorf("%s is %q, not %q", name, found[name], want)
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
