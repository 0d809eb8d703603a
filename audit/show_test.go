package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/internal/race"
)

// of returns a log with these entries, closed.
func of(t testing.TB, entries ...Entry) (path string) {
	t.Helper()
	path = newPath(t)
	l := openAt(t, path)
	for _, e := range entries {
		if err := l.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// show returns what Show gives, each line as "SEQ", "!SEQ" after a problem,
// "!!SEQ" if it does not belong, "-" if it is no entry.
func show(t testing.TB, path string, q Query) (string, Reading) {
	t.Helper()
	var shown []string
	reading, err := Show(ctx, path, q, func(s Stored) error {
		mark := ""
		switch {
		case s.Kind == "":
			shown = append(shown, "-")
			return nil
		case s.Broken != "":
			mark = "!!"
		case s.After:
			mark = "!"
		}
		shown = append(shown, fmt.Sprint(mark, s.Seq))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(shown, " "), reading
}

func TestShowChooses(t *testing.T) {
	t.Parallel()
	call := func(session, call, tool, repo string) Entry {
		return Entry{Kind: KindDecision, Session: session, Call: call, Tool: tool, Capability: "read", Repo: repo, Stage: StageStatic, Decision: Allow}
	}
	denied := call("b", "b-1", "get_issue", "acme/b")
	denied.Decision, denied.Code = Deny, "policy_denied"
	outcome := func(code string) Entry {
		e := call("b", "b-2", "get_issue", "acme/b")
		e.Kind, e.Decision, e.Stage, e.Code = KindOutcome, "", "", code
		return e
	}
	second := call("a", "a-2", "create_pull_request", "acme/a")
	second.Second, second.Job = "bob/fork", "stale"
	escaped := call("a\tb", "a\"2", "get_issue", "acme/c")
	path := of(t, // each a second after the other, from 04:05:07 on
		Entry{Kind: KindSessionStart, Session: "a"},
		call("a", "a-1", "get_issue", "acme/a"),
		denied,
		outcome("moved"), outcome("not_found"), outcome(""),
		second,
		escaped,
		Entry{Kind: KindSessionEnd, Session: "a"},
	)
	at := func(second int) time.Time { return time.Date(2031, 2, 3, 4, 5, second, 7, time.UTC) }
	for _, c := range []struct {
		name    string
		q       Query
		want    string
		earlier int64
	}{
		{"everything", Query{}, "1 2 3 4 5 6 7 8 9", 0},
		{"the last", Query{Limit: 2}, "8 9", 7},
		{"as many as there are", Query{Limit: 9}, "1 2 3 4 5 6 7 8 9", 0},
		{"more than there are", Query{Limit: 1000}, "1 2 3 4 5 6 7 8 9", 0},
		{"a call", Query{Call: "b-2"}, "4 5 6", 0},
		{"the last of a call", Query{Call: "b-2", Limit: 1}, "6", 2},
		{"a session", Query{Session: "a"}, "1 2 7 9", 0},
		{"a session whose name needs escapes", Query{Session: "a\tb"}, "8", 0},
		{"a call whose name needs escapes", Query{Call: `a"2`}, "8", 0},
		{"a tool", Query{Tool: "create_pull_request"}, "7", 0},
		{"a job", Query{Job: "stale"}, "7", 0},
		{"a job's refusals", Query{Job: "stale", Denied: true}, "", 0},
		{"another job", Query{Job: "stal"}, "", 0},
		{"a repository in any case", Query{Repo: "ACME/b"}, "3 4 5 6", 0},
		{"a second repository", Query{Repo: "bob/fork"}, "7", 0},
		{"refusals", Query{Denied: true, Failures: []string{"not_found"}}, "3 4", 0},
		{"refusals and failures", Query{Denied: true}, "3 4 5", 0},
		{"since the very moment", Query{Since: at(13)}, "7 8 9", 0},
		{"since right after it", Query{Since: at(13).Add(1)}, "8 9", 0},
		{"in another time zone", Query{Since: at(13).In(time.FixedZone("", 3600))}, "7 8 9", 0},
		{"since later", Query{Since: at(59)}, "", 0},
		{"both", Query{Session: "b", Denied: true, Failures: []string{"not_found", "moved"}}, "3", 0},
		{"nothing", Query{Tool: "get_issue", Repo: "bob/fork"}, "", 0},
	} {
		got, reading := show(t, path, c.q)
		if got != c.want || reading.Earlier != c.earlier || len(reading.Problems) > 0 || len(reading.Notes) > 0 {
			t.Errorf("%s: %q, want %q; %+v", c.name, got, c.want, reading)
		}
	}
}

// What is shown is what was appended, member by member, and the bytes that lie
// in the file.
func TestShownEntriesAreWhatWasAppended(t *testing.T) {
	t.Parallel()
	full := everything()
	full.DryRun, full.Second, full.Written, full.ShownSHA256 = true, "bob/sandbox", 2, strings.Repeat("c0", 32)
	full.Exceptions = map[string]int{"jwt@1": 1}
	full.Connection = "c2"
	full.Trace, full.Number, full.Rows, full.ShownBytes = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 12, 30, 512
	full.Made = []string{"issue 12"}
	full.Job, full.Trigger, full.Delivery, full.Run = "stale", "webhook", "0a6b7c1e-3a4f-4d7a-9a55-2f8a3a1b2c3d", 12
	full.Case = Case{Of: "bob/sandbox 7 was bob/old", Paths: []string{"a"}, Folder: true, Branch: "main", Default: "yes", Asks: "reading", Lineage: []string{"acme/base 3"}}
	full.Client = "a\x1b[2J\u202e\"\\日本"
	path := of(t, full)
	for _, limit := range []int{0, 1} {
		var got Stored
		if _, err := Show(ctx, path, Query{Limit: limit}, func(s Stored) error { got = s; got.Raw = bytes.Clone(s.Raw); return nil }); err != nil {
			t.Fatal(err)
		}
		if string(got.Raw)+"\n" != string(read(t, path)) {
			t.Errorf("bytes %s", got.Raw)
		}
		again, _, err := appendLine(nil, &got.Entry, got.Seq, got.Time, noHash)
		if err != nil || !bytes.Equal(bytes.TrimSuffix(again, []byte("\n")), got.Raw) {
			t.Errorf("%v\n%s\nwas read from\n%s", err, again, got.Raw)
		}
	}
	for _, m := range members {
		switch m.name {
		case "seq", "time", "kind":
		default:
			if setters[m.name] == nil {
				t.Errorf("member %s is not read", m.name)
			}
		}
	}
}

// A log that was changed is shown all the same, and it is said from where on it
// can't be believed.
func TestShowGoesOnAfterAProblem(t *testing.T) {
	t.Parallel()
	whole := of(t, sample(), sample(), sample(), sample(), sample(), sample())
	lines := strings.SplitAfter(string(read(t, whole)), "\n")[:6]
	head := read(t, whole+".head")
	join := func(lines ...string) string { return strings.Join(lines, "") }
	changed := func(line string) string { return strings.Replace(line, "alice", "mallo", 1) }
	for _, c := range []struct {
		name, log, want string
		problems        int
		says            string
	}{
		{"untouched", join(lines...), "1 2 3 4 5 6", 0, ""},
		{"one changed", join(lines[0], lines[1], changed(lines[2]), lines[3], lines[4], lines[5]), "1 2 !!3 !4 !5 !6", 1, "has been changed"},
		{"the first changed", join(changed(lines[0]), lines[1], lines[2], lines[3], lines[4], lines[5]), "!!1 !2 !3 !4 !5 !6", 1, "has been changed"},
		{"the last changed", join(lines[0], lines[1], lines[2], lines[3], lines[4], changed(lines[5])), "1 2 3 4 5 !!6", 1, "has been changed"},
		{"one missing", join(lines[0], lines[1], lines[3], lines[4], lines[5]), "1 2 !!4 !5 !6", 1, "what was between them is missing"},
		{"the first missing", join(lines[1:]...), "!!2 !3 !4 !5 !6", 1, "stands after entry 0"},
		{"one doubled", join(lines[0], lines[1], lines[1], lines[2], lines[3], lines[4], lines[5]), "1 2 !!2 !3 !4 !5 !6", 1, "doubled or moved"},
		{"two swapped", join(lines[0], lines[2], lines[1], lines[3], lines[4], lines[5]), "1 !!3 !!2 !!4 !5 !6", 3, "what was between them is missing"},
		{"garbage between", join(lines[0], lines[1], "garbage\n", lines[2], lines[3], lines[4], lines[5]), "1 2 - !3 !4 !5 !6", 1, "does not begin with a version"},
		{"a line of another version", join(lines[0], strings.Replace(lines[1], `{"v":1`, `{"v":2`, 1), lines[2], lines[3], lines[4], lines[5]), "1 - !!3 !4 !5 !6", 2, "has version 2"},
		{"an empty line", join(lines[0], "\n", lines[1], lines[2], lines[3], lines[4], lines[5]), "1 - !2 !3 !4 !5 !6", 1, "does not begin with a version"},
		{"the end cut off", join(lines[:4]...), "1 2 3 4", 1, "shorter than its head"},
		{"cut in a line", join(lines[:5]...) + lines[5][:50], "1 2 3 4 5 -", 1, "shorter than its head"},
		{"emptied", "", "", 1, "shorter than its head"},
		{"a line longer than any", join(lines[:3]...) + strings.Repeat("x", 300<<10) + "\n" + join(lines[3:]...), "1 2 3 - !4 !5 !6", 1, "longer than 65536 bytes"},
		{"all garbage", strings.Repeat("\x1b[2J\n", 1000), strings.TrimSpace(strings.Repeat("- ", 1000)), 1, "does not begin with a version"},
		{"changed and cut off", join(lines[0], changed(lines[1]), lines[2]), "1 !!2 !3", 2, "has been changed"},
	} {
		path := newPath(t)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, path, []byte(c.log))
		write(t, path+".head", head)
		for _, limit := range []int{0, 1000} {
			got, reading := show(t, path, Query{Limit: limit})
			if got != c.want || len(reading.Problems) != c.problems {
				t.Errorf("%s: %q, want %q; problems %v", c.name, got, c.want, reading.Problems)
			}
			if c.problems > 0 && !strings.Contains(reading.Problems[0].Reason, c.says) {
				t.Errorf("%s: %s", c.name, reading.Problems[0])
			}
		}
		sameFirstProblem(t, path)
	}
}

// Show and Verify judge alike.
func sameFirstProblem(t testing.TB, path string) {
	t.Helper()
	_, reading := show(t, path, Query{})
	report := verify(t, path)
	switch {
	case report.Problem == nil && len(reading.Problems) > 0:
		t.Errorf("only show finds %s", reading.Problems[0])
	case report.Problem != nil && len(reading.Problems) == 0:
		t.Errorf("show does not find %s", report.Problem)
	case report.Problem != nil && *report.Problem != *reading.Problems[0]:
		t.Errorf("verify says %s, show %s", report.Problem, reading.Problems[0])
	}
	for _, p := range reading.Problems[min(1, len(reading.Problems)):] {
		if !p.Since.IsZero() {
			t.Errorf("after a problem, it says that everything is good up to %s", p.Since)
		}
	}
}

// Whatever byte is flipped, show notices, and shows every line that it can read.
func TestShowNoticesEveryFlippedByte(t *testing.T) {
	t.Parallel()
	path := filled(t, 2)
	whole := read(t, path)
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		write(t, path, changed)
		got, reading := show(t, path, Query{})
		if len(reading.Problems) == 0 {
			t.Fatalf("byte %d changed and nobody noticed", i)
		}
		if n := len(strings.Fields(got)); n < 1 || n > 3 {
			t.Fatalf("byte %d changed: %q", i, got)
		}
	}
}

func TestShowNamesAFragment(t *testing.T) {
	t.Parallel()
	path := filled(t, 2)
	whole := read(t, path)
	write(t, path, append(bytes.Clone(whole), `{"v":1,"seq":3,"ti`...))
	got, reading := show(t, path, Query{})
	if got != "1 2 -" || len(reading.Problems) > 0 || len(reading.Notes) != 1 || !strings.Contains(reading.Notes[0], "18 bytes of an entry that was never finished") {
		t.Errorf("%q, %+v", got, reading)
	}
	if got, reading := show(t, path, Query{Tool: "get_file_contents"}); got != "1 2" || len(reading.Notes) != 1 {
		t.Errorf("%q, %+v", got, reading)
	}
	appendTo(t, openAt(t, path)) // which explains it
	got, reading = show(t, path, Query{})
	if got != "1 2 - 3 4" || len(reading.Problems) > 0 || len(reading.Notes) > 0 {
		t.Errorf("%q, %+v", got, reading)
	}
}

func TestShowOfWhatIsNoLog(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, path := range []string{filepath.Join(folder, "nowhere"), filepath.Join(folder, "no", "where"), folder} {
		if _, err := Show(ctx, path, Query{}, nil); err == nil {
			t.Errorf("%s is shown", path)
		}
		if _, err := ShowUnfinished(ctx, path, Query{}, nil); err == nil {
			t.Errorf("%s is shown", path)
		}
	}
	path := filled(t, 1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, reading := show(t, path, Query{}); got != "" || len(reading.Problems) != 1 || !strings.Contains(reading.Problems[0].String(), "is missing") {
		t.Errorf("%q, %+v", got, reading)
	}
	if reading, err := ShowUnfinished(ctx, path, Query{}, nil); err != nil || len(reading.Problems) != 1 {
		t.Errorf("%+v, %v", reading, err)
	}
}

func TestShowStops(t *testing.T) {
	t.Parallel()
	path := filled(t, 3)
	full := errors.New("no more")
	for _, limit := range []int{0, 2} {
		calls := 0
		_, err := Show(ctx, path, Query{Limit: limit}, func(Stored) error { calls++; return full })
		if !errors.Is(err, full) || calls != 1 {
			t.Errorf("%v after %d", err, calls)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Show(ended, path, Query{}, func(Stored) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Problems are as many as somebody made; those that are kept are not.
func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	path := filled(t, 1)
	line := read(t, path)
	write(t, path, bytes.Repeat(line, 100))
	_, reading := show(t, path, Query{Limit: 1})
	if len(reading.Problems) != maxProblems || reading.More != 99-maxProblems || reading.Earlier != 99 {
		t.Errorf("%d problems, %d more, %d earlier", len(reading.Problems), reading.More, reading.Earlier)
	}
}

// A log that grows while it is shown is shown as it was.
func TestShowWhileSessionsAppend(t *testing.T) {
	t.Parallel()
	path := filled(t, 5)
	l := openAt(t, path)
	var shown []int64
	reading, err := Show(ctx, path, Query{}, func(s Stored) error {
		shown = append(shown, s.Seq)
		return l.Append(ctx, sample())
	})
	if err != nil || len(reading.Problems) > 0 || !slices.Equal(shown, []int64{1, 2, 3, 4, 5}) {
		t.Errorf("%v, %+v, %v", shown, reading, err)
	}
	if got, _ := show(t, path, Query{Limit: 1}); got != "10" {
		t.Errorf("%q", got)
	}
}

// The log is read as a stream: what is allocated, let alone kept, is a small
// part of what is read. Not parallel: it counts what this process allocates.
func TestShowKeepsLittleInMemory(t *testing.T) {
	entries := 200_000
	if testing.Short() || race.On {
		entries = 10_000
	}
	path := long(t, entries)
	for name, read := range map[string]func() (Reading, error){
		"verified": func() (Reading, error) {
			_, err := Verify(ctx, path)
			return Reading{}, err
		},
		"the last": func() (Reading, error) { return Show(ctx, path, Query{Limit: 50}, func(Stored) error { return nil }) },
		"unfinished": func() (Reading, error) {
			return ShowUnfinished(ctx, path, Query{}, func(Unfinished) error { return nil })
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		reading, err := read()
		runtime.ReadMemStats(&after)
		if err != nil || len(reading.Problems) > 0 {
			t.Fatalf("%s: %+v, %v", name, reading, err)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20+uint64(size(t, path))/25 {
			t.Errorf("%s: %d bytes were allocated for a log of %d", name, spent, size(t, path))
		} else {
			t.Logf("%s: %d bytes were allocated for a log of %d", name, spent, size(t, path))
		}
	}
}

// long writes a log without a head, a copy, of n entries, and every hundredth
// of them a write that was announced, with its outcome after it.
func long(t testing.TB, n int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "copy.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b []byte
	prev, now := noHash, tick()
	for i := range n {
		e := sample()
		e.Call = fmt.Sprint("c", i/2)
		if i%100 == 0 {
			e.Stage, e.Capability = StageResolved, "write"
		}
		if i%2 == 1 {
			e.Kind = KindOutcome
		}
		if b, prev, err = appendLine(b, &e, int64(i+1), now(), prev); err != nil {
			t.Fatal(err)
		}
		if len(b) > 1<<20 || i == n-1 {
			if _, err := f.Write(b); err != nil {
				t.Fatal(err)
			}
			b = b[:0]
		}
	}
	return path
}

// What somebody wrote into a log reaches whoever verifies it as ASCII escapes.
func TestNotesAndProblemsAreEscaped(t *testing.T) {
	t.Parallel()
	const evil = "\u009b31m\u202e\u200b\x7f"
	recovery := rechain([]string{`{"v":1,"seq":1,"time":"2031-01-01T00:00:00.000000000Z","kind":"recovery","session":"","reason":"` + evil + `"`})[0]
	unknown := rechain([]string{`{"v":1,"seq":1,"time":"2031-01-01T00:00:00.000000000Z","kind":"outcome","session":"","` + evil + `\u05d0":1`})[0]
	for _, log := range []string{recovery, unknown} {
		path := filepath.Join(t.TempDir(), "copy.jsonl")
		write(t, path, []byte(log+"\n"))
		report := verify(t, path)
		said := strings.Join(report.Notes, " ")
		if report.Problem != nil {
			said += report.Problem.String()
		}
		if !strings.Contains(said, `\u009b31m\u202e\u200b`) || strings.ContainsAny(said, evil[:2]+"\u202e\u200b\x7f\u05d0") {
			t.Errorf("%q", said)
		}
	}
}
