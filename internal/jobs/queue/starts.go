package queue

import (
	"encoding/binary"
	"time"
)

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

// isTooMany reports whether a run is one too many in an hour, unless it is made again.
func (b *buckets) isTooMany(t *Task, perHour func(job string) int, now time.Time) bool {
	most := perHour(t.Job)
	return t.Attempts == 0 && most > 0 && b.startedLately(t.Job, now) >= most
}

func (b *buckets) startedLately(job string, now time.Time) (n int) {
	for value := b.starts.Get([]byte(job)); len(value) >= 8; value = value[8:] {
		if lately(value, now) {
			n++
		}
	}
	return n
}

// lately reports whether a time is within an hour. One that is further ahead is of a clock that was
// wrong.
func lately(value []byte, now time.Time) bool {
	return now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(value)))).Abs() < time.Hour
}
