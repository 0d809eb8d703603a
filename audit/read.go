package audit

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Reading is what came of reading a log for what it says.
type Reading struct {
	Earlier  int64      // lines that were asked for, but lie before the last ones that the limit lets through
	Unread   int        // older files of the log, which were not asked for
	Problems []*Problem // the first of them; the log is good exactly if there is none
	More     int64      // problems beyond those
	Last     Place      // of the last entry
	Notes    []string   // what is no problem but should be known, a sentence each
}

// Place is where an entry stands in the chain. The zero Place is before the first.
type Place struct {
	Seq  int64
	Hash string // 64 hex digits
}

const maxProblems = 20

// found is a line that was read. Its slices are valid until the callback that
// got it returns.
type found struct {
	*line         // nil if it is no entry
	raw    []byte // its bytes, or as many as fit the buffer
	file   int    // which of the log's
	number int64
	offset int64
	broken string // why it does not belong
	after  bool   // something before it, or it, does not belong
}

// reader walks a whole log, past its problems, with no more of it in memory than
// the present line.
type reader struct {
	walk    *walk // of the present file
	known   []note.Verifier
	file    int // which one that is
	values  [][]byte
	reading Reading
	seen    int64  // problems
	doubt   string // about the present entry
	each    func(found) error
	err     error // of each
	stop    context.CancelFunc
}

// read calls each for every line of the log, in their order. The error is of
// reading, each's or ctx's; what is wrong with the log is in the Reading.
func (s *snapshot) read(ctx context.Context, each func(found) error) (Reading, error) {
	if len(s.files) == 0 {
		return Reading{Problems: []*Problem{missing()}}, nil
	}
	r := newReader(each)
	r.known = s.known
	ctx, r.stop = context.WithCancel(ctx)
	defer r.stop()
	p := passage{s: s, make: r.next}
	w, err := p.run(ctx)
	if r.err != nil { // then the walk was stopped
		return Reading{}, r.err
	}
	if err != nil {
		return Reading{}, err
	}
	var n notes
	if r.seen == 0 {
		s.judgeHead(w, &n)
	}
	n.end(w, s)
	r.reading.Notes = n.text
	if w.at != start {
		r.reading.Last = Place{w.at.seq, string(w.at.hash[:])}
	}
	return r.reading, nil
}

func newReader(each func(found) error) *reader {
	return &reader{each: each, values: make([][]byte, len(members)), stop: func() {}, file: -1}
}

// next is the walk of the next file.
func (r *reader) next() *walk {
	r.file++
	r.walk = &walk{known: r.known, found: r.entry, strayed: r.stray, broken: r.problem}
	r.walk.parsed.values = r.values
	return r.walk
}

func (r *reader) problem(p *Problem) {
	if r.seen > 0 {
		p.Since = time.Time{} // not everything up to there is good
	}
	if r.seen++; len(r.reading.Problems) < maxProblems {
		r.reading.Problems = append(r.reading.Problems, p)
	} else {
		r.reading.More++
	}
	if p.Line == r.walk.lines && p.File == r.walk.file {
		r.doubt = p.Reason
	}
}

func (r *reader) entry(l *line) {
	r.give(found{line: l, raw: l.raw, broken: r.doubt})
	r.doubt = ""
}

// stray gives a line that is no entry. Whether it may be there shows only later:
// an interrupted write leaves such lines, too.
func (r *reader) stray(content []byte, reason string) {
	r.give(found{raw: content, broken: reason})
}

func (r *reader) give(f found) {
	f.file, f.number, f.offset, f.after = r.file, r.walk.lines, r.walk.offset, r.seen > 0
	if r.err == nil {
		if r.err = r.each(f); r.err != nil {
			r.stop()
		}
	}
}
