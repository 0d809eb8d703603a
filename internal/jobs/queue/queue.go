// Package queue keeps the runs of jobs that are to be made, in the state file, so that a
// process that ends in whatever way forgets none and repeats none.
//
// A task goes through steps, each of which is on disk before the next begins:
//
//	Accept, Fire, Add   it waits, and may be acknowledged
//	Claim               its run has begun
//	Begin               a write of it is about to be sent
//	End                 what came of that write is known
//	Done, Later, Fail   the run has ended
//
// Whatever was acknowledged runs at least once. A write is sent once at most: [Queue.Begin]
// says no for one that was sent before, by an earlier run of the same task as well. After a
// write of which nobody knows what came of it, a task is given up ([Queue.Recover]); retried by
// hand, it leaves that write out.
//
// Tasks of a repository run one after the other, in the order in which they came, and so do
// those of a job that name no repository. One that waits to be tried again holds up those
// behind it.
//
// One process has the state file at a time, so that no two claim the same task.
package queue

import (
	"errors"
	"fmt"
	"time"

	"aegis/internal/canon"
	"aegis/internal/state"

	"go.etcd.io/bbolt"
)

// Bounds on what is kept.
const (
	MostTasks    = 10_000 // that wait or run
	MostOfOne    = 1_000  // of these, those of one repository, or of one job that names none
	MostOfOwner  = 5_000  // of all repositories of an owner
	MostFailed   = 1_000  // that were given up; the oldest goes
	MostAttempts = 3      // runs of a task that begin without an end, or end in [Queue.Later]
	// mostWait is more than anything waits until it is tried again.
	mostWait = time.Hour
	// SeenFor is how long a delivery's signature is remembered, MostSeen how many are. What
	// Gitea dates is refused long before that.
	SeenFor  = 30 * 24 * time.Hour
	MostSeen = 200_000
)

// ErrFull is the error of a queue that takes no more tasks: what comes is not
// acknowledged.
var ErrFull = errors.New("the queue of jobs is full")

// ErrGone is the error of a step of a task that is not, or not any more, at that step.
var ErrGone = errors.New("the task is not at this step")

const bucketName = "jobs"

// The buckets below it.
var (
	tasksKey   = []byte("tasks")   // id → task that waits or runs
	failedKey  = []byte("failed")  // id → task that was given up
	writesKey  = []byte("writes")  // id and hash → what is known of a write
	seenKey    = []byte("seen")    // signature → when it came
	seenAtKey  = []byte("seen_at") // when it came and signature
	firedKey   = []byte("fired")   // job → its last firing
	startsKey  = []byte("starts")  // job → when its runs of the last hour began
	droppedKey = []byte("dropped") // job → how many tasks were dropped
	sharesKey  = []byte("shares")  // what tasks are counted by → how many wait or run
)

// Queue is the queue of a state file. It is safe for concurrent use.
type Queue struct {
	file *state.File
	now  func() time.Time
}

// New returns the queue of a state file.
func New(file *state.File) *Queue { return &Queue{file: file, now: time.Now} }

// buckets are what a step works on.
type buckets struct {
	tasks, failed, writes, seen, seenAt, fired, starts, dropped, shares *bbolt.Bucket
}

// change runs a step of which all is on disk afterwards, or nothing.
func (q *Queue) change(step func(b *buckets) error) error {
	return q.file.Change(bucketName, func(root *bbolt.Bucket) error {
		var b buckets
		for _, each := range b.byKey() {
			made, err := root.CreateBucketIfNotExists(each.key)
			if err != nil {
				return err
			}
			*each.bucket = made
		}
		return step(&b)
	})
}

// look runs a step that only reads. It is not run while there is nothing.
func (q *Queue) look(step func(b *buckets) error) error {
	return q.file.Look(bucketName, func(root *bbolt.Bucket) error {
		var b buckets
		for _, each := range b.byKey() {
			if *each.bucket = root.Bucket(each.key); *each.bucket == nil {
				return nil
			}
		}
		return step(&b)
	})
}

type keyed struct {
	key    []byte
	bucket **bbolt.Bucket
}

func (b *buckets) byKey() []keyed {
	return []keyed{
		{tasksKey, &b.tasks}, {failedKey, &b.failed}, {writesKey, &b.writes}, {seenKey, &b.seen},
		{seenAtKey, &b.seenAt}, {firedKey, &b.fired}, {startsKey, &b.starts}, {droppedKey, &b.dropped}, {sharesKey, &b.shares},
	}
}

// add puts a task at the end.
func (b *buckets) add(t *Task) error {
	if count(b.tasks, MostTasks) == MostTasks || !b.roomFor(t) {
		return ErrFull
	}
	if err := b.share(t, 1); err != nil {
		return err
	}
	id, err := b.tasks.NextSequence()
	if err != nil {
		return err
	}
	t.ID = id
	return b.put(t)
}

func (b *buckets) put(t *Task) error {
	value, err := t.encode()
	if err != nil {
		return err
	}
	return b.tasks.Put(idKey(t.ID), value)
}

// running returns a task whose run has begun.
func (b *buckets) running(id uint64) (*Task, error) {
	value := b.tasks.Get(idKey(id))
	if value == nil {
		return nil, ErrGone
	}
	t, err := decode(idKey(id), value)
	if err == nil && !t.Running {
		err = ErrGone
	}
	return t, err
}

// count counts keys, up to a bound.
func count(b *bbolt.Bucket, most int) (n int) {
	for c, key := cursor(b); key != nil && n < most; key, _ = c.Next() {
		n++
	}
	return n
}

func cursor(b *bbolt.Bucket) (*bbolt.Cursor, []byte) {
	c := b.Cursor()
	key, _ := c.First()
	return c, key
}

// each calls step with each task of a bucket, in order, until it says that it has enough.
func each(b *bbolt.Bucket, step func(t *Task) (enough bool, err error)) error {
	c := b.Cursor()
	for key, value := c.First(); key != nil; key, value = c.Next() {
		t, err := decode(key, value)
		if err != nil {
			return err
		}
		if enough, err := step(t); enough || err != nil {
			return err
		}
	}
	return nil
}

// Tasks returns those that wait or run, in their order.
func (q *Queue) Tasks() ([]*Task, error) {
	return q.all(func(b *buckets) *bbolt.Bucket { return b.tasks })
}

// Failed returns those that were given up, the oldest first.
func (q *Queue) Failed() ([]*Task, error) {
	return q.all(func(b *buckets) *bbolt.Bucket { return b.failed })
}

func (q *Queue) all(which func(b *buckets) *bbolt.Bucket) (found []*Task, err error) {
	err = q.look(func(b *buckets) error {
		return each(which(b), func(t *Task) (bool, error) {
			found = append(found, t)
			return false, nil
		})
	})
	return found, err
}

// String says which run a task is, for a log.
func (t *Task) String() string {
	where := ""
	if t.Repository != (canon.Repo{}) {
		where = " in " + t.Repository.String()
	}
	return fmt.Sprintf("task %d of job %s%s", t.ID, t.Job, where)
}
