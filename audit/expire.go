package audit

import (
	"fmt"
	"os"
	"time"
)

// How old something is, entries say and not the clock alone, which may be wrong for a
// while. What time it is, two have to say: the clock, and the first entry of the file that
// is being ended. So a clock that jumps ahead has nothing deleted by the rotation that it
// causes, and whoever sets it right before the next one has lost nothing. A file ended no
// earlier than any before it began, so that entries of a machine that started without the
// time do not age what lies before them.

// maxExpired is how many files one rotation deletes at most. Others wait for it.
const maxExpired = 200

// expired lists what was rotated so long ago that it is not kept any more, the oldest
// first, and says from which entry on all that is left was kept. That is an entry's to
// say: without it nobody could tell a file that was deleted for its age from one that
// somebody took away.
func (l *Log) expired(now time.Time) (expired []part, keptFrom int64) {
	keptFrom = l.first.keptFrom
	parts, err := archivesOf(l.files.log)
	if l.keep <= 0 || err != nil || len(parts) == 0 {
		return nil, keptFrom
	}
	present := l.first.at()
	if now.Before(present) {
		present = now
	}
	first, err := parts[0].beginning()
	if err != nil || first.time == "" {
		return nil, keptFrom
	}
	ended := first.at() // at the earliest
	for i := range min(len(parts), maxExpired+1) {
		next := l.first // what follows a file says when that ended
		if i+1 < len(parts) {
			if next, err = parts[i+1].beginning(); err != nil || next.time == "" {
				break
			}
		}
		if !next.follows(parts[i]) { // then one of them is none of the log's, and its time says nothing
			l.tell(fmt.Errorf("nothing is deleted for its age: what comes after %s does not continue it; see `aegis audit verify`", parts[i].name()))
			return nil, l.first.keptFrom
		}
		if next.at().After(present) { // by a clock that was ahead: a later file has to say it
			continue
		}
		if ended.After(present) || next.at().After(ended) {
			ended = next.at()
		}
		if present.Sub(ended) <= l.keep || i == maxExpired {
			break
		}
		expired, keptFrom = parts[:i+1], parts[i].last+1
	}
	return expired, keptFrom
}

// follows reports whether a file that begins so comes right after p.
func (b beginning) follows(p part) bool {
	if b.kind == KindRestart {
		return b.seq > p.last
	}
	return b.seq == p.last+1 && b.continues == p.name()
}

// tooOld reports whether the file began so long ago that it is to be rotated, or by a
// clock that was as far ahead.
func (l *Log) tooOld() bool {
	if l.keep <= 0 || l.first.time == "" {
		return false
	}
	return l.now().Sub(l.first.at()).Abs() >= l.keep/ageShare
}

// at is when the file began; the zero time if its first line says nothing.
func (b beginning) at() time.Time { return parseTime([]byte(b.time)) }

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
