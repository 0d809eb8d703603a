package sanitize

import (
	"cmp"
	"slices"
	"strings"

	"aegis/sanitize/leaks"
)

// With returns a view of the scrubber that does not cut findings of the given
// fingerprints; see [leaks.Finding.Fingerprint]. Own credentials are cut whatever
// is allowed. It costs next to nothing but the list, and leaves s as it is.
func (s *Scrubber) With(allowed []string) *Scrubber {
	if s == nil || len(allowed) == 0 {
		return s
	}
	view := *s
	view.allowed = make(map[string]bool, len(allowed))
	for _, fingerprint := range allowed {
		view.allowed[fingerprint] = fingerprint != "" // "" is of what has none
	}
	return &view
}

// A keptFinding is a finding that stays, by its fingerprint and place.
type keptFinding struct {
	fingerprint string
	start, end  int
}

// sift returns what of all findings has to be cut, and what is allowed to stay.
func (s *Scrubber) sift(all []leaks.Finding) (found []leaks.Finding, stay []keptFinding) {
	if len(s.allowed) == 0 {
		return all, nil
	}
	found = all[:0]
	for _, f := range all {
		if f.Rule == ownCredential {
			found = append(found, f)
		} else if fingerprint := f.Fingerprint(); s.allowed[fingerprint] {
			stay = append(stay, keptFinding{fingerprint, f.Start, f.End})
		} else {
			found = append(found, f)
		}
	}
	return found, stay
}

// counted counts exceptions by fingerprint. One that was found at several depths
// of decoding, or as two readings of the text, counts once.
func counted(stay []keptFinding) map[string]int {
	if len(stay) == 0 {
		return nil
	}
	counts := make(map[string]int)
	seen := make(map[keptFinding]bool, len(stay))
	for _, e := range stay {
		if !seen[e] {
			seen[e] = true
			counts[e.fingerprint]++
		}
	}
	return counts
}

// A Finding is where a secret is, for whoever may know that it is there. It holds
// nothing of the secret.
type Finding struct {
	Line int // of the text, from 1
	Rule string
	// Fingerprint is what the policy can allow the finding by, "" if nothing can:
	// of own credentials, and of files that are kept back as a whole.
	Fingerprint string
}

// Findings returns what Text would cut from a text at first sight, by line and
// without doubles; not what s allows.
func (s *Scrubber) Findings(text string, opts TextOptions) []Finding {
	if s == nil || s.own == nil {
		return nil
	}
	var all []Finding
	if rule, ok := s.withholds(opts.Path); ok {
		all = append(all, Finding{Line: 1, Rule: rule})
	}
	s = s.about(opts.Path).working(2 * len(text))
	text = validUTF8(s.work, text)
	shown, _, _ := reveal(s.work, text, opts.display())
	texts := []string{text, shown}
	if shown == text {
		texts = texts[:1]
	}
	for _, text := range texts { // both have the same lines
		found, _ := s.find(text)
		slices.SortStableFunc(found, func(a, b leaks.Finding) int { return cmp.Compare(a.Start, b.Start) })
		line, counted := 1, 0
		for _, f := range found {
			line += strings.Count(text[counted:f.Start], "\n")
			counted = f.Start
			finding := Finding{Line: line, Rule: f.Rule}
			if f.Rule != ownCredential {
				finding.Fingerprint = f.Fingerprint()
			}
			all = append(all, finding)
		}
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return slices.Compact(all)
}
