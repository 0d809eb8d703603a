package audit

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// expired lists what was rotated so long ago that it is not kept any more, the oldest
// first, and says from which entry on all that is left was kept. That is an entry's to
// say: without it nobody could tell a file that was deleted for its age from one that
// somebody took away. Nothing is old enough if the files do not follow each other.
func (l *Log) expired(now time.Time) (expired []part, keptFrom int64) {
	parts, err := archivesOf(l.files.log)
	if l.keep <= 0 || err != nil {
		return nil, l.first.keptFrom
	}
	for i, p := range parts {
		next, err := l.after(parts, i)
		ended, timeErr := time.Parse(timeLayout, next.time) // what follows p says when p ended
		if err != nil || timeErr != nil || now.Sub(ended) <= l.keep {
			break
		}
		expired = append(expired, p)
	}
	if len(expired) == 0 {
		return nil, l.first.keptFrom
	}
	for i, p := range parts {
		if next, err := l.after(parts, i); err != nil || !next.follows(p) {
			l.tell(errors.Join(fmt.Errorf("nothing is deleted for its age: what comes after %s does not continue it; see `aegis audit verify`", p.name()), err))
			return nil, l.first.keptFrom
		}
	}
	return expired, expired[len(expired)-1].last + 1
}

// after is how the file after one of several begins.
func (l *Log) after(parts []part, i int) (beginning, error) {
	if i+1 < len(parts) {
		return parts[i+1].beginning()
	}
	return l.first, nil
}

// follows reports whether a file that begins so comes right after p.
func (b beginning) follows(p part) bool {
	if b.kind == KindRestart {
		return b.seq > p.last
	}
	return b.seq == p.last+1 && b.continues == p.name()
}

func (p part) remove() {
	_ = os.Remove(p.path)
	_ = os.Remove(p.path + packedSuffix)
}
