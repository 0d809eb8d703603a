package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"aegis/internal/metrics"
)

// Options are what of a log may be chosen. The zero Options are good.
type Options struct {
	LockTimeout time.Duration     // how long Append waits for the lock; 0 means 2 s
	Now         func() time.Time  // the clock; nil means time.Now
	Observer    *metrics.Observer // counts entries; nil is nobody
	MaxSize     int64             // bytes from which a file is rotated; 0 means 100 MiB, below 0 none
	Keep        time.Duration     // how long rotated files are kept, at least; 0 keeps them all
	Checkpoints CheckpointOptions
	// KeepApprovals is whether the texts that humans approve are kept, see [Log.KeepApproval].
	KeepApprovals bool
	Logger        func(error) // is told what could not be done and stops nothing; nil is nobody
}

// files are the log's file and those beside it, absolute paths.
type files struct{ folder, log, lock, head, key, next, packing, signer, verifiers, approvals string }

func filesOf(log string) files {
	return files{
		folder: filepath.Dir(log), log: log, lock: log + ".lock", head: log + ".head", key: log + ".key",
		next: log + ".next", packing: log + ".packing",
		signer: log + ".checkpoint.key", verifiers: log + ".checkpoint.pub", approvals: log + ".approvals",
	}
}

// Open opens the log at path for appending. It creates what is not there: the
// folder (0700), the log, LOG.lock, LOG.head and LOG.key (0600). A link is
// followed, and the files lie beside its target.
//
// It fails if there is no way to keep a log there: the path is not a regular
// file, it may not be written, others may write to its folder, the key can't be
// read. A log that is locked, full, or does not match its head opens; its
// [Log.Append] refuses.
func Open(path string, opts Options) (*Log, error) {
	l, err := open(path, opts)
	if err != nil {
		return nil, fmt.Errorf("audit log %s: %w", path, err)
	}
	return l, nil
}

func open(path string, opts Options) (*Log, error) {
	l := &Log{
		lockTimeout:   opts.LockTimeout,
		now:           opts.Now,
		observer:      opts.Observer,
		maxSize:       opts.MaxSize,
		keep:          opts.Keep,
		keepApprovals: opts.KeepApprovals,
		tell:          opts.Logger,
		checkpoints:   checkpoints{options: opts.Checkpoints},
		sync:          (*os.File).Sync,
		turn:          make(chan struct{}, 1),
		before:        start,
		seen:          start,
		reader:        bufio.NewReaderSize(nil, readBuffer),
	}
	if l.lockTimeout <= 0 {
		l.lockTimeout = 2 * time.Second
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.maxSize == 0 {
		l.maxSize = defaultMaxSize
	}
	if l.tell == nil {
		l.tell = func(error) {}
	}
	var err error
	if l.files, err = locate(path); err != nil {
		return nil, err
	}
	for _, file := range []string{l.files.log, l.files.lock, l.files.head, l.files.key} {
		if err := judgeFile(file); err != nil {
			return nil, err
		}
	}
	if err := l.prepare(); err != nil {
		return nil, errors.Join(err, l.closeFile())
	}
	return l, nil
}

// locate makes the folder and finds where the log really lies.
func locate(path string) (files, error) {
	if path == "" {
		return files{}, errors.New("the path is empty")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return files{}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); errors.Is(err, fs.ErrPermission) && os.Geteuid() > 0 {
		return files{}, fmt.Errorf("%w: the folder in which it is to be made has to belong to who runs this (uid %d)", err, os.Geteuid())
	} else if err != nil {
		return files{}, err
	}
	path, err = resolve(path)
	if err != nil {
		return files{}, err
	}
	at := filesOf(path)
	info, err := os.Stat(at.folder)
	if err != nil {
		return files{}, err
	}
	return at, judgeFolder(at.folder, info)
}

// resolve follows links, so that one log has one lock by whatever name it goes.
// The log itself need not exist, but a link to it must lead somewhere.
func resolve(path string) (string, error) {
	path, err := targetOf(path)
	if err != nil {
		return "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// targetOf is where the log lies, beside which the other files are.
func targetOf(path string) (string, error) {
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("it is a link that leads nowhere: %w", err)
	}
	here, err := os.Lstat(filesOf(path).head)
	if there, _ := os.Lstat(filesOf(target).head); err == nil && !(there != nil && os.SameFile(here, there)) {
		return "", fmt.Errorf("a link to %s stands where a log was kept, whose head is still there: put that log back", target)
	}
	return target, nil
}

// judgeFile refuses what is there but not a regular file that is, or can be
// made, this user's alone.
func judgeFile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	}
	return closeToOthers(path, info)
}

// prepare opens the log and loads the key, making both on first use. A log that
// begins gets a head that says so before it gets a key: where a key is without
// a head, the head was removed.
func (l *Log) prepare() error {
	_, err := readHead(l.files.head)
	noHead := errors.Is(err, errNoHead)
	if _, err := os.Lstat(l.files.log); err == nil || noHead {
		if l.file, err = openLog(l.files.log); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.lockTimeout)
	defer cancel()
	lock, err := lock(ctx, l.files.lock)
	switch {
	case err == nil:
		defer lock.Unlock()
		l.begin()
	case !errors.Is(err, errLocked):
		return err
	}
	if l.key, err = loadKey(l.files.key, l.lockTimeout); err != nil {
		return err
	}
	return nil
}

// begin writes the head of a log that never had an entry. If it can't, Append
// will say that there is none.
func (l *Log) begin() {
	_, keyErr := os.Lstat(l.files.key)
	_, headErr := readHead(l.files.head)
	if !errors.Is(keyErr, fs.ErrNotExist) || !errors.Is(headErr, errNoHead) || l.file == nil {
		return
	}
	if info, err := l.file.Stat(); err == nil && info.Size() == 0 {
		_ = writeHead(l.files.head, start)
		syncFolder(l.files.folder)
	}
}

// openLog opens the log's file for reading and appending, and creates it.
func openLog(path string) (*os.File, error) {
	return openNoFollow(path, os.O_RDWR|os.O_APPEND|os.O_CREATE)
}
