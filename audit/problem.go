package audit

import (
	"fmt"
	"strings"
	"time"
)

// Problem is the first thing wrong with a log.
type Problem struct {
	Line   int64     // from 1; 0 if lines were not counted
	Offset int64     // bytes before that line
	Seq    int64     // of the entry due there
	Reason string    // a clause that follows "the line"
	Since  time.Time // of the last entry that is good; zero if there is none
}

// String says what is wrong, where and since when, in one sentence.
func (p *Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d (byte %d, where entry %d is due) %s", p.Line, p.Offset, p.Seq, p.Reason)
	} else {
		fmt.Fprintf(&b, "the line at byte %d, where entry %d is due, %s", p.Offset, p.Seq, p.Reason)
	}
	if !p.Since.IsZero() {
		fmt.Fprintf(&b, "; everything up to %s is good", p.Since.Format(time.RFC3339Nano))
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
