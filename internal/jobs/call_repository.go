package jobs

import (
	"fmt"
	"strings"

	"aegis/internal/canon"
	"aegis/internal/jobs/document"
)

// about says which repository a call is about, "" for the run's own.
func (q *Query) about() string {
	switch named := q.repository.(type) {
	case fixed:
		return fmt.Sprint(named.value)
	case template:
		if r := named[0].value; r.space != "event" { // whose repository is the run's own
			return r.String()
		}
	}
	return ""
}

// ofOneRepository notes a number that was read from another repository than the call is
// about: it would name another thing there.
func (p *parser) ofOneRepository(q *Query, members []document.Member) {
	for _, each := range q.With {
		value, ok := each.Value.(template)
		if !ok || len(value) != 1 || value[0].value == nil || value[0].value.of == q.about() {
			continue
		}
		switch r := value[0].value; r.kind {
		case Number, Run, JobID, Comment, Release:
			for _, m := range members {
				if m.Key == each.Name {
					p.Errorf(p.Find(m.Value.Place(), r.String()), "%s takes %s, which is of another repository than this call is about; give both the same repository", each.Name, r)
				}
			}
		}
	}
}

// repository reads which repository a call is about, if it is not the run's own.
func (p *parser) repository(m document.Member, k *known) Value {
	text, ok := p.Word("repository", m.Value)
	if !ok {
		return nil
	}
	if strings.Contains(text, "${") {
		return p.template("repository", m.Value, text, place{whole: []Kind{Repo}}, false, k)
	}
	repo, err := canon.ParseFullName(text)
	if err != nil {
		p.Errorf(m.Value.Place(), "repository is one name, as in acme/app, or ${event.repository}; it has no patterns")
		return nil
	}
	return fixed{repo.String()}
}
