package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func parse(t testing.TB, fields, zone string) *Schedule {
	t.Helper()
	s, err := Parse(fields, zone)
	if err != nil {
		t.Fatalf("%s %s: %v", fields, zone, err)
	}
	return s
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Each wrong schedule is refused with what to write.
func TestWrongSchedules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fields, zone, says string }{
		{"", "", "five are wanted"},
		{"0 3 * *", "", "4 fields"},
		{"0 0 3 * * 1", "", "6 fields"},
		{"@daily", "", "@daily"},
		{"@every 1s", "", "are not read"},
		{"TZ=UTC 0 3 * * *", "", "the key timezone"},
		{"CRON_TZ=Europe/Berlin 0 3 * * *", "", "the key timezone"},
		{"60 3 * * *", "", "out of its bounds"},
		{"0 24 * * *", "", "out of its bounds"},
		{"0 3 32 * *", "", "out of its bounds"},
		{"0 3 0 * *", "", "out of its bounds"},
		{"0 3 * 13 *", "", "out of its bounds"},
		{"0 3 * * 8", "", "out of its bounds"},
		{"0 3 * * fry", "", "out of its bounds"},
		{"*/0 * * * *", "", "out of its bounds"},
		{"1-2-3 * * * *", "", "out of its bounds"},
		{"0 3 L * *", "", "out of its bounds"},
		{"H H * * *", "", "out of its bounds"},
		{"0 3 * * 5#3", "", "no others"},
		{"0 3 ? * 1", "", "no others"},
		{"0 3 30 2 *", "", "never comes"},
		{"0 3 31 2,4,6,9,11 *", "", "never comes"},
		{"0 3 1 * 1", "", "write one of the two"},
		{"0 3 * * 1", "Local", "no time zone"},
		{"0 3 * * 1", "EST", "no time zone"},
		{"0 3 * * 1", "Europe/Berlino", "no time zone of this name"},
		{"0 3 * * 1", "../../etc/passwd", "no time zone"},
		{"0 3 * * 1", "/etc/localtime", "no time zone"},
		{"0\t3 * * 1", "", "no others"},
	} {
		_, err := Parse(c.fields, c.zone)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q %q: %v, want %q", c.fields, c.zone, err, c.says)
		}
		var fields *FieldsError
		var zone *ZoneError
		if err != nil && errors.As(err, &fields) == errors.As(err, &zone) {
			t.Errorf("%q %q: it is not said which of the two is wrong", c.fields, c.zone)
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fields, after, want string }{
		{"0 3 * * 1", "2026-11-29T05:00:00Z", "2026-11-30T03:00:00Z"},
		{"0 3 * * 1", "2026-11-30T03:00:00Z", "2026-12-07T03:00:00Z"},
		{"0 3 * * 7", "2026-11-30T03:00:00Z", "2026-12-06T03:00:00Z"},
		{"0 3 * * sun", "2026-11-30T03:00:00Z", "2026-12-06T03:00:00Z"},
		{"*/15 * * * *", "2026-11-30T03:44:59Z", "2026-11-30T03:45:00Z"},
		{"*/15 * * * *", "2026-11-30T23:45:00Z", "2026-12-01T00:00:00Z"},
		{"0 0 29 2 *", "2026-11-30T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
		{"30 4 31 * *", "2026-01-31T05:00:00Z", "2026-03-31T04:30:00Z"},
	} {
		if got := parse(t, c.fields, "").Next(moment(t, c.after)).Format(time.RFC3339); got != c.want {
			t.Errorf("%s after %s: %s, want %s", c.fields, c.after, got, c.want)
		}
	}
}

