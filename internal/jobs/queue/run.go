package queue

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
)

// Claim begins the run of the first task whose turn it is; it returns nil if there is none. perHour says
// how many runs of a job may begin in an hour, 0 that there is no such job. What is beyond is
// dropped: it is returned, to be told, and counted.
func (q *Queue) Claim(perHour func(job string) int) (claimed *Task, dropped []*Task, err error) {
	now := q.now().UTC()
	err = q.change(func(b *buckets) error {
		claimed, dropped = nil, nil
		held := make(map[string]bool) // by a task before
		var over []*Task
		err := each(b.tasks, func(t *Task) (bool, error) {
			if held[t.order()] {
				return false, nil
			}
			if t.Running || t.NotBefore.After(now) {
				held[t.order()] = true
				return false, nil
			}
			most := perHour(t.Job)
			if t.Attempts == 0 && most > 0 && b.startedLately(t.Job, now) >= most {
				over = append(over, t)
				return false, nil
			}
			claimed = t
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, t := range over {
			if err := b.drop(t); err != nil {
				return err
			}
		}
		if dropped = over; claimed == nil {
			return nil
		}
		if claimed.Attempts++; claimed.Attempts == 1 {
			if err := b.started(claimed.Job, now); err != nil {
				return err
			}
		}
		return b.begin(claimed)
	})
	if err != nil {
		return nil, nil, err
	}
	return claimed, dropped, nil
}

// ClaimThis begins the run of one task that waits, whosever turn it is.
func (q *Queue) ClaimThis(id uint64) (claimed *Task, err error) {
	err = q.change(func(b *buckets) error {
		value := b.tasks.Get(idKey(id))
		if value == nil {
			return ErrGone
		}
		if claimed, err = decode(idKey(id), value); err != nil || claimed.Running {
			return errors.Join(ErrGone, err)
		}
		claimed.Attempts++
		return b.begin(claimed)
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// begin begins a task's run.
func (b *buckets) begin(t *Task) error {
	t.Running, t.NotBefore, t.Reason = true, time.Time{}, ""
	return b.put(t)
}

// Waiting is how many tasks wait for their run, and when the first of those may begin that are
// to be tried again; the zero time if there are none of these.
func (q *Queue) Waiting() (n int, again time.Time, err error) {
	err = q.look(func(b *buckets) error {
		return each(b.tasks, func(t *Task) (bool, error) {
			if !t.Running {
				n++
				if !t.NotBefore.IsZero() && (again.IsZero() || t.NotBefore.Before(again)) {
					again = t.NotBefore
				}
			}
			return false, nil
		})
	})
	return n, again, err
}

// Done ends a run that has done what it was for. Nothing of its task stays.
func (q *Queue) Done(id uint64) error {
	return q.change(func(b *buckets) error {
		if _, err := b.running(id); err != nil {
			return err
		}
		return b.remove(id)
	})
}

// Later ends a run that could not be made, to be tried again after a time: when Gitea
// is not there. After [MostAttempts] the task is given up, and over is true.
func (q *Queue) Later(id uint64, wait time.Duration, reason string) (over bool, err error) {
	err = q.change(func(b *buckets) error {
		t, err := b.running(id)
		if err != nil {
			return err
		}
		if over = t.tooOften(); over {
			return b.fail(t, reason, q.now())
		}
		t.Running, t.Reason, t.NotBefore = false, reason, q.now().Add(wait).UTC()
		return b.put(t)
	})
	return over, err
}

// Stop ends a run that the end of the process cuts short: it is made anew, as if it had not
// begun.
func (q *Queue) Stop(id uint64, reason string) error {
	return q.change(func(b *buckets) error {
		t, err := b.running(id)
		if err != nil {
			return err
		}
		t.Running, t.Reason = false, reason
		t.Stopped++
		return b.put(t)
	})
}

// Fail ends a run and gives its task up: what it met will be met again.
func (q *Queue) Fail(id uint64, reason string) error {
	return q.change(func(b *buckets) error {
		t, err := b.running(id)
		if err != nil {
			return err
		}
		return b.fail(t, reason, q.now())
	})
}

// Retry puts a task that was given up at the end, as a new one. What is known of its
// writes goes with it: none is sent again.
func (q *Queue) Retry(id uint64) (again uint64, err error) {
	err = q.change(func(b *buckets) error {
		value := b.failed.Get(idKey(id))
		if value == nil {
			return ErrGone
		}
		t, err := decode(idKey(id), value)
		if err != nil {
			return err
		}
		t.Attempts, t.Stopped, t.Failed, t.Reason, t.NotBefore = 0, 0, time.Time{}, "", time.Time{}
		if err := b.add(t); err != nil {
			return err
		}
		again = t.ID
		if err := b.moveWrites(id, again); err != nil {
			return err
		}
		return b.failed.Delete(idKey(id))
	})
	return again, err
}

// remove takes a task and what is known of its writes out.
func (b *buckets) remove(id uint64) error {
	if err := b.tasks.Delete(idKey(id)); err != nil {
		return err
	}
	return b.forgetWrites(id)
}

// fail moves a task to those that were given up.
func (b *buckets) fail(t *Task, reason string, now time.Time) error {
	t.Running, t.Reason, t.Failed, t.NotBefore = false, reason, now.UTC(), time.Time{}
	value, err := t.encode()
	if err != nil {
		return err
	}
	if err := b.tasks.Delete(idKey(t.ID)); err != nil {
		return err
	}
	if err := b.failed.Put(idKey(t.ID), value); err != nil {
		return err
	}
	if count(b.failed, MostFailed+1) <= MostFailed {
		return nil
	}
	oldest, _ := b.failed.Cursor().First()
	id := binary.BigEndian.Uint64(oldest)
	if err := b.failed.Delete(bytes.Clone(oldest)); err != nil {
		return err
	}
	return b.forgetWrites(id)
}

// drop takes a task out that would be one run too many, and counts it.
func (b *buckets) drop(t *Task) error {
	n := uint64(0)
	if value := b.dropped.Get([]byte(t.Job)); len(value) == 8 {
		n = binary.BigEndian.Uint64(value)
	}
	if err := b.dropped.Put([]byte(t.Job), idKey(n+1)); err != nil {
		return err
	}
	return b.remove(t.ID)
}

// Dropped is how many tasks of a job were dropped so far.
func (q *Queue) Dropped(job string) (n uint64, err error) {
	err = q.look(func(b *buckets) error {
		if value := b.dropped.Get([]byte(job)); len(value) == 8 {
			n = binary.BigEndian.Uint64(value)
		}
		return nil
	})
	return n, err
}

// started notes that a run of a job begins; what is more than an hour ago is forgotten.
func (b *buckets) started(job string, now time.Time) error {
	kept := binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()))
	for value := b.starts.Get([]byte(job)); len(value) >= 8; value = value[8:] {
		if lately(value, now) {
			kept = append(kept, value[:8]...)
		}
	}
	return b.starts.Put([]byte(job), kept)
}

func (b *buckets) startedLately(job string, now time.Time) (n int) {
	for value := b.starts.Get([]byte(job)); len(value) >= 8; value = value[8:] {
		if lately(value, now) {
			n++
		}
	}
	return n
}

func lately(value []byte, now time.Time) bool {
	return now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(value)))) < time.Hour
}
