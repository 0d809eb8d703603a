package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"aegis/internal/operatorfile"
)

// Floor is the policy that a machine's administrator keeps below everybody's. It narrows
// every other and opens nothing. Nobody but the administrator may be able to change its
// file, or a folder on the way; else, or if it does not load, nothing is allowed until it
// does. Where there is no file there is no floor. One that was in force and is taken
// away holds until the process ends.
//
// A nil Floor is none. It is safe for concurrent use.
type Floor struct {
	file string
	now  func() time.Time

	mu      sync.Mutex
	current *Policy // nil for none
	broken  error
	seen    string // what the last look found: a digest, or an error's text
	news    *Change
	read    operatorfile.Reading
}

// NewFloor makes the floor of a file, none for "". It never fails: what is wrong with the
// file is told by [Floor.Current].
func NewFloor(file string) (*Floor, []Warning) {
	if file == "" {
		return nil, nil
	}
	f := &Floor{file: file, now: time.Now}
	f.look()
	var warnings []Warning
	if f.news != nil && f.news.Loaded { // it is what the process begins with, and no change
		warnings, f.news = f.news.Warnings, nil
	}
	return f, warnings
}

// Current returns the floor as it is now, nil for none. The error says why nothing may be
// allowed. The change is nil but once for each change and each new failure.
func (f *Floor) Current() (*Policy, *Change, error) {
	if f == nil {
		return nil, nil, nil
	}
	p, err := f.Holds()
	f.mu.Lock()
	defer f.mu.Unlock()
	news := f.news
	f.news = nil
	return p, news, err
}

// Holds is Current without the change, which is still to be told.
func (f *Floor) Holds() (*Policy, error) {
	if f == nil {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look()
	if f.broken != nil {
		return nil, f.broken
	}
	return f.current, nil
}

// OnFloor narrows a policy by a floor, nil for none. One that is the same text adds nothing.
func OnFloor(p, floor *Policy) *Policy {
	if floor == nil || floor.digest == p.digest {
		return p
	}
	return p.NarrowedBy(floor)
}

// File is where the floor is looked for, "" for nowhere.
func (f *Floor) File() string {
	if f == nil {
		return ""
	}
	return f.file
}

// look reads the file if it has changed.
func (f *Floor) look() {
	if f.read.Holds(f.file, f.now()) {
		return
	}
	there, err := isThere(f.file)
	if !there && err == nil {
		f.gone()
		return
	}
	var (
		p        *Policy
		warnings []Warning
	)
	f.read = operatorfile.Reading{At: f.now()}
	if there {
		p, warnings, f.read.Info, err = loadFloor(f.file)
	}
	if err != nil {
		f.broken = fmt.Errorf("the managed floor %s: %w", f.file, err)
		if text := f.broken.Error(); text != f.seen {
			f.seen, f.news = text, &Change{Err: f.broken}
		}
		return
	}
	f.broken = nil
	if p.digest != f.seen {
		f.current, f.seen, f.news = p, p.digest, &Change{Loaded: true, SHA256: p.digest, Warnings: warnings}
	}
}

// gone is a look that found no file.
func (f *Floor) gone() {
	f.broken, f.read = nil, operatorfile.Reading{}
	if f.current == nil || f.seen == "gone" {
		f.seen = ""
		return
	}
	f.seen = "gone"
	f.news = &Change{SHA256: f.current.digest, Err: fmt.Errorf("the managed floor %s is gone, and holds until this process ends", f.file)}
}

// isThere reports whether there is such a file, or something in its place. The error says
// why that can't be known: its folder is there, and somebody else could have taken the
// file out of it.
func isThere(file string) (bool, error) {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	folder := filepath.Dir(file)
	if _, err := os.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err := operatorfile.JudgeManagedFolder(folder); err != nil {
		return false, fmt.Errorf("it is not there, and somebody else may have removed it: %w", err)
	}
	return false, nil
}

// loadFloor loads a floor. Its rules are named after it, so that they are told from those
// of another file of the same name.
func loadFloor(file string) (*Policy, []Warning, fs.FileInfo, error) {
	read, err := operatorfile.ReadManaged(file, maxFile)
	if err != nil {
		return nil, nil, read.Info, err
	}
	p, warnings, err := Parse(file, read.Raw)
	if err != nil {
		return nil, nil, read.Info, err
	}
	p.base = "floor " + p.base
	if p.sections.personal {
		warnings = append(warnings, Warning{Problem{File: p.base, Message: "sections for some principals bind nobody who gives the names: " +
			"whoever runs a server names its keys, and whoever writes jobs names them; what is to bind everybody goes into sections for everybody"}})
	}
	return p, warnings, read.Info, nil
}
