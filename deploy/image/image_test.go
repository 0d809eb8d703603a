package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var made = time.Unix(1_000_000_000, 0)

// built makes a layout of sources and returns its digest, with the environment of
// somebody who builds other things.
func built(t *testing.T, source, out string) string {
	t.Helper()
	digest, err := run(t.Context(), making{source: source, version: "v1.2.3", architectures: []string{"amd64", "arm64"}}, out, "1000000000")
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// The same sources give the same digest: elsewhere, over an image that is there, and
// whatever the environment says of building.
func TestTheSameImageTwice(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "a copy")
	copySources(t, filepath.Join("..", ".."), elsewhere)
	out := filepath.Join(t.TempDir(), "dist", "image")
	first := built(t, filepath.Join("..", ".."), out)
	t.Setenv("CGO_ENABLED", "1")
	t.Setenv("GOFLAGS", "-buildvcs=true")
	t.Setenv("GOAMD64", "v2")
	if second := built(t, elsewhere, out); first != second {
		t.Errorf("%s, then %s", first, second)
	}
	at, err := layout.ImageIndexFromPath(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(at); err != nil {
		t.Error(err)
	}
	whole, err := at.IndexManifest()
	if err != nil || len(whole.Manifests) != 1 || whole.Manifests[0].Digest.String() != first || whole.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != "v1.2.3" {
		t.Fatalf("%+v %v", whole, err)
	}
	index, err := at.ImageIndex(whole.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	images, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, each := range images.Manifests {
		platforms = append(platforms, each.Platform.String())
		image, err := index.Image(each.Digest)
		if err != nil {
			t.Fatal(err)
		}
		checkConfig(t, image, each.Platform.Architecture)
		checkFiles(t, image, each.Platform.Architecture)
	}
	if want := []string{"linux/amd64", "linux/arm64"}; !slices.Equal(platforms, want) {
		t.Errorf("it is for %v", platforms)
	}
}

// copySources copies what the program is built of.
func copySources(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && (slices.Contains([]string{".git", "deploy", "dist", "node_modules"}, entry.Name())):
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, relative), 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, relative), content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkConfig(t *testing.T, image v1.Image, architecture string) {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.OS != "linux" || config.Architecture != architecture || !config.Created.Equal(made) {
		t.Errorf("%s/%s of %s", config.OS, config.Architecture, config.Created)
	}
	c := config.Config
	if c.User != "65532:65532" || !slices.Equal(c.Entrypoint, []string{"/aegis"}) || !slices.Equal(c.Cmd, []string{"serve"}) {
		t.Errorf("%q runs %q %q", c.User, c.Entrypoint, c.Cmd)
	}
	for _, variable := range c.Env {
		if strings.Contains(variable, "TOKEN") || strings.Contains(variable, "INSECURE") {
			t.Errorf("the image says %s", variable)
		}
	}
	if _, ok := c.Volumes["/data"]; !ok || len(c.Volumes) != 1 {
		t.Errorf("volumes %v", c.Volumes)
	}
}

// checkFiles: there is the program, what TLS needs, and the folders, and no more.
func checkFiles(t *testing.T, image v1.Image, architecture string) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]tar.Header{}
	for _, layer := range layers {
		r, err := layer.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		files := tar.NewReader(r)
		for {
			header, err := files.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			found[header.Name] = *header
			if !header.ModTime.Equal(made) || header.Mode&0o022 != 0 || header.Mode&0o7000 != 0 {
				t.Errorf("%s has mode %o, of %s", header.Name, header.Mode, header.ModTime)
			}
			switch header.Name {
			case "aegis":
				checkProgram(t, content, architecture)
			case "etc/ssl/certs/ca-certificates.crt":
				checkAuthorities(t, content)
			}
		}
		_ = r.Close()
	}
	for name, header := range found {
		want, ok := map[string]struct {
			mode  int64
			owner int
		}{
			"aegis": {0o755, 0}, "data/": {0o700, user}, "etc/": {0o755, 0}, "etc/aegis/": {0o755, 0}, "etc/ssl/": {0o755, 0},
			"etc/ssl/certs/": {0o755, 0}, "etc/ssl/certs/ca-certificates.crt": {0o644, 0},
		}[name]
		if !ok || header.Mode != want.mode || header.Uid != want.owner || header.Gid != want.owner {
			t.Errorf("%s: mode %o, owner %d:%d", name, header.Mode, header.Uid, header.Gid)
		}
	}
	if len(found) != 7 {
		t.Errorf("%d files", len(found))
	}
}

// checkProgram: it is for the architecture, and needs no library.
func checkProgram(t *testing.T, content []byte, architecture string) {
	t.Helper()
	program, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	machine := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[architecture]
	if program.Machine != machine || slices.ContainsFunc(program.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		t.Errorf("%s: %s, or not static", architecture, program.Machine)
	}
	if len(content) > 20<<20 {
		t.Errorf("%d bytes", len(content))
	}
}

func checkAuthorities(t *testing.T, content []byte) {
	t.Helper()
	n := 0
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			t.Error(err)
		}
		n++
	}
	if n < 80 {
		t.Errorf("%d authorities", n)
	}
}

// A folder that is no image is not replaced by one.
func TestAnotherFolderIsLeftAlone(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	if err := os.WriteFile(filepath.Join(out, "thesis"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := write(nil, "v1", out); err == nil || !strings.Contains(err.Error(), "no image layout") {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(out, "thesis")); err != nil {
		t.Error(err)
	}
}
