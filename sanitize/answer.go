package sanitize

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"aegis/sanitize/leaks"
)

// JSON marshals v, which must become a JSON object, compactly and without
// escaping <, > and &, and scrubs it. Every string value is prose: its secrets
// are cut, what is hidden in it is shown. Member names and all other values stay
// as they are. The object as a whole is clean, too: where a rule matches
// across a name and the value after it, the value is cut; a value that can't
// be made clean reads "[withheld]". If even that does not help, or v can't be
// marshalled, JSON returns an error and no text; the error quotes no value.
func (s *Scrubber) JSON(v any) ([]byte, Report, error) {
	if s == nil || s.own == nil {
		return nil, Report{}, errors.New("scrubber was not made by New")
	}
	s = s.remembering()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, Report{}, errors.New("answer can't be marshalled")
	}
	a, err := parseAnswer(strings.TrimSuffix(b.String(), "\n"))
	if err != nil {
		return nil, Report{}, err
	}
	var report Report
	s.proseOf(a, &report)
	for round := range rounds {
		text, whole := a.write(), a.object
		if string(text) != whole {
			whole = string(text)
		}
		found, stay := s.sift(s.find(whole))
		if len(found) == 0 {
			report.Again(Report{Exceptions: counted(stay)})
			return text, report, nil
		}
		for i, findings := range a.blamed(found) {
			s.recut(&a.values[i], findings, round, &report)
		}
	}
	return nil, Report{}, errors.New("answer could not be made clean of secrets")
}

// proseOf scrubs every value. Names, states and labels come many times in a list,
// and are scrubbed once.
func (s *Scrubber) proseOf(a *answer, report *Report) {
	type scrubbed struct {
		text   string
		report Report
	}
	known := make(map[string]scrubbed, len(a.values))
	for i := range a.values {
		v := &a.values[i]
		clean, ok := known[v.text]
		if !ok {
			clean.text, _ = s.prose(v.text, &clean.report)
			known[v.text] = clean
		}
		v.text = clean.text
		report.Add(clean.report)
	}
}

// recut cuts findings of the whole object from one value.
func (s *Scrubber) recut(value *value, found []leaks.Finding, round int, report *Report) {
	switch {
	case round < 4:
		var again Report
		value.text = cut(value.text, found, cutSecret, false, &again)
		value.text, _ = s.prose(value.text, &again)
		again.Exceptions = nil // they were counted before
		report.Add(again)
	case round < 7:
		value.text = markerBegin + found[0].Rule + "]"
		report.redacted(found[0].Rule, 1)
	default:
		value.text = withheld
		report.Withheld++
	}
}

// blamed returns, by value, the findings for which it must be cut, with offsets
// in the value.
func (a *answer) blamed(found []leaks.Finding) map[int][]leaks.Finding {
	blamed := make(map[int][]leaks.Finding)
	for _, f := range found {
		hit := a.overlapped(f.Start, f.End)
		if len(hit) == 0 {
			hit = a.overlapped(f.MatchStart, f.MatchEnd)
		}
		if len(hit) == 0 {
			hit = a.beside(f.MatchStart)
		}
		for _, i := range hit {
			v := &a.values[i]
			g := leaks.Finding{Rule: f.Rule}
			g.Start, g.End = v.unescaped(f.Start, false), v.unescaped(f.End, true)
			if g.Start >= g.End {
				g.Start, g.End = 0, len(v.text)
			}
			g.MatchStart, g.MatchEnd = g.Start, g.End
			blamed[i] = append(blamed[i], g)
		}
	}
	return blamed
}

// overlapped returns the values that share a byte with the span.
func (a *answer) overlapped(start, end int) []int {
	first, _ := slices.BinarySearchFunc(a.values, start, func(v value, at int) int { return v.end - at - 1 })
	var hit []int
	for i := first; i < len(a.values) && a.values[i].start < end; i++ {
		if a.values[i].end > start && a.values[i].end > a.values[i].start {
			hit = append(hit, i)
		}
	}
	return hit
}

// beside returns the values before and after offset at.
func (a *answer) beside(at int) []int {
	next, _ := slices.BinarySearchFunc(a.values, at, func(v value, at int) int { return v.start - at })
	var hit []int
	if next > 0 {
		hit = append(hit, next-1)
	}
	if next < len(a.values) {
		hit = append(hit, next)
	}
	return hit
}
