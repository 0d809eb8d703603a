package sanitize

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unsafe"

	"aegis/sanitize/leaks"
)

// JSON marshals v, which must become a JSON object, compactly and without
// escaping <, > and &, and scrubs it. Every string value is prose: its secrets
// are cut, what is hidden in it is shown. Member names and all other values stay
// as they are. The object as a whole is clean, too: where a rule matches
// across a name and the value after it, the value is cut; a value that can't
// be made clean reads "[withheld]". A json.RawMessage is taken as it is, compact, and
// must not be changed meanwhile. If even that does not help, or v can't be
// marshalled, JSON returns an error and no text; the error quotes no value.
func (s *Scrubber) JSON(v any) ([]byte, Report, error) {
	if s == nil || s.own == nil {
		return nil, Report{}, errors.New("scrubber was not made by New")
	}
	s = s.remembering()
	object, err := marshalled(v)
	if err != nil {
		return nil, Report{}, err
	}
	a, err := parseAnswer(object)
	if err != nil {
		return nil, Report{}, err
	}
	var report Report
	s = s.working(0)
	left := s.proseOf(a, &report)
	s.work.Allow(left + s.workOf(len(a.object)))
	kept := true
	for round := range rounds {
		text, whole := a.write(), a.object
		if string(text) != whole {
			whole = unsafe.String(unsafe.SliceData(text), len(text)) // nobody writes to it
		}
		found, stay := s.find(whole)
		switch {
		case s.work.Ended() && (s.cancelled() || !kept):
			return nil, Report{}, errors.New("answer could not be looked through for secrets")
		case s.work.Ended():
			kept = false
			a.withhold(&report)
			s.work.Allow(workAtLeast + s.workOf(len(a.object)))
			continue
		}
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

// marshalled returns v as JSON. What is JSON already is not copied: answers are large.
func marshalled(v any) (string, error) {
	if raw, ok := v.(json.RawMessage); ok && json.Valid(raw) {
		return unsafe.String(unsafe.SliceData(raw), len(raw)), nil
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "", errors.New("answer can't be marshalled")
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// proseOf scrubs every value. Names, states and labels come many times in a list,
// and are scrubbed once. It returns what is left of the work that is no value's own.
func (s *Scrubber) proseOf(a *answer, report *Report) (left int64) {
	left = s.work.Left()
	type scrubbed struct {
		text   string
		report Report
	}
	known := make(map[string]scrubbed, len(a.values))
	for i := range a.values {
		if s.cancelled() {
			break
		}
		v := &a.values[i]
		clean, ok := known[v.text]
		if !ok {
			left = s.partly(len(v.text), left, func() { clean.text, _ = s.prose(v.text, &clean.report) })
			known[v.text] = clean
		}
		v.text = clean.text
		report.Add(clean.report)
	}
	return left
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

// withhold leaves of the values only those that are short: all of them together
// take too much work, though each alone did not.
func (a *answer) withhold(report *Report) {
	for i := range a.values {
		if v := &a.values[i]; len(v.text) > longValueKept {
			v.text = withheld
			report.Withheld++
		}
	}
}

// longValueKept is the length of a name, a state or an id.
const longValueKept = 64

// blamed returns, by value, the findings for which it must be cut, with offsets
// in the value.
func (a *answer) blamed(found []leaks.Finding) map[int][]leaks.Finding {
	blamed := make(map[int][]leaks.Finding)
	for _, f := range merged(found) {
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
			g.Start = v.unescaped(f.Start, false)
			g.End = v.unescaped(f.End, true)
			if g.Start >= g.End {
				g.Start, g.End = 0, len(v.text)
			}
			g.MatchStart, g.MatchEnd = g.Start, g.End
			blamed[i] = append(blamed[i], g)
		}
	}
	return blamed
}

// merged returns findings in order of which none overlaps another: each value is
// looked at for few of them, however many were found.
func merged(found []leaks.Finding) []leaks.Finding {
	slices.SortStableFunc(found, func(a, b leaks.Finding) int { return a.Start - b.Start })
	kept := found[:0]
	for _, f := range found {
		if n := len(kept); n > 0 && f.Start < kept[n-1].End {
			last := &kept[n-1]
			last.Rule = preferred(last.Rule, f.Rule)
			last.End, last.MatchStart, last.MatchEnd = max(last.End, f.End), min(last.MatchStart, f.MatchStart), max(last.MatchEnd, f.MatchEnd)
			continue
		}
		kept = append(kept, f)
	}
	return kept
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
