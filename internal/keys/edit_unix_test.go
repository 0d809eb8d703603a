//go:build unix

package keys

import (
	"os"
	"syscall"
	"testing"
)

// Who may read the file stays: a server may do so by the file's group.
func TestAChangeKeepsWhoMayRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(Key{Name: "one"})
	group := os.Getegid()
	if os.Geteuid() == 0 {
		group = 65532
	} else if all, _ := os.Getgroups(); len(all) > 0 {
		group = all[len(all)-1]
	}
	if err := os.Chown(d.file, -1, group); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(d.file, 0o640); err != nil {
		t.Fatal(err)
	}
	d.add(Key{Name: "two"})
	info, err := os.Stat(d.file)
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); info.Mode().Perm() != 0o640 || int(stat.Gid) != group || int(stat.Uid) != os.Geteuid() {
		t.Errorf("%v, of group %d", info.Mode(), stat.Gid)
	}
}
