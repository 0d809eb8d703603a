package jobs

import (
	"slices"

	"aegis/internal/canon"
)

// Need is a tool that a job calls, and where.
type Need struct {
	Tool string
	// Repository is the one that the file names. Without it the tool is called in each of the job's own
	// ([Need.Own]), in one that an answer has named, or in none.
	Repository canon.Repo
	Own        bool
}

// Needs are the tools that a job's steps call, each once, in their order.
func (j *Job) Needs() (all []Need) {
	var add func(steps []Step)
	add = func(steps []Step) {
		for _, s := range steps {
			for _, q := range []*Query{s.Unless, s.Call, s.Each} {
				if q == nil {
					continue
				}
				if n := q.need(); !slices.Contains(all, n) {
					all = append(all, n)
				}
			}
			add(s.Do)
		}
	}
	add(j.Steps)
	return all
}

func (q *Query) need() Need {
	n := Need{Tool: q.Tool}
	if !q.placed {
		return n
	}
	switch about := q.about(); {
	case about == "":
		n.Own = true
	default:
		n.Repository, _ = canon.ParseFullName(about) // a value that is none yet is no name
	}
	return n
}
