package operatorfile

import (
	"io/fs"
	"os"
	"time"
)

// Reading is when a file was read last, and what its stat was then. The zero Reading
// is of nothing.
type Reading struct {
	Info fs.FileInfo // nil forces a read
	At   time.Time
}

const (
	// racy is how long after its last change a file may be changed again
	// without a new time stamp, on the coarsest file systems.
	racy = 2 * time.Second
	// Reread is how long a file is believed to be unchanged because its
	// stat is. It bounds what a rewrite with forged time stamps can hide.
	Reread = 5 * time.Second
)

// Holds reports whether the file needs no reading: its stat is that of the
// last reading, which was recent and not within the file system's resolution
// of the file's last change.
func (r Reading) Holds(name string, now time.Time) bool {
	info, err := os.Stat(name)
	if err != nil || r.Info == nil {
		return false
	}
	age := now.Sub(r.At)
	return 0 <= age && age < Reread &&
		r.At.Sub(info.ModTime()) > racy &&
		os.SameFile(info, r.Info) &&
		info.Size() == r.Info.Size() &&
		info.Mode() == r.Info.Mode() &&
		info.ModTime().Equal(r.Info.ModTime())
}
