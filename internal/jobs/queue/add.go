package queue

import (
	"encoding/binary"
	"time"

	"aegis/internal/jobs/hook"
)

// Accept keeps a delivery for each of some jobs. Only when it has returned without an error may the
// delivery be acknowledged. A delivery that came before is a double, and makes no tasks. One
// that no job wants is not remembered: sent again, it may be wanted.
func (q *Queue) Accept(d hook.Delivery, jobs []string) (double bool, err error) {
	if len(jobs) == 0 {
		return false, nil
	}
	now := q.now().UTC()
	err = q.change(func(b *buckets) error {
		if double = b.seen.Get(d.Signature[:]) != nil; double {
			return nil
		}
		if err := b.remember(d.Signature, now); err != nil {
			return err
		}
		for _, job := range jobs {
			event := d.Event
			t := &Task{Job: job, Trigger: Webhook, Repository: event.Repository, Event: &event, Delivery: d.ID, Added: now}
			if err := b.add(t); err != nil {
				return err
			}
		}
		return nil
	})
	return double, err
}

// remember notes a signature, and forgets what is long ago or too much.
func (b *buckets) remember(s hook.Signature, now time.Time) error {
	at := binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()))
	if err := b.seen.Put(s[:], at); err != nil {
		return err
	}
	if err := b.seenAt.Put(append(at, s[:]...), nil); err != nil {
		return err
	}
	// Two are forgotten for one that is noted, at most: no delivery waits for a clearing out.
	full := b.seenAt.Sequence() >= MostSeen
	gone := uint64(0)
	for c, key := cursor(b.seenAt); key != nil && gone < 2; key, _ = c.First() {
		old := now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(key)))) > SeenFor
		if !old && (!full || gone > 0) {
			break
		}
		if err := b.seen.Delete(key[8:]); err != nil {
			return err
		}
		if err := c.Delete(); err != nil {
			return err
		}
		gone++
	}
	return b.seenAt.SetSequence(b.seenAt.Sequence() + 1 - gone)
}

// Fire keeps a schedule's firing, once: one task, whatever repositories the job is for. A
// firing that is not later than the job's last one makes none, and is not new. run says
// whether it is to run; one that was missed is noted alone. So is one of a job of which too
// much waits already, which is [ErrFull].
func (q *Queue) Fire(job string, due time.Time, run bool) (isNew bool, err error) {
	tooMany := false
	err = q.change(func(b *buckets) error {
		tooMany = false
		if isNew = due.After(b.lastFired(job)); !isNew {
			return nil
		}
		if err := b.fired.Put([]byte(job), binary.BigEndian.AppendUint64(nil, uint64(due.Unix()))); err != nil || !run {
			return err
		}
		t := &Task{Job: job, Trigger: Schedule, Due: due.UTC(), Added: q.now().UTC()}
		if tooMany = !b.roomFor(t); tooMany {
			return nil
		}
		return b.add(t)
	})
	if tooMany && err == nil {
		return false, ErrFull
	}
	return isNew && err == nil, err
}

// Fired is a job's last firing, made up for or not; the zero time if it has had none.
func (q *Queue) Fired(job string) (last time.Time, err error) {
	err = q.look(func(b *buckets) error {
		last = b.lastFired(job)
		return nil
	})
	return last, err
}

func (b *buckets) lastFired(job string) time.Time {
	value := b.fired.Get([]byte(job))
	if len(value) != 8 {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(value)), 0).UTC()
}

// Add keeps a task that somebody asked for.
func (q *Queue) Add(t Task) (id uint64, err error) {
	err = q.change(func(b *buckets) error {
		t.Trigger, t.Added = Hand, q.now().UTC()
		err := b.add(&t)
		id = t.ID
		return err
	})
	return id, err
}
