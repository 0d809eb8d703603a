package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"time"
)

// points are places that the chain must pass, as checkpoints name them.
type points struct {
	due    []point // in the order of their numbers
	passed []point // those that lie on the way
	aside  []point // those that lie in what a restart has set aside
	before []point // those before what is kept: nothing can be said of them
	folder string  // of the log
}

// point is an entry that somebody noted.
type point struct {
	seq    int64
	hash   hexHash
	at     time.Time // when it was noted
	source string    // where
}

func newPoints(all []point, folder string) *points {
	due := slices.Clone(all)
	slices.SortStableFunc(due, func(a, b point) int { return cmp.Compare(a.seq, b.seq) })
	return &points{due: due, folder: folder}
}

// pass holds an entry, and the one that it says it follows, to what is due by then. Its
// reason is a clause that follows "the line".
func (p *points) pass(l *line) (reason string) {
	if p == nil {
		return ""
	}
	var aside map[point]bool
	for len(p.due) > 0 && p.due[0].seq <= l.seq {
		next := p.due[0]
		if aside == nil && next.seq < l.seq-1 && l.kind == KindRestart {
			aside = p.inAside(l)
		}
		p.due = p.due[1:]
		switch {
		case next.seq == l.seq && next.hash == hexHash(l.hash), next.seq == l.seq-1 && next.hash == hexHash(l.prev):
			p.passed = append(p.passed, next)
		case next.seq < l.seq-1 && l.kind == KindRestart && aside[next]:
			p.aside = append(p.aside, next)
		case next.seq < l.seq-1 && l.kind == KindRestart:
			return fmt.Sprintf("restarts the log after entry %d, which the checkpoint in %s knows, and that is not in what was set aside: %s", next.seq, next.source, saysRewritten)
		case next.seq < l.seq-1:
			p.before = append(p.before, next)
		default:
			return fmt.Sprintf("is not what the checkpoint in %s says of entry %d: %s", next.source, next.seq, saysRewritten)
		}
	}
	return ""
}

// inAside finds the points that are due before a restart in what that has set aside, which
// need not hold together: the file that it names, and those that were rotated away from it.
func (p *points) inAside(l *line) map[point]bool {
	found, name := map[point]bool{}, filepath.FromSlash(unquoted(l.continues))
	if !filepath.IsLocal(name) {
		return found
	}
	due := map[position][]point{}
	for _, one := range p.due {
		if one.seq < l.seq-1 {
			at := position{seq: one.seq, hash: one.hash}
			due[at] = append(due[at], one)
		}
	}
	log := filepath.Join(p.folder, name)
	parts, _ := archivesOf(log) // what can't be read holds nothing
	opens := []func() (io.ReadCloser, error){func() (io.ReadCloser, error) { return openToRead(log) }}
	for _, part := range parts {
		opens = append(opens, part.open)
	}
	for _, open := range opens {
		f, err := open()
		if err != nil {
			continue
		}
		for e := range intactIn(f) {
			for _, one := range due[position{seq: e.seq, hash: hexHash(e.hash)}] {
				found[one] = true
			}
		}
		_ = f.Close()
	}
	return found
}

// intactIn gives the lines that are entries, whole and as they were.
func intactIn(f io.Reader) iter.Seq[*line] {
	return func(yield func(*line) bool) {
		r := bufio.NewReaderSize(f, readBuffer)
		for {
			b, err := r.ReadSlice('\n')
			var l line
			if l.parse(bytes.TrimSuffix(b, []byte("\n"))) == "" && l.intact() && !yield(&l) {
				return
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}
}

// missing says what is wrong if the log ends before all points are passed.
func (p *points) missing() (reason string) {
	if p == nil || len(p.due) == 0 {
		return ""
	}
	last := p.due[len(p.due)-1]
	return fmt.Sprintf("is missing: %s %d, which the checkpoint in %s knows: its end was cut off, or it was set back", saysEnds, last.seq, last.source)
}

// shortestKept is for how long files are kept at the least, whatever is set.
const shortestKept = 24 * time.Hour

// deletedEarly says that entries which a checkpoint knew were deleted for their age when
// they can't have had one: by a clock that was set ahead, or by a forged file.
func (p *points) deletedEarly(at time.Time) (reason string) {
	for _, one := range p.before {
		if age := at.Sub(one.at); !at.IsZero() && !one.at.IsZero() && age < shortestKept {
			return fmt.Sprintf("follows entries that are missing: entry %d, which the checkpoint in %s knew, was deleted for its age %s after that was made", one.seq, one.source, age.Round(time.Second))
		}
	}
	return ""
}

// notes says how far the checkpoints reach, of a log whose last entry is end.
func (p *points) notes(end int64) (said []string) {
	if n := len(p.before); n > 0 {
		said = append(said, fmt.Sprintf("checkpoints of entries before those that are kept, which can't be held against anything: %d", n))
	}
	if n := len(p.aside); n > 0 {
		said = append(said, fmt.Sprintf("checkpoints of entries that were set aside by a restart, and are there: %d", n))
	}
	if n := len(p.passed); n > 0 {
		last := p.passed[n-1]
		said = append(said, fmt.Sprintf("checkpoints that it passes: %d, the last of them in %q of entry %d, made %s; entries after that, of which they don't tell: %d",
			n, last.source, last.seq, last.at.Format(time.RFC3339), max(0, end-last.seq)))
	}
	return said
}
