package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// making is what an image is made of.
type making struct {
	source        string // the folder of the sources
	version       string
	architectures []string
	created       time.Time
}

// user is who runs in the container: nobody that a machine has.
const user = 65532

// index makes the image for every architecture.
func (m making) index(ctx context.Context) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range m.architectures {
		image, err := m.image(ctx, architecture)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", architecture, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: "linux", Architecture: architecture},
		}})
	}
	return index, nil
}

func (m making) image(ctx context.Context, architecture string) (v1.Image, error) {
	program, err := m.program(ctx, architecture)
	if err != nil {
		return nil, err
	}
	// What changes least comes first, and is pulled once.
	var added []mutate.Addendum
	for _, each := range []struct {
		what  string
		files []file
	}{
		{"certificate authorities, /etc/aegis and /data", base()},
		{"aegis " + m.version, []file{{name: "aegis", mode: 0o755, content: program}}},
	} {
		layer, err := layerOf(each.files, m.created)
		if err != nil {
			return nil, err
		}
		added = append(added, mutate.Addendum{Layer: layer, MediaType: types.OCILayer, History: v1.History{
			Created: v1.Time{Time: m.created}, CreatedBy: each.what,
		}})
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.Append(image, added...); err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", architecture, v1.Time{Time: m.created}
	config.Config = v1.Config{
		User:         fmt.Sprintf("%d:%d", user, user),
		Env:          []string{"XDG_CONFIG_HOME=/etc", "XDG_STATE_HOME=/data", "HOME=/data", "AEGIS_LISTEN=:8080"},
		Entrypoint:   []string{"/aegis"},
		Cmd:          []string{"serve"},
		WorkingDir:   "/data",
		Volumes:      map[string]struct{}{"/data": {}},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "aegis",
			"org.opencontainers.image.version":  m.version,
			"org.opencontainers.image.licenses": "MIT",
		},
	}
	return mutate.ConfigFile(image, config)
}

// program builds the static program. What the environment says of how to build does not
// count, for it would be another program.
func (m making) program(ctx context.Context, architecture string) ([]byte, error) {
	scratch, err := os.MkdirTemp("", "aegis-image-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	out := filepath.Join(scratch, "aegis")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -funcalign=16 -buildid= -X aegis/cli.Version="+m.version, "-o", out, ".")
	build.Dir = m.source
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture,
		"GOFLAGS=-mod=readonly", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFIPS140=off")
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, said)
	}
	return os.ReadFile(out)
}

// write writes the layout beside where it is to be, and then puts it there.
func write(index v1.ImageIndex, version, out string) (digest string, err error) {
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return "", err
	}
	// Somebody's folder is not removed because its name was mistyped.
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(out, "oci-layout")); err != nil {
			return "", fmt.Errorf("%s is there and is no image layout", out)
		}
	}
	next, err := os.MkdirTemp(filepath.Dir(out), ".image-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(next)
	if err := os.Chmod(next, 0o755); err != nil {
		return "", err
	}
	to, err := layout.Write(next, empty.Index)
	if err != nil {
		return "", err
	}
	if err := to.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": tag(version),
	})); err != nil {
		return "", err
	}
	if err := os.RemoveAll(out); err != nil {
		return "", err
	}
	if err := os.Rename(next, out); err != nil {
		return "", err
	}
	hash, err := index.Digest()
	return hash.String(), err
}

// tag makes of a version what a reference may have.
func tag(version string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, version)
}
