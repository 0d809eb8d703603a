// Package audit keeps the log without which Aegis does nothing.
//
// The log is one file of JSON lines, shared by all sessions of a user. Each
// entry carries the hash of the one before it and, last, the hash of its own
// stored bytes, so that no byte of a past entry can change, and no entry vanish
// from the middle, without every later hash saying so. What a chain can't show,
// that its end was cut off, shows against the head beside it.
//
// [Log.Append] either has put an entry on disk, on the one chain, or fails with
// [ErrUnavailable], and then the call it stands for must not happen. Before it
// writes, it holds the true end of the file against the head, against what this
// process saw there last, and what lies beyond against the chain. A log that
// does not fit is never written to, truncated or repaired. What an interrupted
// write leaves does not count as that: it stays where it is, and a recovery
// entry names it.
//
// [Verify] reads all of it. It finds every change but one: someone who rewrites
// log, head and key together. Only a position noted elsewhere shows that.
package audit

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"aegis/internal/metrics"
)

// Log is an open audit log. It may be used by several goroutines, and its file
// by several processes, at once.
type Log struct {
	files         files
	key           []byte
	lockTimeout   time.Duration
	now           func() time.Time
	maxSize       int64 // bytes of a file that is rotated; none if below 0
	keep          time.Duration
	keepApprovals bool
	tell          func(error)
	interrupted   func()               // in tests alone: called wherever a power cut may come
	sync          func(*os.File) error // (*os.File).Sync but in tests

	observer *metrics.Observer
	appended atomic.Int64 // entries of this process

	queue queue // of entries that wait for an append

	turn chan struct{} // one append at a time; guards what follows

	file    *os.File  // nil until the log exists
	first   beginning // of that file
	closed  bool
	rotated bool      // since files were compressed last
	retryAt time.Time // no rotation is tried before
	before  position  // before the entry this process appended last
	seen    position  // after it; start if there is none
	line    []byte    // reused
	reader  *bufio.Reader

	packer      packer
	checkpoints checkpoints
}

// Append puts e on disk: it takes the lock, waiting no longer than the lock
// timeout, reads what was appended since, and holds it against the head. It writes one
// line, or with it those of others who wait in this process, syncs, and replaces the
// head. It returns nil only if all of that was done. Every other outcome is an
// [ErrUnavailable] whose text says what is wrong and how to put it right. After a failure the entry may or may not be in
// the log, and the log is as usable as before.
func (l *Log) Append(ctx context.Context, e Entry) (err error) {
	defer func() { l.observer.Appended(err) }()
	if err := e.check(); err != nil {
		return &unavailable{what: "the entry is not one", fix: "this is a defect of Aegis", err: err}
	}
	return l.together(ctx, &e)
}

// acquire takes the lock, and gives back the turn, which this goroutine has, if it fails.
func (l *Log) acquire(ctx context.Context) (release func(), err error) {
	err = fs.ErrClosed
	if !l.closed {
		ctx, cancel := context.WithTimeoutCause(ctx, l.lockTimeout, errLocked)
		defer cancel()
		lock, lockErr := lock(ctx, l.files.lock)
		if err = lockErr; err == nil {
			return func() {
				_ = lock.Unlock()
				<-l.turn
			}, nil
		}
	}
	<-l.turn
	return nil, l.notAcquired(ctx, err)
}

// takeTurn waits for this process' turn, or until somebody else has had w appended. It
// waits as long as the log goes on: many calls at once on a slow disk are no lock that
// somebody holds. It gives up when nothing was appended for as long as the lock is
// waited for.
func (l *Log) takeTurn(ctx context.Context, w *waiting) (ours bool, err error) {
	patience := time.NewTimer(l.lockTimeout)
	defer patience.Stop()
	for {
		appended := l.appended.Load()
		select {
		case l.turn <- struct{}{}:
			return true, nil
		case <-w.told:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		case <-patience.C:
			if l.appended.Load() == appended {
				return false, errLocked
			}
			patience.Reset(l.lockTimeout)
		}
	}
}

func (l *Log) notAcquired(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, errLocked) && ctx.Err() == nil:
		return &unavailable{
			what: fmt.Sprintf("its lock %s was held by somebody else for %s", l.files.lock, l.lockTimeout),
			fix:  "find who holds it, for instance with `fuser`; the log goes on by itself once it is released",
			err:  errLocked,
		}
	case errors.Is(err, fs.ErrClosed):
		return &unavailable{what: "it was closed", fix: "start a new session", err: err}
	}
	return broken("its lock can't be taken", err)
}

// ArgsHMAC returns the HMAC-SHA256 of a call's arguments under the log's key, in
// hex: equal arguments can be recognised, and nobody without the key can guess.
func (l *Log) ArgsHMAC(args []byte) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(args)
	return hex.EncodeToString(mac.Sum(nil))
}

// Path returns the path of the log's file, absolute and with links resolved.
func (l *Log) Path() string { return l.files.log }

// Close waits for an append under way and closes the file, and for checkpoints that are
// being published. Appending to a closed log fails.
func (l *Log) Close() error {
	l.packer.stop()
	l.turn <- struct{}{}
	l.closed = true
	err := l.closeFile()
	<-l.turn
	l.checkpoints.wait()
	return err
}

func (l *Log) closeFile() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
