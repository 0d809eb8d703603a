package audit

import (
	"fmt"
	"strings"
	"time"
)

// Problem is the first thing wrong with a log.
type Problem struct {
	File   string    // of several that a log consists of: the name of the rotated one, "" for the log itself
	Line   int64     // from 1; 0 if lines were not counted
	Offset int64     // bytes before that line
	Seq    int64     // of the entry due there
	Reason string    // a clause that follows "the line"
	Since  time.Time // of the last entry that is good; zero if there is none
}

// Sort is a kind of problem.
type Sort string

// The sorts of problems. What is of no other is a change.
const (
	Changed    Sort = "changed"
	Forked     Sort = "forked"      // it goes another way than a checkpoint or the head
	RolledBack Sort = "rolled back" // it ends before a checkpoint or the head
	Gap        Sort = "gap"         // entries are missing in the midst of it, or before it
)

// What a reason says tells its sort.
const (
	saysRewritten = "the log was rewritten, or the checkpoint is of another"
	saysOtherHead = "is not the entry that the head names"
	saysEnds      = "the log ends before entry"
	saysShorter   = "the log is shorter than its head"
	saysMissing   = "missing"
)

// Sort says of which sort a problem is.
func (p *Problem) Sort() Sort {
	for _, sort := range []struct {
		says string
		sort Sort
	}{{saysRewritten, Forked}, {saysOtherHead, Forked}, {saysEnds, RolledBack}, {saysShorter, RolledBack}, {saysMissing, Gap}} {
		if strings.Contains(p.Reason, sort.says) {
			return sort.sort
		}
	}
	return Changed
}

// String says what is wrong, where and since when, in one sentence.
func (p *Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		fmt.Fprintf(&b, "in %q ", p.File)
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d (byte %d, where entry %d is due) %s", p.Line, p.Offset, p.Seq, p.Reason)
	} else {
		fmt.Fprintf(&b, "the line at byte %d, where entry %d is due, %s", p.Offset, p.Seq, p.Reason)
	}
	if !p.Since.IsZero() {
		fmt.Fprintf(&b, "; everything up to entry %d of %s is good", p.Seq-1, p.Since.Format(time.RFC3339Nano))
	}
	return b.String()
}

func parseTime(b []byte) time.Time {
	t, err := time.Parse(timeLayout, string(b))
	if err != nil {
		return time.Time{}
	}
	return t
}
