package cli

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aegis/audit"
)

// logOf writes a log of these entries, in a folder of its own.
func logOf(t testing.TB, opts audit.Options, entries ...audit.Entry) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "state", "audit.jsonl")
	log, err := audit.Open(file, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := log.Append(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// from2031 is a clock that goes on by some time at each look.
func from2031(step time.Duration) func() time.Time {
	return clockFrom(time.Date(2031, 2, 3, 4, 5, 0, 0, time.UTC), step)
}

func clockFrom(now time.Time, step time.Duration) func() time.Time {
	return func() time.Time {
		now = now.Add(step)
		return now
	}
}

func aCall(n int, client string) []audit.Entry {
	e := audit.Entry{
		Kind: audit.KindDecision, Session: "s", Call: fmt.Sprintf("s-%d", n), Principal: "alice", Client: client, Tool: "get_file_contents", Capability: "read",
		Repo: "acme/service", Paths: []string{fmt.Sprintf("docs/%d.md", n)}, Stage: audit.StageStatic, Decision: audit.Allow,
	}
	o := e
	o.Kind, o.Stage, o.Decision, o.Bytes = audit.KindOutcome, "", "", 512
	return []audit.Entry{e, o}
}

// On a terminal each line is as wide as the terminal at most, each column begins where it
// did in the line before, and what was cut says so.
func TestColumnsFitTheTerminal(t *testing.T) {
	t.Parallel()
	entries := append(aCall(1, "claude-code 2.1"), aCall(2, "会議クライアント 1")...)
	long := aCall(3, strings.Repeat("client ", 20))
	long[1].Made, long[1].Paths = []string{"commit " + strings.Repeat("a", 40)}, []string{strings.Repeat("deep/", 40), "資料/" + strings.Repeat("長い名前", 30)}
	entries = append(entries, long...)
	night := clockFrom(time.Date(2031, 2, 3, 23, 59, 55, 0, time.UTC), time.Second)
	log := logOf(t, audit.Options{Now: night}, entries...)
	for _, width := range []int{60, 80, 120, 200, 2000} {
		for _, limit := range []int{0, 50} {
			var out bytes.Buffer
			p := newCallPrinter(&out, nil, limit, false)
			p.layout.width = width
			p.layout.fit(nil)
			if _, err := audit.Show(t.Context(), log, audit.Query{}, p.entry); err != nil {
				t.Fatal(err)
			}
			if err := p.finish(); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			tools := map[int]bool{}
			for _, line := range lines {
				if cellWidth(line) > width {
					t.Errorf("%d columns instead of %d: %q", cellWidth(line), width, line)
				}
				if at := strings.Index(line, "get_"); at >= 0 {
					tools[at] = true
				}
			}
			if len(tools) != 1 || len(lines) != 5 || lines[0] != "2031-02-03 UTC" {
				t.Errorf("%d: %d lines, columns %v:\n%s", width, len(lines), tools, out.String())
			}
			if cut := strings.Contains(out.String(), "…"); cut != (width < 2000 || limit == 0) {
				t.Errorf("%d: cut %v:\n%s", width, cut, out.String())
			}
		}
	}
}

// A call whose outcome lies after the time that is asked for has an outcome.
func TestUntilDoesNotHideAnOutcome(t *testing.T) {
	t.Parallel()
	log := logOf(t, audit.Options{Now: from2031(time.Second)}, append(aCall(1, "c"), aCall(2, "c")...)...)
	stdout, _, status := auditShow("--until", "2031-02-03T04:05:02Z", log)
	if status != 0 || strings.Count(stdout, "\n") != 1 || !strings.Contains(stdout, "docs/1.md: 512 bytes") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// The last calls are shown without the older files, which is said, and all of them if that
// is asked for or if the newest do not have enough.
func TestTheLastCallsNeedTheNewestFilesOnly(t *testing.T) {
	t.Parallel()
	var entries []audit.Entry
	for n := range 100 {
		entries = append(entries, aCall(n, "c")...)
	}
	log := logOf(t, audit.Options{MaxSize: 4000}, entries...)
	for _, c := range []struct {
		args    []string
		lines   int
		notRead bool
	}{
		{[]string{"--limit", "2"}, 2, true},
		{[]string{"--limit", "70"}, 70, false},
		{[]string{"--limit", "0"}, 100, false},
		{[]string{"--call", "s-3"}, 1, false},
	} {
		stdout, stderr, status := auditShow(append(c.args, log)...)
		lines := 0
		for line := range strings.Lines(stdout) {
			if strings.Contains(line, "get_file_contents") {
				lines++
			}
		}
		if status != 0 || strings.Contains(stderr, "not read") != c.notRead || c.lines != lines && !(lines < c.lines && strings.Count(stdout, "\n") == c.lines) {
			t.Errorf("%s: status %d, %d lines, %s", c.args, status, lines, stderr)
		}
	}
}

// A call without an outcome stands where it was decided, and does not take the place of
// what came after it.
func TestCallsWithoutAnOutcomeStandInTheirPlace(t *testing.T) {
	t.Parallel()
	var entries []audit.Entry
	for n := range 60 {
		call := aCall(n, "c")
		if n < 20 || n == 50 {
			call = call[:1] // its process was killed
		}
		entries = append(entries, call...)
	}
	stdout, stderr, status := auditShow("--limit", "12", logOf(t, audit.Options{}, entries...))
	for i, line := range strings.Split(strings.TrimSuffix(stdout, "\n"), "\n") {
		want := fmt.Sprintf(" docs/%d.md: 512 bytes", 48+i)
		if 48+i == 50 {
			want = " docs/50.md: no outcome"
		}
		if !strings.Contains(line, want) {
			t.Errorf("line %d is %q", i, line)
		}
	}
	if status != 0 || strings.Count(stdout, "\n") != 12 || !strings.HasPrefix(stderr, "note: 48 earlier lines are not shown") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// Times are of the zone that was asked for, and say so.
func TestTimesSayTheirZone(t *testing.T) {
	t.Parallel()
	line := logLine{seq: 7, at: time.Date(2031, 2, 3, 23, 30, 0, 0, time.UTC), verdict: "allow", tool: "get_me", came: "9 bytes"}
	for zone, want := range map[*time.Location][2]string{
		time.UTC:                         {"2031-02-03 23:30:00Z      7 allow   get_me: 9 bytes", "2031-02-03 UTC\n23:30:00"},
		time.FixedZone("CET", 3600):      {"2031-02-04 00:30:00 CET      7 allow   get_me: 9 bytes", "2031-02-04 CET\n00:30:00"},
		time.FixedZone("\x1b[31m", 3600): {"2031-02-04 00:30:00 \"\\x1b[31m\"      7 allow   get_me: 9 bytes", "2031-02-04 \"\\x1b[31m\"\n00:30:00"},
	} {
		if got := (&logLayout{zone: zone}).text(line); got != want[0] {
			t.Errorf("%q", got)
		}
		terminal := logLayout{zone: zone, width: 80}
		terminal.fit([]logLine{line})
		if got := terminal.text(line); !strings.HasPrefix(got, want[1]) {
			t.Errorf("%q", got)
		}
	}
}

// However a log is cut into files and whatever calls were cut short, the last lines are the
// last of all.
func TestTheLastLinesAreTheLastOfAll(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(16, 2031))
	for range 8 {
		var entries, late []audit.Entry
		for n := range 120 {
			switch call := aCall(n, "c"); r.IntN(5) {
			case 0:
				entries = append(entries, call[0])
			case 1:
				entries, late = append(entries, call[0]), append(late, call[1])
			default:
				entries = append(entries, call...)
			}
			if r.IntN(4) == 0 {
				entries, late = append(entries, late...), nil
			}
		}
		log := logOf(t, audit.Options{MaxSize: int64(3000 + r.IntN(20_000)), Now: from2031(time.Second)}, entries...)
		number := func(line string) string { return line[len("2031-02-03 04:05:06Z "):][:6] }
		whole, _, _ := auditShow("--limit", "0", log)
		all := strings.Split(strings.TrimSuffix(whole, "\n"), "\n")
		slices.SortStableFunc(all, func(a, b string) int { return strings.Compare(number(a), number(b)) })
		for _, limit := range []int{1, 7, 50, 119} {
			limited, _, _ := auditShow("--limit", strconv.Itoa(limit), log)
			if want := strings.Join(all[max(0, len(all)-limit):], "\n") + "\n"; limited != want {
				t.Fatalf("%d:\n%s\nwant\n%s", limit, limited, want)
			}
		}
	}
}
