package audit

import (
	"fmt"
	"strings"
	"testing"
)

// withoutOutcome returns the calls without an outcome as "CALL xREQUESTS", with
// "ended" if their session has.
func withoutOutcome(t testing.TB, path string, q Query) (string, Reading) {
	t.Helper()
	var calls []string
	reading, err := ShowUnfinished(ctx, path, q, func(u Unfinished) error {
		call := fmt.Sprintf("%s x%d", u.Call, u.Requests)
		if u.Ended {
			call += " ended"
		}
		calls = append(calls, call)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(calls, ", "), reading
}

func TestUnfinished(t *testing.T) {
	t.Parallel()
	entry := func(kind Kind, stage Stage, decision Decision, session, call string) Entry {
		return Entry{Kind: kind, Session: session, Call: call, Tool: "create_issue", Capability: "write", Repo: "acme/sandbox", Stage: stage, Decision: decision}
	}
	static := func(call string) Entry { return entry(KindDecision, StageStatic, Allow, "s", call) }
	sends := func(call string) Entry { return entry(KindDecision, StageResolved, Allow, "s", call) }
	outcome := func(call string) Entry { return entry(KindOutcome, "", "", "s", call) }
	with := func(e Entry, change func(*Entry)) Entry { change(&e); return e }
	end := Entry{Kind: KindSessionEnd, Session: "s"}
	for _, c := range []struct {
		name string
		log  []Entry
		want string
	}{
		{"nothing was written", []Entry{static("1"), outcome("1")}, ""},
		{"a write and its outcome", []Entry{static("1"), sends("1"), outcome("1"), end}, ""},
		{"a write without", []Entry{static("1"), sends("1")}, "1 x1"},
		{"and other calls go on", []Entry{static("1"), sends("1"), static("2"), sends("2"), outcome("2")}, "1 x1"},
		{"in a session that ended", []Entry{sends("1"), end}, "1 x1 ended"},
		{"several requests, the last unanswered", []Entry{static("1"), sends("1"), sends("1"), sends("1")}, "1 x3"},
		{"several requests, answered", []Entry{sends("1"), sends("1"), outcome("1")}, ""},
		{"the outcome comes before it", []Entry{outcome("1"), sends("1")}, "1 x1"},
		{"after its outcome, once more", []Entry{sends("1"), outcome("1"), sends("1")}, "1 x1"},
		{"the outcome of another session's call", []Entry{sends("1"), entry(KindOutcome, "", "", "other", "1")}, "1 x1"},
		{"two, the last decided last", []Entry{sends("1"), sends("2"), sends("1")}, "2 x1, 1 x2"},
		{"cut short before it was resolved", []Entry{static("1")}, ""},
		{"asked about, not answered", []Entry{static("1"), entry(KindDecision, StageResolved, Ask, "s", "1")}, ""},
		{"asked about and declined", []Entry{entry(KindDecision, StageResolved, Ask, "s", "1"), entry(KindDecision, StageResolved, Deny, "s", "1")}, ""},
		{"asked about, allowed, cut short", []Entry{entry(KindDecision, StageResolved, Ask, "s", "1"), sends("1")}, "1 x1"},
		{"a dry run", []Entry{with(sends("1"), func(e *Entry) { e.DryRun = true })}, ""},
		{"a read", []Entry{with(sends("1"), func(e *Entry) { e.Capability = "read" })}, ""},
		{"of the automation class", []Entry{with(sends("1"), func(e *Entry) { e.Capability = "automation" })}, "1 x1"},
	} {
		if got, reading := withoutOutcome(t, of(t, c.log...), Query{}); got != c.want || len(reading.Problems) > 0 || reading.Earlier > 0 {
			t.Errorf("%s: %q, want %q; %+v", c.name, got, c.want, reading)
		}
	}
}

func TestUnfinishedChooses(t *testing.T) {
	t.Parallel()
	path := of(t, sending("1", "acme/a"), sending("2", "acme/b"), sending("3", "acme/b"))
	for want, q := range map[string]Query{
		"1 x1, 2 x1, 3 x1": {Limit: 1, Denied: true}, // which mean nothing here
		"2 x1, 3 x1":       {Repo: "Acme/B"},
		"3 x1":             {Call: "3"},
		"":                 {Tool: "create_label"},
	} {
		if got, _ := withoutOutcome(t, path, q); got != want {
			t.Errorf("%+v: %q, want %q", q, got, want)
		}
	}
}

func sending(call, repo string) Entry {
	return Entry{Kind: KindDecision, Session: "s", Call: call, Tool: "create_issue", Capability: "write", Repo: repo, Stage: StageResolved, Decision: Allow}
}

// In a log that was changed the answer is what is left of it, and not silent.
func TestUnfinishedInAChangedLog(t *testing.T) {
	t.Parallel()
	path := of(t, sample(), sending("1", "acme/a"), sample())
	write(t, path, []byte(strings.Replace(string(read(t, path)), "alice", "mallo", 1)))
	got, reading := withoutOutcome(t, path, Query{})
	if got != "1 x1" || len(reading.Problems) != 1 {
		t.Errorf("%q, %+v", got, reading)
	}
}

func TestUnfinishedIsBounded(t *testing.T) {
	t.Parallel()
	const calls = maxUnfinished + 7
	var b []byte
	prev, now := noHash, tick()
	for i := range calls {
		e := sending(fmt.Sprint(i), "acme/a")
		var err error
		if b, prev, err = appendLine(b, &e, int64(i+1), now(), prev); err != nil {
			t.Fatal(err)
		}
	}
	path := t.TempDir() + "/copy.jsonl"
	write(t, path, b)
	got, reading := withoutOutcome(t, path, Query{})
	if n := strings.Count(got, "x1"); n != maxUnfinished || reading.Earlier != calls-maxUnfinished {
		t.Errorf("%d calls, %d not followed", n, reading.Earlier)
	}
}
