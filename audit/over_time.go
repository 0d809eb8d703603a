package audit

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Layouts of points in time, each the beginning of the one before.
const (
	hourly  = "2006-01-02T15"
	daily   = time.DateOnly
	monthly = "2006-01"
	yearly  = "2006"
)

// mostPoints is how many points in time there are at most, but for years: a quarter's days,
// and a fifth more.
const mostPoints = 120

// overTime counts by the shortest unit of which there are few enough.
func overTime(hours, days counts) []Count {
	for _, unit := range []struct {
		layout string
		counts counts
		next   func(time.Time) time.Time
	}{
		{hourly, hours, func(t time.Time) time.Time { return t.Add(time.Hour) }},
		{daily, days, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
		{monthly, days, func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
		{yearly, days, func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
	} {
		if points := unit.counts.withoutGaps(unit.layout, unit.next); points != nil {
			return points
		}
	}
	return days.inOrder()
}

// withoutGaps counts by points of one unit, those without calls as well; nil if they are too
// many.
func (c counts) withoutGaps(layout string, next func(time.Time) time.Time) (points []Count) {
	all := counts{}
	for name, one := range c {
		if name == Others {
			return nil
		}
		name = name[:len(layout)]
		all.add(name, one.N, false)
		all[name].OfDenials += one.OfDenials
	}
	if len(all) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(all))
	at, _ := time.Parse(layout, names[0])
	for name := names[0]; name <= names[len(names)-1]; at = next(at) {
		if name = at.Format(layout); name > names[len(names)-1] {
			break
		}
		if len(points) == mostPoints {
			return nil
		}
		one := Count{Name: name}
		if all[name] != nil {
			one = *all[name]
		}
		points = append(points, one)
	}
	return points
}

// inOrder are the counts by their names.
func (c counts) inOrder() (all []Count) {
	for _, one := range c {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b Count) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
