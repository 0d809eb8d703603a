package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Write is what a write of a task is known by: its tool and its arguments. The same
// write twice in one task is one.
type Write [sha256.Size]byte

// WriteOf names a write. arguments are the JSON that the tool gets.
func WriteOf(tool string, arguments []byte) Write {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s:", len(tool), tool)
	h.Write(arguments)
	return Write(h.Sum(nil))
}

// Verdict is what is known of a write before it is sent.
type Verdict string

const (
	Send    Verdict = "send"    // it was never sent, or it is known that nothing was written
	Written Verdict = "written" // it was sent, and is there
	Unknown Verdict = "unknown" // it was sent, and nobody knows what came of it
)

// The states of a write.
const (
	sending = 's'
	written = 'w'
	unknown = 'u'
)

// Begin says whether a write of a running task is to be sent. If so, that it is about to
// be is on disk when Begin returns.
func (q *Queue) Begin(id uint64, w Write) (v Verdict, err error) {
	err = q.change(func(b *buckets) error {
		if _, err := b.running(id); err != nil {
			return err
		}
		key := append(idKey(id), w[:]...)
		switch is := b.writes.Get(key); {
		case is == nil:
			v = Send
			return b.writes.Put(key, []byte{sending})
		case is[0] == written:
			v = Written
		default: // what is being sent is not sent again beside
			v = Unknown
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return v, nil
}

// End notes what came of a write: [Written], [Unknown], or [Send] if it is certain that
// nothing was written.
func (q *Queue) End(id uint64, w Write, v Verdict) error {
	return q.change(func(b *buckets) error {
		if _, err := b.running(id); err != nil {
			return err
		}
		key := append(idKey(id), w[:]...)
		if is := b.writes.Get(key); is == nil || is[0] != sending {
			return ErrGone
		}
		switch v {
		case Send:
			return b.writes.Delete(key)
		case Written:
			return b.writes.Put(key, []byte{written})
		}
		return b.writes.Put(key, []byte{unknown})
	})
}

// Recovered is what became of a task that ran when the process ended.
type Recovered struct {
	Task    *Task
	GivenUp bool
}

// Interrupted and OutcomeUnknown are the reasons that Recover gives.
const (
	Interrupted    = "interrupted"
	OutcomeUnknown = "outcome_unknown"
)

// Recover is called once, before anything is claimed: whatever ran then does not run any
// more. A task that was sending a write is given up; another one waits again, unless it
// has begun too often.
func (q *Queue) Recover() (found []Recovered, err error) {
	err = q.change(func(b *buckets) error {
		found = nil
		var ran []*Task
		err := each(b.tasks, func(t *Task) (bool, error) {
			if t.Running {
				ran = append(ran, t)
			}
			return false, nil
		})
		if err != nil {
			return err
		}
		for _, t := range ran {
			cut, err := b.endSending(t.ID)
			if err != nil {
				return err
			}
			r := Recovered{t, cut || t.tooOften()}
			switch {
			case cut:
				err = b.fail(t, OutcomeUnknown, q.now())
			case r.GivenUp:
				err = b.fail(t, Interrupted, q.now())
			default:
				t.Running, t.Reason = false, Interrupted
				err = b.put(t)
			}
			if err != nil {
				return err
			}
			found = append(found, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// endSending makes writes that were being sent unknown ones, and says if there were any.
func (b *buckets) endSending(id uint64) (any bool, err error) {
	for key, value := range b.writesOf(id) {
		if value[0] == sending {
			any = true
			if err := b.writes.Put(key, []byte{unknown}); err != nil {
				return any, err
			}
		}
	}
	return any, nil
}

func (b *buckets) forgetWrites(id uint64) error {
	for key := range b.writesOf(id) {
		if err := b.writes.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// moveWrites makes what is known of a task's writes known of another's.
func (b *buckets) moveWrites(from, to uint64) error {
	for key, value := range b.writesOf(from) {
		if err := b.writes.Put(append(idKey(to), key[8:]...), value); err != nil {
			return err
		}
		if err := b.writes.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// writesOf are a task's writes, read before anything is changed.
func (b *buckets) writesOf(id uint64) func(yield func(key, value []byte) bool) {
	var keys, values [][]byte
	c := b.writes.Cursor()
	for key, value := c.Seek(idKey(id)); key != nil && binary.BigEndian.Uint64(key) == id; key, value = c.Next() {
		keys, values = append(keys, bytes.Clone(key)), append(values, bytes.Clone(value))
	}
	return func(yield func(key, value []byte) bool) {
		for i := range keys {
			if !yield(keys[i], values[i]) {
				return
			}
		}
	}
}
