package audit

import (
	"bytes"
	"fmt"
)

// misfit says why l can't be the next entry, or nothing.
func (w *walk) misfit(l *line) string {
	first := w.offset == 0 && w.entries == 0
	switch {
	case !l.intact():
		return "has been changed: its bytes do not hash to its entry_hash"
	case l.kind == KindCheckpoint && !l.checkpointFits():
		return "is a checkpoint that does not name the entry before it"
	case l.continues != nil && !first && !bytes.Equal(l.continues, w.closes):
		return "begins a file, and stands in the midst of one"
	case l.continues != nil && w.at == start && l.seq > 1:
		return w.continues(l)
	case first && w.follows != nil && w.follows(l) != "":
		return w.follows(l)
	case l.seq <= w.at.seq:
		return fmt.Sprintf("is entry %d, doubled or moved: it stands after entry %d", l.seq, w.at.seq)
	case l.seq > w.at.seq+1:
		return fmt.Sprintf("is entry %d, but it stands after entry %d: what was between them is missing", l.seq, w.at.seq)
	case !bytes.Equal(l.prev, w.at.hash[:]):
		return "does not follow the entry before it: its prev_hash is another"
	}
	return ""
}

// continues takes the first entry of a file that follows another.
func (w *walk) continues(l *line) string {
	origin := position{seq: l.seq - 1, hash: hexHash(l.prev)}
	for _, mark := range w.marks { // the head may still name the end of the file before
		if mark.seq < l.seq && (mark.seq != origin.seq || mark.hash != origin.hash) {
			return saysOtherHead
		}
	}
	w.origin, w.keptFrom = &origin, l.keptFrom
	if w.follows != nil {
		return w.follows(l)
	}
	return ""
}

// closed reports whether the last entry says that the file is at its end.
func (w *walk) closed() bool { return len(w.closes) > 0 }

// namesLast reports whether l names the entry right before it as one that had
// been left without its newline. A walk that began with l has not seen that.
func (w *walk) namesLast(l *line) bool {
	if w.midway && w.entries == 0 {
		return true
	}
	sum := hashOf(w.last)
	return w.entries > 0 && l.fragmentBytes == int64(len(w.last)) && bytes.Equal(l.fragmentSHA, sum[:])
}
