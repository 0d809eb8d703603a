package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A service whose configuration is its own, in the place of the machine's floor: in a
// container, or by a unit. Where it could write there it is no floor, and everything is
// denied, with what to do. On a read-only mount, as deploy/ has it, it counts.
func TestTheFloorOfAServiceIsMountedReadOnly(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: only root can give files to another user, and mount")
	}
	for _, program := range []string{"unshare", "setpriv", "mount"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT RUN: there is no %s", program)
		}
	}
	const service = 65532
	folder := t.TempDir()
	raw, err := os.ReadFile(aegis(t))
	for _, each := range []string{folder, filepath.Dir(folder)} { // the service has to come in
		if err == nil {
			err = os.Chmod(each, 0o755)
		}
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "aegis"), raw, 0o755)
	}
	for _, name := range []string{"floor", "data"} {
		if err == nil {
			err = os.Mkdir(filepath.Join(folder, name), 0o700)
		}
		if err == nil && name == "floor" {
			err = os.WriteFile(filepath.Join(folder, name, "policy.yaml"), []byte("version: 1\n"), 0o400)
			if err == nil {
				err = os.Chown(filepath.Join(folder, name, "policy.yaml"), service, service)
			}
		}
		if err == nil {
			err = os.Chown(filepath.Join(folder, name), service, service)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	status := func(mount string) (string, int) {
		c := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c", mount+"exec setpriv --reuid 65532 --regid 65532 --clear-groups ./aegis status --policy floor/policy.yaml")
		c.Dir, c.Env = folder, append(os.Environ(), "HOME="+filepath.Join(folder, "data"), "GITEA_URL=https://git.example.org")
		out, _ := c.CombinedOutput()
		return string(out), c.ProcessState.ExitCode()
	}
	said, code := status("")
	if strings.Contains(said, "Operation not permitted") || strings.Contains(said, "ermission denied\n") && code > 1 {
		t.Skipf("NOT RUN: no mount of its own can be made here: %s", said)
	}
	if code != 1 || !strings.Contains(said, "lacks         floor: ") || !strings.Contains(said, "or mount it read-only where this runs") {
		t.Errorf("where it can write: exit status %d\n%s", code, said)
	}
	said, code = status("mount --bind floor floor && mount -o remount,bind,ro floor && ")
	if code != 0 || !strings.Contains(said, "ready         yes") || strings.Contains(said, "policy.yaml, none") {
		t.Errorf("where it can't: exit status %d\n%s", code, said)
	}
}
