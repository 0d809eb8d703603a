package schedule

import (
	"testing"
	"time"
)

// A year of runs in three zones that change their clocks in three ways: by an hour, by
// half an hour, and in the south. A day's schedule runs once on each of 365 days; what
// is different on the days of a change stands in the table.
func TestClockChangesOfAYear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, fields string
		spring       string // the run on the day on which an hour is left out, in UTC
		autumn       string // the run on the day that has one twice
	}{
		{"Europe/Berlin", "30 1 * * *", "2026-03-29T00:30:00Z", "2026-10-24T23:30:00Z"},
		{"Europe/Berlin", "0 2 * * *", "2026-03-29T01:00:00Z", "2026-10-25T00:00:00Z"},
		{"Europe/Berlin", "30 2 * * *", "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z"},
		{"Europe/Berlin", "0 3 * * *", "2026-03-29T01:00:00Z", "2026-10-25T02:00:00Z"},
		{"America/New_York", "30 1 * * *", "2026-03-08T06:30:00Z", "2026-11-01T05:30:00Z"},
		{"America/New_York", "30 2 * * *", "2026-03-08T07:00:00Z", "2026-11-01T07:30:00Z"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-10-03T15:15:00Z", "2026-04-04T14:45:00Z"},
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-03T15:30:00Z", "2026-04-04T15:45:00Z"},
	} {
		s := parse(t, c.fields, c.zone)
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, s.zone)
		days := map[string]int{}
		runs := map[string]bool{}
		for at := s.Next(from.Add(-time.Second)); at.In(s.zone).Year() == 2026; at = s.Next(at) {
			days[at.In(s.zone).Format(time.DateOnly)]++
			runs[at.Format(time.RFC3339)] = true
		}
		if len(days) != 365 {
			t.Errorf("%s: runs on %d days", s, len(days))
		}
		for day, n := range days {
			if n != 1 {
				t.Errorf("%s: %d runs on %s", s, n, day)
			}
		}
		for _, want := range []string{c.spring, c.autumn} {
			if !runs[want] {
				t.Errorf("%s: no run at %s", s, want)
			}
		}
	}
}

// What fires often fires once for each time that the clock shows: an hour that comes
// twice counts once, one that is left out makes no more than the run at its end.
func TestOftenOverAChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, fields, from, to string
		want                   []string
	}{
		{"Europe/Berlin", "0 * * * *", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z",
			[]string{"00:00", "01:00", "02:00", "03:00"}},
		{"Europe/Berlin", "*/30 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z",
			[]string{"00:30", "01:00", "01:30"}},
		{"Europe/Berlin", "0 * * * *", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z",
			[]string{"23:00", "00:00", "02:00", "03:00"}},
		{"Europe/Berlin", "*/30 * * * *", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z",
			[]string{"00:00", "00:30", "02:00"}},
	} {
		s := parse(t, c.fields, c.zone)
		var got []string
		for at := s.Next(moment(t, c.from).Add(-time.Second)); !at.After(moment(t, c.to)); at = s.Next(at) {
			got = append(got, at.Format("15:04"))
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", s, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", s, got, c.want)
				break
			}
		}
	}
}

// In every zone that is known by name, a day's schedule loses no day and has none twice, at any
// hour, over three years: also where midnight is left out.
func TestNoDayIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{
		"Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/Santiago", "America/St_Johns", "Asia/Beirut", "Asia/Gaza",
		"Asia/Kathmandu", "Atlantic/Azores", "Europe/Dublin", "Europe/London", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati",
	} {
		for _, fields := range []string{"0 0 * * *", "30 0 * * *", "30 1 * * *", "30 2 * * *", "59 23 * * *"} {
			s := parse(t, fields, zone)
			from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
			n := 0
			for at := s.Next(from.Add(-time.Second)); at.Before(from.AddDate(3, 0, 0)); at = s.Next(at) {
				n++
			}
			if n != 3*365 {
				t.Errorf("%s: %d runs in %d days", s, n, 3*365)
			}
		}
	}
}

// A zone that leaves out a whole day makes up for it as the next one begins.
func TestADayThatWasLeftOut(t *testing.T) {
	t.Parallel()
	s := parse(t, "0 12 * * *", "Pacific/Apia")
	at := s.Next(moment(t, "2011-12-29T22:00:00Z")) // noon of the 29th
	if got := at.Format(time.RFC3339); got != "2011-12-30T10:00:00Z" {
		t.Errorf("the 30th, which was left out: %s", got)
	}
	if got := s.Next(at).Format(time.RFC3339); got != "2011-12-30T22:00:00Z" {
		t.Errorf("the 31st: %s", got)
	}
}
