package cli

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"syscall"
	"testing"
)

// A variable makes nobody another user: rules may name who asks.
func TestNobodySaysWhoTheyAreByAVariable(t *testing.T) {
	t.Parallel()
	const nobody = 54321
	if os.Getenv("CLI_TEST_WHO") != "" {
		fmt.Println(principal())
		return
	}
	if _, err := user.LookupId(fmt.Sprint(nobody)); err == nil {
		t.Skip("there is such a user")
	}
	child := exec.Command(os.Args[0], "-test.run=^TestNobodySaysWhoTheyAreByAVariable$")
	child.Env = []string{"CLI_TEST_WHO=1", "USER=alice", "LOGNAME=alice", "HOME=" + t.TempDir()}
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}},
	}
	out, err := child.Output()
	if len(out) == 0 {
		t.Skipf("no process can be another user here: %v", err)
	}
	if said, _, _ := strings.Cut(string(out), "\n"); said != "uid 54321" {
		t.Errorf("it is %q", said)
	}
	if me, err := user.LookupId(fmt.Sprint(os.Getuid())); err == nil && me.Username != principal() {
		t.Errorf("%q is called %q", me.Username, principal())
	}
}
