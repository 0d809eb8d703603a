package audit

import (
	"bytes"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// notes collects what is no problem.
type notes struct {
	folder      string
	begins      string // hash of the first entry
	known       []note.Verifier
	text        []string
	recoveries  int
	restarts    int
	checkpoints int
	unsigned    int // by a key that is not known
	time        []byte
	setBack     int // how often the clock was
}

func (n *notes) add(format string, args ...any) {
	n.text = append(n.text, fmt.Sprintf(format, args...))
}

// entry notes an entry by which the log says something of itself.
func (n *notes) entry(w *walk, l *line) {
	if n.begins == "" {
		n.begins = string(l.hash)
	}
	n.clock(l)
	switch l.kind {
	case KindRecovery:
		n.recovery(l)
	case KindRestart:
		if n.restarts++; n.restarts > maxNotes {
			return
		}
		n.add("entry %d of %s is a restart, after a log that did not hold together and was set aside as %s: %s",
			l.seq, l.time, appendString(nil, unquoted(l.continues)), appendString(nil, unquoted(l.reason)))
		if said := setAsideNote(n.folder, l); said != "" {
			n.add("%s", said)
		}
	case KindCheckpoint:
		n.checkpoints++
		if signed, _ := signedBy(unquoted(l.checkpoint), n.known); !signed {
			n.unsigned++
		}
	}
}

// aClock is how far a clock may be set back without a word: clocks are set, by seconds.
const aClock = time.Hour

// clock notes that a clock was set back: what was said of times before, such as which
// files were old enough to be deleted, may be wrong.
func (n *notes) clock(l *line) {
	if bytes.Compare(l.time, n.time) < 0 {
		if by := parseTime(n.time).Sub(parseTime(l.time)); by > aClock {
			if n.setBack++; n.setBack <= maxNotes {
				n.add("the clock was set back by %s before entry %d of %s", by.Round(time.Second), l.seq, l.time)
			}
		}
	}
	n.time = append(n.time[:0], l.time...)
}

// recovery notes a recovery entry.
func (n *notes) recovery(l *line) {
	if n.recoveries++; n.recoveries > maxNotes {
		return
	}
	fragment := ""
	if l.fragmentSHA != nil {
		fragment = fmt.Sprintf(" (%d bytes, SHA-256 %s)", l.fragmentBytes, l.fragmentSHA)
	}
	reason := appendString(nil, unquoted(l.reason)) // as Aegis stores it, whoever wrote it
	n.add("entry %d of %s is a recovery: %s%s", l.seq, l.time, reason, fragment)
}

// end notes what lies at both ends of the log.
func (n *notes) end(w *walk, s *snapshot) {
	if n.recoveries > maxNotes {
		n.add("%d more recovery entries are not listed", n.recoveries-maxNotes)
	}
	if n.restarts > maxNotes {
		n.add("%d more restarts are not listed", n.restarts-maxNotes)
	}
	if n.setBack > maxNotes {
		n.add("the clock was set back %d more times", n.setBack-maxNotes)
	}
	if n.unsigned > 0 && len(n.known) > 0 {
		n.add("%d of %d checkpoints in the log are signed by keys that are not beside it", n.unsigned, n.checkpoints)
	}
	if s.movedTo != "" {
		n.add("the log lies at %q: a rotation was cut short, or something else moved it; the next append puts it back", s.movedTo)
	}
	if w.origin != nil && len(s.files) == 1 && s.unread == 0 && !s.kept {
		n.add("this file continues a chain from entry %d, hash %s", w.origin.seq, w.origin.hash[:])
	}
	if w.problem != nil {
		return
	}
	if f := w.stray; f != nil {
		n.add("after entry %d stand %d bytes of an entry that was never finished, as an interrupted write leaves them; the next append records them", w.at.seq, f.length)
	}
	if w.unended {
		n.add("entry %d lacks its newline, as an interrupted write leaves it; the next append records that", w.at.seq)
	}
	if s.headErr == nil && w.at.seq > s.head.seq {
		n.add("%d entries lie beyond the head, as an interrupted append leaves them; they are on the chain, and the next append moves the head", w.at.seq-s.head.seq)
	}
}
