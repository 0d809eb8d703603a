package policy

import (
	"slices"
	"strings"

	"aegis/internal/canon"
)

// A pattern stands for names without end. A sample is one of them that hardly another
// pattern means, so that it shows what this one does.

const (
	filler  = "any"                   // stands for a star
	unnamed = "nobody-in-particular"  // a principal whom no pattern spells out
	unknown = "some-owner/repository" // a repository of that kind
)

// samples are names that a glob matches: of each alternative one, and if it reaches into
// folders one that lies deeper, and one without any.
func (g glob) samples() (all []string) {
	for _, row := range g.alternatives {
		for _, deep := range []string{filler, filler + "/" + filler, ""} {
			var names []string
			for _, s := range row {
				if name := s.sample(deep); name != "" {
					names = append(names, name)
				}
			}
			if text := strings.Join(names, "/"); text != "" && g.fit(text, false).whole && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}

// sample is a name that a segment matches, most often.
func (s segment) sample(deep string) string {
	switch {
	case s.any:
		return deep
	case s.terms == nil:
		return s.literal
	}
	var b strings.Builder
	for _, t := range s.terms {
		switch {
		case t.star:
			b.WriteString(filler)
		case t.class.negated:
			for _, r := range "x0-y" {
				if t.class.has(r) {
					b.WriteRune(r)
					break
				}
			}
		default:
			b.WriteRune(t.class.ranges[0].low)
		}
	}
	return b.String()
}

// sample is a repository that a row of a pattern matches; false if no name can be made
// so.
func (r repoRow) sample() (canon.Repo, bool) {
	for _, star := range []string{filler, "x", ""} {
		if repo, err := canon.ParseFullName(strings.ReplaceAll(r.String(), "*", star)); err == nil {
			return repo, true
		}
	}
	return canon.Repo{}, false
}

// Principals are whom a principal that is written as a pattern stands for: names that it
// matches, of those that sections are for, and one that none of them spells out. A name
// stands for itself.
func Principals(p *Policy, pattern string) []string {
	g, err := compilePrincipal(pattern)
	if err != nil || !strings.ContainsAny(pattern, "*?[{") {
		return []string{pattern}
	}
	all := g.samples()
	for part := range p.parts {
		for _, sec := range part.sections.all {
			for _, e := range sec.principals {
				for _, name := range append(e.glob.samples(), e.text) {
					if g.fit(name, false).whole && !slices.Contains(all, name) {
						all = append(all, name)
					}
				}
			}
		}
	}
	return all
}
