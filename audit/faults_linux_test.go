package audit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fault is a system call that fails while a process appends, as it does on a disk that is
// full, broken or mounted read-only meanwhile, or on one of a network.
type fault struct {
	name  string
	calls []int // all of them fail
	errno unix.Errno
	ofLog bool // only where they are about the log's file
	says  string
}

var faults = []fault{
	{"the lock can't be taken, as over NFS", []int{unix.SYS_FLOCK}, unix.ENOLCK, false, "its lock can't be taken"},
	{"locks are not supported", []int{unix.SYS_FLOCK}, unix.EOPNOTSUPP, false, "its lock can't be taken"},
	{"the disk is full", []int{unix.SYS_WRITE}, unix.ENOSPC, true, "free some space"},
	{"the quota is used up", []int{unix.SYS_WRITE}, unix.EDQUOT, true, "free some space"},
	{"the disk is read-only now", []int{unix.SYS_WRITE}, unix.EROFS, true, "could not be written"},
	{"the disk is broken", []int{unix.SYS_WRITE}, unix.EIO, true, "could not be written"},
	{"what was written does not get onto the disk", []int{unix.SYS_FSYNC, unix.SYS_FDATASYNC}, unix.EIO, false, "could not be synced to disk"},
	{"the disk is full for the head", []int{unix.SYS_PWRITE64}, unix.ENOSPC, false, "the head could not be replaced"},
	{"the head can't be renamed", []int{unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2}, unix.EROFS, false, "the head could not be replaced"},
	{"files can't be opened", []int{unix.SYS_OPENAT}, unix.EROFS, false, "is"},
	{"there are too many open files", []int{unix.SYS_OPENAT}, unix.EMFILE, false, "is"},
	{"the log can't be read", []int{unix.SYS_PREAD64}, unix.ESTALE, false, "can't be"},
}

const faultVariable = "AUDIT_TEST_FAULT"

func init() {
	roles["append until a call fails"] = func(l *Log, count int) error {
		n, err := strconv.Atoi(os.Getenv(faultVariable))
		if err != nil {
			return err
		}
		l.maxSize = int64(count)
		for range 3 {
			if err := l.Append(ctx, sample()); err != nil {
				return err
			}
		}
		l.lockTimeout = time.Second
		if err := faults[n].happen(int(l.file.Fd())); err != nil {
			fmt.Println("no filter:", err)
			return nil
		}
		for range 2 {
			fmt.Printf("%v %v\n", errors.Is(l.Append(ctx, sample()), ErrUnavailable), l.Append(ctx, sample()))
		}
		return nil
	}
}

// happen makes the calls fail in this process from now on, by a filter of the kernel's.
func (f fault) happen(log int) error {
	const (
		load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equals = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		answer = unix.BPF_RET | unix.BPF_K
	)
	var program []unix.SockFilter
	for _, call := range f.calls {
		one := []unix.SockFilter{{Code: load, K: 0}, {Code: equals, K: uint32(call), Jf: 1}}
		if f.ofLog {
			one = []unix.SockFilter{{Code: load, K: 0}, {Code: equals, K: uint32(call), Jf: 3}, {Code: load, K: 16}, {Code: equals, K: uint32(log), Jf: 1}}
		}
		program = append(append(program, one...), unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(f.errno)})
	}
	program = append(program, unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW})
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		return errno
	}
	return nil
}

// Whatever fails under a process that appends, also where it is to rotate: the call is
// denied, what is on the disk is one chain, and without the fault the log goes on.
func TestFaultsUnderASession(t *testing.T) {
	t.Parallel()
	for n, f := range faults {
		for name, maxSize := range map[string]int{"appending": 1 << 20, "rotating": 1} {
			t.Run(f.name+", "+name, func(t *testing.T) {
				t.Parallel()
				path := newPath(t)
				child := exec.CommandContext(t.Context(), os.Args[0], path, strconv.Itoa(maxSize))
				child.Env = append(os.Environ(), roleVariable+"=append until a call fails", fmt.Sprintf("%s=%d", faultVariable, n))
				out, err := child.CombinedOutput()
				if err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if strings.Contains(string(out), "no filter") {
					t.Skipf("no call can be made to fail here: %s", out)
				}
				for said := range strings.Lines(string(out)) {
					if !strings.HasPrefix(said, "true the audit log is unavailable: ") || maxSize > 1 && !strings.Contains(said, f.says) {
						t.Errorf("Append: %s", said)
					}
				}
				good(t, path)
				independently(t, path, "", true)
				l := small(t, path, Options{MaxSize: -1, Now: time.Now})
				appendTo(t, l)
				if r := good(t, path); r.Entries < 4 {
					t.Errorf("%+v", r)
				}
			})
		}
	}
}
