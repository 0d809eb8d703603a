package audit

import (
	"context"
	"errors"
	"io/fs"
)

// ErrUnavailable is what every failure of [Log.Append] is: the entry is not
// known to be on disk, so what it records must not happen.
var ErrUnavailable = errors.New("the audit log is unavailable")

// unavailable is one such failure. Its text names files and the operator's
// remedy; it is for the operator, not for a client.
type unavailable struct {
	what string // a clause
	fix  string // an imperative
	err  error  // may be nil
}

func (u *unavailable) Error() string {
	text := ErrUnavailable.Error() + ": " + u.what
	if u.err != nil {
		text += ": " + u.err.Error()
	}
	return text + " (" + u.fix + ")"
}

func (u *unavailable) Unwrap() []error { return []error{ErrUnavailable, u.err} }

const restartHint = "see `aegis audit verify`, and `aegis audit show` for what is still there; `aegis audit restart` sets it aside, to be kept, and begins a new one that is chained on"

// tampered is the failure of a log that is not what its head or its chain says.
func tampered(what string) error {
	return &unavailable{what: what, fix: restartHint}
}

// broken is the failure of an operation on one of the log's files.
func broken(what string, err error) error {
	fix := "check that the log's folder is there, on a disk that works, and writable"
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		fix = "the call ended before its entry could be written"
	case isFull(err):
		fix = "free some space, or raise the limit on the size of files; the log goes on by itself then"
	case errors.Is(err, fs.ErrPermission):
		fix = "make the log and the files beside it writable for this user, and for no other"
	}
	return &unavailable{what: what, fix: fix, err: err}
}
