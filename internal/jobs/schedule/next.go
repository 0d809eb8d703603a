package schedule

import "time"

// NextInZone is [Schedule.Next] by the clock of the schedule's zone.
func (s *Schedule) NextInZone(after time.Time) time.Time { return s.Next(after).In(s.zone) }

// horizon is how many days are looked through for the next run: a 29th of February can
// be eight years away.
const horizon = 9 * 366

// Next is the first moment after a time at which the schedule fires, in UTC. It is the
// zero time if there is none within nine years.
func (s *Schedule) Next(after time.Time) time.Time {
	// A day in the zone may be left out, and begin up to a day away from UTC's.
	year, month, day := after.In(s.zone).Date()
	first := time.Date(year, month, day-1, 0, 0, 0, 0, time.UTC)
	for i := range horizon {
		date := first.AddDate(0, 0, i)
		if !s.hasDay(date) || date.AddDate(0, 0, 3).Before(after) {
			continue
		}
		if at := s.nextOn(date, after); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// nextOn is the first moment after a time among those that the clock shows on a day.
func (s *Schedule) nextOn(date, after time.Time) time.Time {
	for hour := range 24 {
		if !has(s.fields.Hour, hour) || s.moment(date.Add(time.Duration(hour)*time.Hour+59*time.Minute)).Before(after) {
			continue
		}
		for minute := range 60 {
			if !has(s.fields.Minute, minute) {
				continue
			}
			shown := date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
			if at := s.moment(shown); at.After(after) {
				return at
			}
		}
	}
	return time.Time{}
}

// hasDay reports whether the schedule fires on a day of the calendar.
func (s *Schedule) hasDay(date time.Time) bool {
	return has(s.fields.Month, int(date.Month())) && has(s.fields.Dom, date.Day()) && has(s.fields.Dow, int(date.Weekday()))
}

func has(bits uint64, value int) bool { return bits&(1<<uint(value)) != 0 }

// moment is when the zone's clock shows a time for the first time. shown has it as if it
// were UTC. A time that the clock leaves out stands for the moment at which it does.
func (s *Schedule) moment(shown time.Time) time.Time {
	offset := func(at time.Time) time.Duration {
		_, seconds := at.In(s.zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	// The offsets of a day before and after are those on either side of a change, of which
	// there is one at most in these two days: the larger one gives the earlier moment.
	before, behind := offset(shown.Add(-26*time.Hour)), offset(shown.Add(26*time.Hour))
	earliest := shown.Add(-max(before, behind))
	for _, at := range []time.Time{earliest, shown.Add(-min(before, behind))} {
		if at.Add(offset(at)).Equal(shown) {
			return at.UTC()
		}
	}
	// The clock does not show it: the change lies between the two.
	change := earliest
	if _, end := earliest.In(s.zone).ZoneBounds(); !end.IsZero() {
		change = end
	}
	return change.UTC()
}
