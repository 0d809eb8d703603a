package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
)

// fragment is a stretch of the log, right after an entry, that is no entry: the
// remains of a write that was cut short, and of attempts to recover from it
// that were cut short too.
type fragment struct {
	line, offset int64  // where it begins
	reason       string // why its first line is no entry
	length       int64  // without the last newline
	sum          hash.Hash
	ended        bool // its last line has its newline
	endedLines   bool // at least one has
	plausible    bool // an interrupted write can have left it
}

// strayLine adds a line that is no entry to the fragment, or begins one.
func (w *walk) strayLine(content []byte, ended bool, reason string) {
	if w.stray == nil {
		w.stray = &fragment{line: w.lines, offset: w.offset, reason: reason, sum: sha256.New(), plausible: true}
	}
	if !unfinished(content) || ended && !begins(content, w.at.seq+1) {
		w.stray.plausible = false
	}
	w.stray.add(content, ended)
	if w.strayed != nil {
		w.strayed(content, reason)
	}
}

func (f *fragment) add(content []byte, ended bool) {
	if f.ended {
		f.length++
		f.sum.Write([]byte("\n"))
	}
	f.length += int64(len(content))
	f.sum.Write(content)
	f.ended = ended
	f.endedLines = f.endedLines || ended
}

// unfinished reports whether b can be the beginning of an entry's line, as far
// as its end tells: nothing follows entry_hash but a part of what must.
func unfinished(b []byte) bool {
	at := bytes.Index(b, []byte(hashMember))
	if at < 0 {
		return true
	}
	rest := b[at+len(hashMember):]
	digits := rest[:min(len(rest), hashDigits)]
	rest = rest[len(digits):]
	return isLowerHex(digits) && (len(rest) == 0 || string(rest) == `"`)
}

// begins reports whether b begins as the line of the entry seq does, as far as
// it goes. An interrupted write leaves the beginning of a line; what has been
// ended without that is not Aegis' own.
func begins(b []byte, seq int64) bool {
	due := fmt.Appendf(nil, `{"v":%d,"seq":%d,"time":"`, version, seq)
	n := min(len(b), len(due))
	return n > 0 && bytes.Equal(b[:n], due[:n])
}

func (f *fragment) summary() *fragmentSummary {
	return &fragmentSummary{bytes: f.length, sha256: hex.EncodeToString(f.sum.Sum(nil))}
}

// namedBy reports whether l is the recovery entry that names f, which then was
// ended before l was written.
func (f *fragment) namedBy(l *line) bool {
	return f.ended && l.kind == KindRecovery && l.fragmentBytes == f.length && string(l.fragmentSHA) == f.summary().sha256
}
