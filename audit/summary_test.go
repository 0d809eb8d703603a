package audit

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What a summary keeps is bounded by names, not by what a log has: thirty thousand
// calls of callers who call themselves anew each time, as long as a line allows.
func TestASummaryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := newSummary()
	long := strings.Repeat("x", 8000)
	at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	made := make([]string, 200)
	for i := range made {
		made[i] = long
	}
	for n := range 30_000 {
		name := fmt.Sprintf("%d %s", n, long)
		e := Stored{Time: at.Add(time.Duration(n) * time.Hour)}
		e.Kind, e.Session, e.Call, e.Principal, e.Client, e.Tool, e.Repo, e.Code = KindOutcome, name, name, name, name, name, name, name
		e.Redactions, e.Written, e.Made = map[string]int{name: 1}, 1, made
		s.add(e)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 150<<20 {
		t.Errorf("%d MB are kept", m.HeapAlloc>>20)
	}
	sum := s.end()
	if sum.Calls != 30_000 || len(sum.ByTool) != maxNames+1 || len(sum.Writes) != maxWrites || len(sum.Sessions) != maxSessions ||
		sum.SessionsLeftOut != 30_000-maxSessions || sum.WritesLeftOut != 30_000-maxWrites {
		t.Errorf("%d calls, %d tools, %d writes (%d), %d sessions (%d)", sum.Calls, len(sum.ByTool), len(sum.Writes), sum.WritesLeftOut, len(sum.Sessions), sum.SessionsLeftOut)
	}
}

// Calls over time have no gaps, and by the shortest unit of which there are few enough.
func TestOverTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		times  []string
		points int
		first  string
	}{
		{[]string{"2031-02-03T04:05:06Z"}, 1, "2031-02-03T04"},
		{[]string{"2031-02-03T23:59:59Z", "2031-02-04T00:00:00Z"}, 2, "2031-02-03T23"},
		{[]string{"2031-02-03T04:05:06Z", "2031-02-07T23:05:06Z"}, 116, "2031-02-03T04"},
		{[]string{"2031-02-03T04:05:06Z", "2031-02-09T04:05:06Z"}, 7, "2031-02-03"},
		{[]string{"2031-01-31T04:05:06Z", "2031-03-01T04:05:06Z", "2031-02-10T04:05:06Z"}, 30, "2031-01-31"},
		{[]string{"2031-01-31T04:05:06Z", "2031-12-01T04:05:06Z"}, 12, "2031-01"},
		{[]string{"1970-01-01T00:00:00Z", "2031-12-01T04:05:06Z"}, 62, "1970"},
		{[]string{"0001-01-01T00:00:00Z", "9999-12-31T04:05:06Z"}, 2, "0001-01-01"},
	} {
		s := newSummary()
		for _, text := range c.times {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			e := Stored{Time: at}
			e.Kind, e.Decision, e.Stage = KindDecision, Deny, StageStatic
			s.add(e)
		}
		sum, n := s.end(), int64(0)
		for i, p := range sum.OverTime {
			if n += p.N; p.N != p.OfDenials || i > 0 && p.Name <= sum.OverTime[i-1].Name {
				t.Errorf("%v: %+v", c.times, p)
			}
		}
		if len(sum.OverTime) != c.points || sum.OverTime[0].Name != c.first || n != int64(len(c.times)) {
			t.Errorf("%v: %d points, %d calls, the first %s", c.times, len(sum.OverTime), n, sum.OverTime[0].Name)
		}
	}
}
