package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MaxApproval bounds a text that is kept of what a human approved, in bytes.
const MaxApproval = 64 << 10

const (
	approvalSuffix = ".txt"
	partSuffix     = ".part" // of one that is being written
)

// KeepApproval keeps the text that a human has approved for a call, scrubbed, where
// [Options.KeepApprovals] says so: in LOG.approvals/CALL.txt, byte by byte what shown_sha256
// is of. It returns once that is on disk. Every failure is an [ErrUnavailable]: what was
// approved must not happen then. A text of the same call is never replaced.
func (l *Log) KeepApproval(call, text string) error {
	if !l.keepApprovals {
		return nil
	}
	if len(text) > MaxApproval || !isPlainName(call) {
		return broken("what was approved can't be kept", fmt.Errorf("it is longer than %d bytes, or of a call without an id", MaxApproval))
	}
	if err := l.writeApproval(call, text); err != nil {
		return broken("what was approved can't be kept in "+l.files.approvals, err)
	}
	return nil
}

func (l *Log) writeApproval(call, text string) error {
	folder := l.files.approvals
	if err := os.Mkdir(folder, 0o700); err == nil {
		syncFolder(l.files.folder)
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("it is not a folder")
	}
	if err := judgeFolder(folder, info); err != nil {
		return err
	}
	part := filepath.Join(folder, call+partSuffix) // half a text is none
	f, err := openNoFollow(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, l.sync(f), f.Close()); err == nil {
		err = moveTo(part, filepath.Join(folder, call+approvalSuffix))
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	syncFolder(folder)
	return nil
}

// dropApprovals deletes the texts that are older than what is left of the log: they go
// with the entries of their time, and no sooner.
func (l *Log) dropApprovals() {
	oldest := l.first
	if parts, err := archivesOf(l.files.log); err != nil {
		return
	} else if len(parts) > 0 {
		if oldest, err = parts[0].beginning(); err != nil {
			return
		}
	}
	begins, err := time.Parse(timeLayout, oldest.time)
	if err != nil {
		return
	}
	names, err := os.ReadDir(l.files.approvals)
	if err != nil {
		return // there are none
	}
	for _, entry := range names {
		info, err := entry.Info()
		ours := strings.HasSuffix(entry.Name(), approvalSuffix) || strings.HasSuffix(entry.Name(), partSuffix)
		if ours && err == nil && info.Mode().IsRegular() && info.ModTime().Before(begins) {
			_ = os.Remove(filepath.Join(l.files.approvals, entry.Name())) // at the next rotation, else
		}
	}
}

// isPlainName reports whether a call's id can be a file's name on any machine.
func isPlainName(s string) bool {
	return s != "" && len(s) <= 100 && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}