// Where nothing changes its clock, the library's own arithmetic says the same.
func TestAsTheLibraryInUTC(t *testing.T) {
	t.Parallel()
	for _, fields := range []string{"0 3 * * 1", "*/7 */5 * * *", "59 23 31 12 *", "0 0 1,15 * *", "5 4 * feb-apr *", "10-20/5 22-2 * * mon-fri"} {
		s := parse(t, fields, "")
		ours, theirs := moment(t, "2026-01-01T00:00:00Z"), moment(t, "2026-01-01T00:00:00Z")
		for range 300 {
			ours, theirs = s.Next(ours), s.fields.Next(theirs)
			if !ours.Equal(theirs) {
				t.Fatalf("%s: %v, want %v", fields, ours, theirs)
			}
		}
	}
}

func TestMissedRuns(t *testing.T) {
	t.Parallel()
	s := parse(t, "0 * * * *", "")
	for _, c := range []struct {
		what, seen, now string
		mode            Missed
		at              string
		missed          int
	}{
		{"never looked at", "0001-01-01T00:00:00Z", "2026-05-01T10:00:00Z", Once, "", 0},
		{"not yet", "2026-05-01T10:00:00Z", "2026-05-01T10:59:59Z", Skip, "", 0},
		{"on time", "2026-05-01T10:00:00Z", "2026-05-01T11:00:00Z", Skip, "2026-05-01T11:00:00Z", 0},
		{"a little late", "2026-05-01T10:00:00Z", "2026-05-01T11:00:50Z", Skip, "2026-05-01T11:00:00Z", 0},
		{"slept through three", "2026-05-01T10:00:00Z", "2026-05-01T13:30:00Z", Skip, "", 3},
		{"slept through three", "2026-05-01T10:00:00Z", "2026-05-01T13:30:00Z", Once, "2026-05-01T13:00:00Z", 2},
		{"slept through three, and the fourth is now", "2026-05-01T10:00:00Z", "2026-05-01T14:00:10Z", Skip, "2026-05-01T14:00:00Z", 3},
		{"a clock set back", "2026-05-01T10:00:00Z", "2026-05-01T08:00:00Z", Once, "", 0},
		{"two years away", "2024-05-01T10:00:00Z", "2026-05-01T10:30:00Z", Once, "2026-05-01T10:00:00Z", 10000},
		{"two years away", "2024-05-01T10:00:00Z", "2026-05-01T10:30:00Z", Skip, "", 10000},
	} {
		due := s.DueSince(moment(t, c.seen), moment(t, c.now), c.mode)
		at := ""
		if !due.At.IsZero() {
			at = due.At.Format(time.RFC3339)
		}
		if at != c.at || due.Missed != c.missed {
			t.Errorf("%s, %s: %s and %d missed, want %s and %d", c.what, c.mode, at, due.Missed, c.at, c.missed)
		}
		if !due.Seen.IsZero() && s.DueSince(due.Seen, moment(t, c.now), c.mode) != (Due{}) {
			t.Errorf("%s, %s: it fires again", c.what, c.mode)
		}
	}
}

// Whatever the fields say, nothing panics, and the next run is one that they have.
func FuzzParse(f *testing.F) {
	for _, fields := range []string{"0 3 * * 1", "*/15 * * * *", "30 2 29 2 *", "0 3 30 2 *", "1-5/2,7 22-2 * jan-mar,dec 7", "@daily", "TZ=UTC 1 1 1 1 1"} {
		for _, zone := range []string{"", "Europe/Berlin", "Pacific/Apia", "Local"} {
			f.Add(fields, zone, int64(1_790_000_000))
		}
	}
	f.Fuzz(func(t *testing.T, fields, zone string, seconds int64) {
		s, err := Parse(fields, zone)
		if err != nil {
			return
		}
		after := time.Unix(seconds%4_000_000_000, 0)
		next := s.Next(after)
		if !next.After(after) || next.Second() != 0 && s.zone == time.UTC {
			t.Errorf("%q after %v: %v", s, after, next)
		}
		if again := s.Next(next.Add(-time.Second)); !again.Equal(next) {
			t.Errorf("%q: %v is skipped for %v", s, next, again)
		}
	})
}
