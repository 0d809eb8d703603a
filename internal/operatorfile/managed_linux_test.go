package operatorfile

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// accessList is a POSIX list of access by which one more user may read and write.
func accessList(user uint32) []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2) // its version
	for _, entry := range []struct {
		tag, rights uint16
		id          uint32
	}{{0x01, 6, ^uint32(0)}, {0x02, 7, user}, {0x04, 4, ^uint32(0)}, {0x10, 7, ^uint32(0)}, {0x20, 4, ^uint32(0)}} {
		list = binary.LittleEndian.AppendUint16(list, entry.tag)
		list = binary.LittleEndian.AppendUint16(list, entry.rights)
		list = binary.LittleEndian.AppendUint32(list, entry.id)
	}
	return list
}

// Who may write by a list of access is somebody else, too.
func TestListsOfAccessAreJudged(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root has files that belong to root")
	}
	for _, changed := range []string{"a/b/file", "a/b", "a"} {
		p := newPlace(t)
		if err := unix.Setxattr(p.at(changed), "system.posix_acl_access", accessList(4242), 0); err != nil {
			t.Skipf("this file system has no lists of access: %v", err)
		}
		if f, err := ReadManaged(p.at("a/b/file"), 100); err == nil || f.Raw != nil || !strings.Contains(err.Error(), "group-writable") {
			t.Errorf("%s: %q, %v", changed, f.Raw, err)
		}
		if f, err := Read(p.at("a/b/file"), 100); err != nil || len(f.Warnings) != 1 {
			t.Errorf("%s: %q, %v", changed, f.Warnings, err)
		}
	}
}
