package gate

import (
	"errors"
	"fmt"
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

// afterPolicy are codes of refusals by what is decided only once policy has allowed
// the call.
var afterPolicy = []Code{FlowDenied, ApprovalUnavailable, ApprovalDeclined}

// noteCase adds to an entry the cases that it was decided by: the one that a refusal
// is about, or else what the call is about, and what flow control decided on, if it
// did. An entry of a call that was not decoded has none.
func noteCase(e *audit.Entry, refusal *Refusal, about func() policy.Case, flow *FlowCase) {
	if flow != nil {
		flow.note(&e.Case)
	}
	var c policy.Case
	switch {
	case refusal != nil && refusal.of != nil:
		c = refusal.of.of
	case e.Tool == "", refusal != nil && !slices.Contains(afterPolicy, refusal.Code):
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

// ErrNotWhole is why a case can't be decided again: part of it is not in the log, or
// was cut as a secret.
var ErrNotWhole = errors.New("the log does not have the whole case")

// CaseOf returns the case that an entry of the audit log says was decided, so that it
// can be decided again. It fails for an entry that is about none, and with
// [ErrNotWhole] for one that the log has only a part of. What flow control decided
// besides is [FlowCaseOf].
func CaseOf(s audit.Stored) (policy.Case, error) {
	if s.Case.Cut {
		return policy.Case{}, fmt.Errorf("%w: something was cut from it", ErrNotWhole)
	}
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
	paths, total := s.Paths, s.PathsTotal
	if s.Case.Paths != nil || s.CasePathsTotal > 0 {
		paths, total = s.Case.Paths, s.CasePathsTotal
	}
	if total > int64(len(paths)) {
		return policy.Case{}, fmt.Errorf("%w: it has %d of %d paths", ErrNotWhole, len(paths), total)
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
