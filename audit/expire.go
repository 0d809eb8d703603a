package audit

import (
	"os"
	"time"
)

// expired lists what was rotated so long ago that it is not kept any more, the oldest
// first, and says from which entry on all that is left was kept. That is an entry's to
// say: without it nobody could tell a file that was deleted for its age from one that
// somebody took away.
func (l *Log) expired(now time.Time) (expired []part, keptFrom int64) {
	keptFrom = l.first.keptFrom
	parts, err := archivesOf(l.files.log)
	if l.keep <= 0 || err != nil {
		return nil, keptFrom
	}
	for i, p := range parts {
		next := l.first // what follows p says when p ended
		if i+1 < len(parts) {
			if next, err = parts[i+1].beginning(); err != nil {
				break
			}
		}
		ended, err := time.Parse(timeLayout, next.time)
		if err != nil || now.Sub(ended) <= l.keep {
			break
		}
		expired, keptFrom = append(expired, p), p.last+1
	}
	return expired, keptFrom
}

// drop deletes what is not kept any more, with the texts of its time.
func (l *Log) drop(expired []part) {
	for _, p := range expired {
		p.remove()
		l.interrupt()
	}
	if len(expired) > 0 {
		l.dropApprovals()
	}
}

func (p part) remove() {
	_ = os.Remove(p.path)
	_ = os.Remove(p.path + packedSuffix)
}
