// Package schedule says when a job that has a schedule is to run.
//
// A schedule is five fields of cron in a time zone, UTC if none is named. What the
// fields mean is told by their parser, a library's; which moments they stand for is told here,
// because clocks are changed:
//
//   - In spring a clock leaves out an hour or less. What would have fired in it fires
//     once, at the moment of the change. No day loses a run.
//   - In autumn a clock shows an hour twice. What fires in it fires the first time, and
//     not the second. No day has a run twice.
//
// So each time that a clock on the wall shows stands for one moment. A schedule that runs every
// hour therefore has, on one day a year, two hours between two runs.
//
// A schedule that never comes is an error of [Parse]. Nothing here sleeps or asks what
// time it is.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // an image or a Windows machine has no time zones of its own

	"github.com/netresearch/go-cron"
)

// Schedule is a parsed schedule. The zero Schedule is invalid.
type Schedule struct {
	fields *cron.SpecSchedule
	zone   *time.Location
	text   string
}

// String is the five fields and the zone.
func (s *Schedule) String() string { return s.text + " " + s.zone.String() }

// FieldsError is the error of what is wrong with the five fields, ZoneError of the zone.
type (
	FieldsError struct{ Reason string }
	ZoneError   struct{ Reason string }
)

func (e *FieldsError) Error() string { return e.Reason }
func (e *ZoneError) Error() string   { return e.Reason }

// Parse reads five fields (minute, hour, day of the month, month, day of the week) and
// the name of a time zone, "" for UTC. Its error is a [*FieldsError] or a [*ZoneError]
// and says what to write.
func Parse(fields, zone string) (*Schedule, error) {
	parsed, err := parseFields(fields)
	if err != nil {
		return nil, &FieldsError{err.Error()}
	}
	location, err := parseZone(zone)
	if err != nil {
		return nil, &ZoneError{err.Error()}
	}
	s := &Schedule{parsed, location, strings.Join(strings.Fields(fields), " ")}
	if s.Next(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, &FieldsError{"this time never comes: no such month has that day; write one that it has"}
	}
	return s, nil
}

const example = "; five fields are minute, hour, day of the month, month and day of the week, as in 0 3 * * 1"

func parseFields(text string) (*cron.SpecSchedule, error) {
	if strings.HasPrefix(text, "@") {
		return nil, errors.New("names like @daily are not read" + example)
	}
	if strings.Contains(text, "=") {
		return nil, errors.New("the time zone does not stand here; write the key timezone")
	}
	if strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ*/,- ") != "" {
		return nil, errors.New("a field has digits, names of months and days, and the signs * / , -, and no others" + example)
	}
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return nil, fmt.Errorf("there are %d fields, and five are wanted%s", len(fields), example)
	}
	if fields[2] != "*" && fields[4] != "*" {
		return nil, errors.New("a day of the month and a day of the week: some readers of cron want both and some either; write one of the two, and * for the other")
	}
	parsed, err := parser.Parse(strings.Join(fields, " "))
	if err != nil {
		return nil, errors.New("a field is out of its bounds or malformed" + example)
	}
	schedule, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New("this is no schedule of five fields" + example)
	}
	return schedule, nil
}

var parser = cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

func parseZone(name string) (*time.Location, error) {
	const form = "write UTC, or a name like Europe/Berlin"
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	if !strings.Contains(name, "/") || strings.Trim(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/+-") != "" {
		return nil, errors.New("this is no time zone; " + form) // short names such as EST or Local mean another thing on another machine
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, errors.New("there is no time zone of this name; " + form)
	}
	return location, nil
}
