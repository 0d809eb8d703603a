package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// CheckpointOptions say when a log makes checkpoints on its own, and who gets them. The
// zero CheckpointOptions are good.
type CheckpointOptions struct {
	Every   int64               // entries; 0 means 1,000
	Time    time.Duration       // of activity; 0 means an hour
	Key     string              // file of the key; "" is beside the log
	KeyMade func(public string) // is told the file that has the public half of a new key
	Publish func(context.Context, Checkpoint) error
}

// checkpoints are those that a log makes on its own. All but what is behind mu is guarded
// by the log's turn.
type checkpoints struct {
	options CheckpointOptions
	signer  note.Signer
	retryAt time.Time // no key is looked for before, after one that can't be had
	last    int64     // what the last one is of, as far as this process knows
	made    time.Time // when that was; zero if this process has not appended yet

	ready []Checkpoint // to be published

	publisher publisher
}

// retryKey is how long after a key could not be had it is tried again.
const retryKey = time.Minute

// see takes note of checkpoints that others have made.
func (c *checkpoints) see(l *line) {
	if l.kind == KindCheckpoint {
		c.last, c.made = l.seq, parseTime(l.time)
	}
}

// addCheckpoint adds a checkpoint to a composition, if one is due. The first makes the
// key. That it can't be signed stops nothing.
func (l *Log) addCheckpoint(c *composition, all []*waiting) {
	k := &l.checkpoints
	if k.made.IsZero() {
		k.made = c.now
		if l.hasSigner() { // what others signed before is not known, and not read for it
			k.last = c.at.seq
		}
	}
	if c.at.seq-k.last < k.options.every() && c.now.Sub(k.made) < k.options.time() && !l.signsAtEnd(all) {
		return
	}
	if now := time.Now(); k.signer == nil && !now.Before(k.retryAt) {
		k.retryAt = now.Add(retryKey)
		if err := l.haveSigner(false); err != nil {
			l.tell(fmt.Errorf("checkpoints can't be made: %w", err))
		}
	}
	if k.signer == nil {
		return
	}
	if _, err := l.signAt(c, all[0].entry, k.signer); err != nil {
		l.tell(fmt.Errorf("a checkpoint could not be made: %w", err))
	}
}

// signsAtEnd reports whether a session ends, and its end is signed. A short log whose
// checkpoints go nowhere has no key yet: beside the log alone they would show nothing.
func (l *Log) signsAtEnd(all []*waiting) bool {
	ends := slices.ContainsFunc(all, func(w *waiting) bool { return w.err == nil && w.entry.Kind == KindSessionEnd })
	return ends && (l.checkpoints.options.Publish != nil || l.hasSigner())
}

func (l *Log) hasSigner() bool {
	_, err := os.Lstat(l.signerFile())
	return !errors.Is(err, fs.ErrNotExist)
}

// haveSigner loads the key, or makes it if there is none or another is asked for.
func (l *Log) haveSigner(renew bool) error {
	k := &l.checkpoints
	signer, err := loadSigner(l.signerFile())
	if err != nil && !renew {
		return err
	}
	if signer == nil || renew {
		if signer, err = makeSigner(l.signerFile(), l.files.verifiers); err != nil {
			return fmt.Errorf("the key can't be made: %w", err)
		}
		if k.options.KeyMade != nil {
			k.options.KeyMade(l.files.verifiers)
		}
	}
	k.signer = signer
	return nil
}

func (o CheckpointOptions) every() int64 {
	if o.Every <= 0 {
		return 1000
	}
	return o.Every
}

func (o CheckpointOptions) time() time.Duration {
	if o.Time <= 0 {
		return time.Hour
	}
	return o.Time
}

// signAt adds a checkpoint of where a composition has come to.
func (l *Log) signAt(c *composition, by *Entry, signer note.Signer) (Checkpoint, error) {
	now := l.now()
	made, err := signCheckpoint(signer, c.at, now)
	if err == nil {
		err = c.add(&Entry{Kind: KindCheckpoint, Session: by.Session, Principal: by.Principal, checkpoint: made.Note})
	}
	if err != nil {
		return made, err
	}
	k := &l.checkpoints
	k.last, k.made = c.at.seq, now
	k.ready = append(k.ready, made)
	return made, nil
}

func (l *Log) signerFile() string {
	if l.checkpoints.options.Key != "" {
		return l.checkpoints.options.Key
	}
	return l.files.signer
}

// Checkpoint makes a checkpoint now, as an entry of the log, and returns it. The first
// makes the key, and renew makes another.
func (l *Log) Checkpoint(ctx context.Context, by Entry, renew bool) (made Checkpoint, err error) {
	release, err := l.take(ctx)
	if err != nil {
		return made, err
	}
	defer release()
	end, err := l.readEnd(ctx)
	if err != nil {
		return made, err
	}
	if end.at == start {
		return made, fmt.Errorf("the log has no entry yet: there is nothing to make a checkpoint of")
	}
	if err := l.haveSigner(renew); err != nil {
		return made, err
	}
	c, err := l.compositionAt(end, &by)
	if err == nil {
		made, err = l.signAt(c, &by, l.checkpoints.signer)
	}
	if err == nil {
		err = l.store(c.before, c.at)
	}
	if err != nil {
		l.checkpoints.ready = nil
		return Checkpoint{}, err
	}
	l.checkpoints.publish(l.tell)
	return made, nil
}
