// Package state keeps in one file what a server must know again after it has ended in
// whatever way: what each caller was shown.
//
// What was saved is on disk, and stays there when the process is killed. One process
// has the file at a time. A file that can't be opened or written is an error of every
// Load and Save, until it can; what rests on it is refused for so long.
package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Examine says why nothing could be kept in a file of that name: others could change it, or
// put another one in its place. It opens and changes nothing.
func Examine(name string) error { return private(name) }

// ErrInUse is the error of a file that another process has.
var ErrInUse = errors.New("another process has this file open")

// lockTimeout is how long another process is waited for: one that ends.
const lockTimeout = time.Second

// retryAfter is how long a file that could not be opened is left alone.
const retryAfter = time.Second

// format is what the file says of itself. One that says something else is refused.
var (
	about   = []byte("about")
	format  = []byte("format")
	checked = []byte("checked")
	marks   = []byte("marks")
	first   = []byte("aegis state 1")
)

// File is an open state file. It is safe for concurrent use.
type File struct {
	name string

	mu    sync.Mutex
	db    *bbolt.DB   // nil while it can't be opened
	info  os.FileInfo // of the open file
	why   error       // that it can't
	tried time.Time
	over  bool
}

// Open opens a state file, and makes it, with its folder, if there is none. Its one
// error is [ErrInUse]: what else is wrong is an error of what is asked of the file, and
// told by [File.Err].
func Open(name string) (*File, error) {
	f := &File{name: name}
	if _, err := f.opened(); errors.Is(err, ErrInUse) {
		return nil, fmt.Errorf("%s: %w", name, ErrInUse)
	}
	return f, nil
}

// Err says what keeps the file from being read or written, nil if nothing does.
func (f *File) Err() error {
	_, err := f.opened()
	return err
}

// Load returns what was saved last of a caller, nil if nothing was.
func (f *File) Load(id string) (saved []byte, err error) {
	db, err := f.opened()
	if err != nil {
		return nil, err
	}
	err = contain(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			saved = bytes.Clone(tx.Bucket(marks).Get([]byte(id)))
			return nil
		})
	})
	return saved, err
}

// Save returns once what is to be kept of a caller is on disk.
func (f *File) Save(id string, value []byte) error {
	db, err := f.opened()
	if err != nil {
		return err
	}
	return contain(func() error {
		return db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(marks).Put([]byte(id), value) })
	})
}

// Check finds out whether the file can be written, by writing to it.
func (f *File) Check() error {
	db, err := f.opened()
	if err != nil {
		return err
	}
	return contain(func() error {
		return db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(about).Put(checked, format) })
	})
}

// contain makes an error of a panic, which is what the library has for a damaged file.
func contain(step func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the state file is damaged: %v", p)
		}
	}()
	return step()
}

// Close gives the file up.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
	if f.db == nil {
		return nil
	}
	return f.db.Close()
}

// opened returns the open file, or tries to open it.
func (f *File) opened() (*bbolt.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.over:
		return nil, errors.New("the state file is closed")
	case f.db != nil:
		return f.db, f.inPlace()
	case f.why != nil && time.Since(f.tried) < retryAfter:
		return nil, f.why
	}
	f.db, f.info, f.why = open(f.name)
	f.tried = time.Now()
	return f.db, f.why
}

// inPlace says that the open file is not the one that a next process would find.
func (f *File) inPlace() error {
	if at, err := os.Stat(f.name); err != nil || !os.SameFile(at, f.info) {
		return errors.New("the state file was taken away or exchanged while it was in use: put it back, or restart and begin without it")
	}
	return nil
}

func open(name string) (db *bbolt.DB, info os.FileInfo, err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, nil, err
	}
	if err := private(name); err != nil {
		return nil, nil, err
	}
	openFile := func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag, mode)
		if err != nil {
			return nil, err
		}
		if info, err = f.Stat(); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
	err = contain(func() (err error) {
		db, err = bbolt.Open(name, 0o600, &bbolt.Options{Timeout: lockTimeout, OpenFile: openFile})
		return err
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, nil, ErrInUse
	case err != nil:
		return nil, nil, err
	}
	if err = contain(func() error { return db.Update(prepare) }); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, info, nil
}

// prepare makes a new file ours, and refuses one that is not.
func prepare(tx *bbolt.Tx) error {
	if tx.Bucket(about) == nil {
		if name, _ := tx.Cursor().First(); name != nil {
			return errors.New("this is no state file of Aegis")
		}
	}
	bucket, err := tx.CreateBucketIfNotExists(about)
	if err != nil {
		return err
	}
	if said := bucket.Get(format); said == nil {
		err = bucket.Put(format, first)
	} else if !bytes.Equal(said, first) {
		err = fmt.Errorf("this state file is of another version: %.40q", said)
	}
	if err == nil {
		_, err = tx.CreateBucketIfNotExists(marks)
	}
	return err
}
