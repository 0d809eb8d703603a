package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"aegis/internal/canon"
	"aegis/internal/jobs/hook"
)

// Scope is what is known while a job runs.
type Scope struct {
	Repository canon.Repo        // the run's own
	Event      *hook.Event       // nil for a schedule
	Item       map[string]any    // a row, as [ReadAnswer] returns it
	Loop       *Query            // whose row it is
	Steps      map[string]Answer // by the ids of the steps
	Rows       map[string][]Row  // by the ids of the loops

	// Marked reports whether a text holds what stands in answers for something that was taken
	// out. Without it no lines are quoted.
	Marked func(text string) bool

	naming *naming // nil while arguments are made
}

// Row is a row that a job has made, of values that were held to their kinds.
type Row []string

// Answer is what a tool has answered.
type Answer struct {
	Members map[string]any
	Rows    []map[string]any // that pass the step's filter, as many as its limit
	Text    string           // without the marks around it
}

// AbsentError is the error of a value that is not there, or is not what its kind is. A step that
// takes it is left out.
type AbsentError struct{ Value string }

func (e *AbsentError) Error() string { return e.Value + " is not there" }

// ReadAnswer reads a tool's answer, the JSON object of its first content and the text of its
// second. All rows are in it; [Filter.Keeps] says which count.
func ReadAnswer(tool string, object []byte, text string) (Answer, error) {
	known := answers[tool]
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return Answer{}, fmt.Errorf("the answer of %s is no object", tool)
	}
	a := Answer{Members: members}
	if known.text {
		a.Text = text
	}
	if known.rows == "" {
		return a, nil
	}
	found, there := members[known.rows]
	rows, ok := found.([]any)
	if !there || !ok && found != nil {
		return Answer{}, fmt.Errorf("the answer of %s has no %s", tool, known.rows)
	}
	for _, each := range rows {
		row, ok := each.(map[string]any)
		if !ok {
			return Answer{}, fmt.Errorf("a row of the answer of %s is no object", tool)
		}
		a.Rows = append(a.Rows, row)
	}
	return a, nil
}

// Arguments makes the arguments of a call. Two calls with the same values have the same
// bytes. Its error is an [*AbsentError] for a value that is not there.
func (q *Query) Arguments(s *Scope) (json.RawMessage, error) {
	all := make(map[string]any, len(q.With)+2)
	for _, each := range q.With {
		value, err := each.Value.in(s)
		if err != nil {
			return nil, err
		}
		all[each.Name] = value
	}
	if q.placed {
		repo, err := q.Repository(s)
		if err != nil {
			return nil, err
		}
		all["owner"], all["repo"] = repo.Owner(), repo.Name()
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(all); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// Repository is the one that a call is about, the zero Repo for none.
func (q *Query) Repository(s *Scope) (canon.Repo, error) {
	switch {
	case !q.placed:
		return canon.Repo{}, nil
	case q.repository == nil:
		if s.Repository.IsZero() {
			return canon.Repo{}, errors.New("the run has no repository")
		}
		return s.Repository, nil
	}
	text, err := q.repository.in(s)
	if err != nil {
		return canon.Repo{}, err
	}
	name, _ := text.(string)
	return canon.ParseFullName(name)
}

// MakeRow makes a row of a step's values.
func (s *Step) MakeRow(in *Scope) (Row, error) {
	var row Row
	for _, each := range s.Row {
		value, err := each.in(in)
		if err != nil {
			return nil, err
		}
		row = append(row, fmt.Sprint(value))
	}
	return row, nil
}

func (f fixed) in(*Scope) (any, error) { return f.value, nil }

func (l list) in(s *Scope) (any, error) {
	all := make([]any, len(l))
	for i, each := range l {
		value, err := each.in(s)
		if err != nil {
			return nil, err
		}
		all[i] = value
	}
	return all, nil
}

func (o object) in(s *Scope) (any, error) {
	all := make(map[string]any, len(o))
	for name, each := range o {
		value, err := each.in(s)
		if err != nil {
			return nil, err
		}
		all[name] = value
	}
	return all, nil
}

// in is the value itself where a text is nothing else, a number as a number.
func (t template) in(s *Scope) (any, error) {
	var b bytes.Buffer
	for _, each := range t {
		if each.value == nil {
			b.WriteString(each.text)
			continue
		}
		value, err := each.value.in(s)
		if err != nil {
			return nil, err
		}
		if len(t) == 1 {
			return value, nil
		}
		fmt.Fprint(&b, value)
	}
	return b.String(), nil
}

// in is a text, also where a number stands alone in it.
func (w written) in(s *Scope) (any, error) {
	value, err := w.template.in(s)
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(value), nil
}

// in looks the value up and holds it to its kind.
func (r *reference) in(s *Scope) (any, error) {
	if s.naming.standsFor(r) {
		return r.String(), nil
	}
	switch r.kind {
	case Rows:
		if len(s.Rows[r.id]) == 0 {
			return nil, &AbsentError{r.String()}
		}
		return table(s.Rows[r.id]), nil
	case Lines:
		if s.Steps[r.id].Text == "" || s.Marked == nil {
			return nil, &AbsentError{r.String()}
		}
		block, ok := quoted(s.Steps[r.id].Text, s.Marked)
		if !ok {
			return nil, &AbsentError{r.String()}
		}
		return block, nil
	}
	found, there := r.lookUp(s)
	if !there && r.kind == Count && r.members(s) != nil { // which answers leave out where it is nought
		found = json.Number("0")
	}
	value, ok := r.kind.read(found)
	if !ok {
		return nil, &AbsentError{r.String()}
	}
	return value, nil
}
