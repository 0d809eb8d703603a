package check

import (
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const mebibyte = 1 << 20

// composed loads compose.yaml as Compose does, with profiles and variables.
func composed(t *testing.T, profiles []string, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join("..", "compose.yaml")}, cli.WithProfiles(profiles), cli.WithEnv(env))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// Without a profile nothing starts, and each profile starts what it is for.
func TestComposeProfiles(t *testing.T) {
	t.Parallel()
	for profile, want := range map[string][]string{
		"": {}, "prod": {"aegis"}, "keys": {"keys"}, "dev": {"aegis-dev", "gitea", "seed"},
	} {
		project := composed(t, []string{profile})
		if got := slices.Sorted(maps.Keys(project.Services)); !slices.Equal(got, want) {
			t.Errorf("%q starts %q", profile, got)
		}
	}
	if both := composed(t, []string{"prod", "monitoring"}); len(both.Services) != 2 {
		t.Errorf("monitoring starts %q", slices.Collect(maps.Keys(both.Services)))
	}
}

// Every Aegis runs as nobody in particular, with nothing but its data to write to.
func TestComposeAegisIsHardened(t *testing.T) {
	t.Parallel()
	project := composed(t, []string{"*"}, "AEGIS_CONFIG=/etc/of/prod")
	for _, name := range []string{"aegis", "aegis-dev", "keys"} {
		s, ok := project.Services[name]
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		hardened(t, s)
		if s.User != "65532:65532" {
			t.Errorf("%s runs as %q", name, s.User)
		}
		for _, volume := range s.Volumes {
			written := !volume.ReadOnly && volume.Target != "/data" && name != "keys"
			if written || !slices.Contains([]string{"/data", "/etc/aegis", "/etc/aegis/policy.yaml", "/run/aegis"}, volume.Target) {
				t.Errorf("%s: volume %+v", name, volume)
			}
		}
	}
	hardened(t, project.Services["prometheus"])
}

func hardened(t *testing.T, s types.ServiceConfig) {
	t.Helper()
	switch {
	case !s.ReadOnly:
		t.Errorf("%s can write its root", s.Name)
	case !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 || s.Privileged:
		t.Errorf("%s has capabilities", s.Name)
	case !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}):
		t.Errorf("%s: %q", s.Name, s.SecurityOpt)
	case s.MemLimit < 256*mebibyte || s.MemLimit > 1024*mebibyte:
		t.Errorf("%s has %d bytes of memory", s.Name, s.MemLimit)
	case s.PidsLimit < 64 || s.PidsLimit > 512:
		t.Errorf("%s has %d processes", s.Name, s.PidsLimit)
	case s.Pid != "" || s.Ipc != "" || s.NetworkMode == "host" || len(s.Devices) > 0:
		t.Errorf("%s shares something of the machine", s.Name)
	}
}

// No secret is a variable's value, and none is in the file: prod has them as files, in a
// folder that it can't write to.
func TestComposeSecretsAreFiles(t *testing.T) {
	t.Parallel()
	project := composed(t, []string{"prod"}, "AEGIS_CONFIG=/etc/of/prod", "GITEA_URL=https://git.example.org")
	s := project.Services["aegis"]
	for name, value := range s.Environment {
		for _, secret := range []string{"TOKEN", "PASSWORD", "SECRET", "API_KEYS"} {
			if strings.Contains(name, secret) && !strings.HasSuffix(name, "_FILE") {
				t.Errorf("%s is %v", name, value)
			}
		}
	}
	if value := s.Environment["GITEA_URL"]; value == nil || *value != "https://git.example.org" {
		t.Errorf("GITEA_URL is %v", value)
	}
	i := slices.IndexFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == "/etc/aegis" })
	if i < 0 || s.Volumes[i].Source != "/etc/of/prod" || !s.Volumes[i].ReadOnly || s.Volumes[i].Type != "bind" || bool(s.Volumes[i].Bind.CreateHostPath) {
		t.Errorf("volumes %+v", s.Volumes)
	}
	if s.Environment["AEGIS_TLS_KEY"] == nil || len(s.Command) > 0 {
		t.Errorf("prod may serve without TLS: %v %q", s.Environment, s.Command)
	}
}

// The admin listener is for the container itself, and what the health check asks.
func TestComposeAdminListenerIsInside(t *testing.T) {
	t.Parallel()
	project := composed(t, []string{"*"})
	for _, name := range []string{"aegis", "aegis-dev"} {
		s := project.Services[name]
		if at := s.Environment["AEGIS_ADMIN_LISTEN"]; at != nil && !netip.MustParseAddrPort(*at).Addr().IsLoopback() {
			t.Errorf("%s has it at %s", name, *at)
		}
		for _, port := range s.Ports {
			if port.Target == 9464 {
				t.Errorf("%s publishes it", name)
			}
		}
		if s.HealthCheck == nil || !slices.Equal(s.HealthCheck.Test, []string{"CMD", "/aegis", "health"}) {
			t.Errorf("%s: health check %+v", name, s.HealthCheck)
		}
		if s.StopGracePeriod == nil || s.StopGracePeriod.String() != "20s" {
			t.Errorf("%s is killed after %v", name, s.StopGracePeriod)
		}
	}
	if p := project.Services["prometheus"]; p.NetworkMode != "service:aegis" || len(p.Ports) > 0 {
		t.Errorf("Prometheus is in %q", p.NetworkMode)
	}
	if k := project.Services["keys"]; k.NetworkMode != "none" {
		t.Errorf("who changes keys reaches others: %q", k.NetworkMode)
	}
}

// What everybody knows the passwords of is published on loopback alone.
func TestComposeDevIsForThisMachine(t *testing.T) {
	t.Parallel()
	for name, s := range composed(t, []string{"dev"}).Services {
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s is published at %q", name, port.HostIP)
			}
		}
		if _, ok := s.Networks["dev"]; !ok || len(s.Networks) != 1 {
			t.Errorf("%s is in %v", name, s.Networks)
		}
	}
	s := composed(t, []string{"dev"}).Services
	if s["gitea"].Image != "gitea/gitea:1.26.0" || s["seed"].Image != s["gitea"].Image {
		t.Errorf("Gitea is %s and %s", s["gitea"].Image, s["seed"].Image)
	}
	other := composed(t, []string{"dev"}, "GITEA_IMAGE=registry.example.org/gitea:1.26.0").Services["gitea"].Image
	if other != "registry.example.org/gitea:1.26.0" {
		t.Errorf("Gitea is %s", other)
	}
	if after := s["aegis-dev"].DependsOn["seed"].Condition; after != "service_completed_successfully" {
		t.Errorf("aegis-dev starts when the seed is %q", after)
	}
}

// A key that is misspelt is an error of the loader, so the tests above see every key.
func TestComposeIsReadStrictly(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "compose.yaml")
	write(t, file, strings.Replace(read(t, "compose.yaml"), "read_only: true", "readonly: true", 1))
	options, err := cli.NewProjectOptions([]string{file}, cli.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := options.LoadProject(t.Context()); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("a misspelt key: %v", err)
	}
}
