package gate

import (
	"errors"
	"slices"

	"aegis/audit"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// A decision is recorded with the case that it was about, so that it can be decided
// again: by the same policy to the same, or by another to see what that would change.
// What an entry says anyhow is not said twice.

// What a case asks, beyond whether its tool may run.
const (
	asksReading = "reading"             // whether the tool may read
	asksAny     = "reading by any tool" // whether anything may
)

// noPaths stands for no paths at all, where the entry has some. It is no path.
const noPaths = "//"

// unseenLineage stands for what can't be seen of a lineage.
const unseenLineage = "unseen"

var standings = map[policy.DefaultBranch]string{policy.IsDefault: "yes", policy.NotDefault: "no", policy.AskedLater: "later"}

// noteCase adds to an entry the case that decided it: the refusal's, or else what the
// call is about. An entry of a call that was not decoded has none.
func noteCase(e *audit.Entry, by *policy.Policy, refusal *Refusal, about func() policy.Case) {
	var c policy.Case
	switch {
	case refusal != nil && refusal.of != nil:
		c = narrowest(by, *refusal.of)
	case refusal != nil, e.Tool == "":
		return
	default:
		c = about()
	}
	place := policy.Place{Name: c.Repo, Identity: c.Known}
	if text := place.String(); !c.Repo.IsZero() && text != placeOf(e.Repo, e.RepoID) {
		e.Case.Of = text
	}
	paths := make([]string, 0, len(c.Paths))
	for _, path := range c.Paths {
		paths = append(paths, path.String())
	}
	switch {
	case len(paths) == 0 && len(e.Paths) > 0:
		e.Case.Paths = []string{noPaths}
	case !slices.Equal(paths, e.Paths):
		e.Case.Paths = paths
	}
	e.Case.Folder = c.Folder
	if c.Branch != "" {
		e.Case.Branch, e.Case.Default = c.Branch, standings[c.Default]
	}
	switch {
	case c.Reading && c.Tool == "":
		e.Case.Asks = asksAny
	case c.Reading:
		e.Case.Asks = asksReading
	}
	for _, ancestor := range c.Lineage {
		e.Case.Lineage = append(e.Case.Lineage, ancestor.String())
	}
	if c.Untraceable {
		e.Case.Lineage = append(e.Case.Lineage, unseenLineage)
	}
}

// narrowest leaves of a case's paths the one that decides, if one does.
func narrowest(by *policy.Policy, d judgement) policy.Case {
	if len(d.of.Paths) < 2 {
		return d.of
	}
	for _, path := range d.of.Paths {
		c := d.of
		c.Paths = []canon.Path{path}
		if again := by.Decide(c); again.Code == d.Code && again.Rule == d.Rule {
			return c
		}
	}
	return d.of
}

func placeOf(repo string, id int64) string {
	name, err := canon.ParseFullName(repo)
	if err != nil {
		return ""
	}
	place := policy.Place{Name: name}
	if id != 0 {
		place.IDs = []int64{id}
	}
	return place.String()
}

// CaseOf returns the case that an entry of the audit log says was decided, so that it
// can be decided again. It fails for an entry that is about none, and for one of which
// the log does not have all paths.
func CaseOf(s audit.Stored) (policy.Case, error) {
	capability, known := policy.ToolCapability(s.Tool)
	if !known {
		return policy.Case{}, errors.New("the entry names no tool")
	}
	c := policy.Case{Tool: s.Tool, Capability: capability, Principal: s.Principal, Folder: s.Case.Folder, Branch: s.Case.Branch}
	switch s.Case.Asks {
	case asksAny:
		c.Tool, c.Capability, c.Reading = "", policy.Read, true
	case asksReading:
		c.Reading = true
	}
	text := s.Case.Of
	if text == "" {
		text = placeOf(s.Repo, s.RepoID)
	}
	if text != "" {
		place, err := policy.ParsePlace(text)
		if err != nil {
			return policy.Case{}, err
		}
		c.Repo, c.Known = place.Name, place.Identity
	}
	paths := s.Paths
	if s.Case.Paths != nil {
		paths = s.Case.Paths
	}
	if s.PathsTotal > int64(len(paths)) {
		return policy.Case{}, errors.New("the entry does not have all paths")
	}
	if slices.Equal(paths, []string{noPaths}) {
		paths = nil
	}
	for _, text := range paths {
		path, err := canon.ParsePath(text)
		if text != "" && err != nil {
			return policy.Case{}, err
		}
		c.Paths = append(c.Paths, path)
	}
	for standing, name := range standings {
		if name == s.Case.Default {
			c.Default = standing
		}
	}
	for _, text := range s.Case.Lineage {
		if text == unseenLineage {
			c.Untraceable = true
			continue
		}
		place, err := policy.ParsePlace(text)
		if err != nil {
			return policy.Case{}, err
		}
		c.Lineage = append(c.Lineage, place)
	}
	return c, nil
}
