package jobs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"aegis/internal/jobs/schedule"
)

// Describe tells in words what a job waits for and what it does, a line each.
func (j *Job) Describe() string {
	d := new(description)
	d.line(0, "Waits for: %s.", j.On.words())
	d.line(0, "In the repositories: %s.", joined(j.Repositories))
	d.line(0, "As the principal %s, with the access token in %s.", j.Principal(), j.CredentialFile)
	d.line(0, "At most %d writes a run and %d runs an hour.", j.WritesPerRun, j.RunsPerHour)
	if j.DryRun {
		d.line(0, "What it writes is planned and not sent: dry_run.")
	}
	d.line(0, "It does, in this order:")
	d.steps(1, j.Steps)
	return d.String()
}

// words tells what makes a job run.
func (t Trigger) words() string {
	switch {
	case t.Schedule == nil:
		return "the event " + t.Name()
	case t.Missed == schedule.Once:
		return "the time " + t.Name() + "; one run makes up for those that were missed"
	}
	return "the time " + t.Name() + "; runs that were missed are left out"
}

// Name tells what makes a job run in short: "0 3 * * 1 UTC", "issues opened".
func (t Trigger) Name() string {
	switch {
	case t.Schedule != nil:
		return t.Schedule.String()
	case t.Event == nil:
		return "nothing"
	case len(t.Actions) > 0:
		return t.Event.Name + " " + strings.Join(t.Actions, ", ")
	}
	return t.Event.Name
}

type description struct{ strings.Builder }

func (d *description) line(indent int, format string, args ...any) {
	d.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(d, format, args...)
	d.WriteByte('\n')
}

func (d *description) steps(indent int, all []Step) {
	for i, s := range all {
		number, name := fmt.Sprintf("%d. ", i+1), ""
		if s.ID != "" {
			name = ", as " + s.ID
		}
		switch {
		case s.Each != nil:
			d.line(indent, "%sfor each row of %s, at most %d%s:", number, s.Each, s.Each.Limit, name)
			d.steps(indent+2, s.Do)
		case s.Row != nil:
			d.line(indent, "%sa row of %s", number, list(s.Row))
		default:
			d.line(indent, "%s%s%s", number, s.Call, name)
		}
		if s.Unless != nil {
			d.line(indent+1, " unless there is a row of %s", s.Unless)
		}
	}
}

// String tells a query in words: the tool, what it is given, and which rows count.
func (q *Query) String() string {
	var with []string
	if q.repository != nil {
		with = append(with, fmt.Sprintf("repository: %v", q.repository))
	}
	for _, each := range q.With {
		with = append(with, fmt.Sprintf("%s: %v", each.Name, each.Value))
	}
	text := q.Tool
	if len(with) > 0 {
		text += " {" + strings.Join(with, ", ") + "}"
	}
	if where := q.Where.String(); where != "" {
		text += " where " + where
	}
	return text
}

func (v fixed) String() string {
	if text, ok := v.value.(string); ok {
		return strconv.Quote(text)
	}
	return fmt.Sprint(v.value)
}

func (v template) String() string {
	if len(v) == 1 && v[0].value != nil {
		return v[0].value.String()
	}
	var b strings.Builder
	for _, each := range v {
		if each.value != nil {
			b.WriteString(each.value.String())
		}
		b.WriteString(each.text)
	}
	return strconv.Quote(b.String())
}

func (v list) String() string { return "[" + joined(v) + "]" }

func (v object) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		all = append(all, fmt.Sprintf("%s: %v", name, v[name]))
	}
	return "{" + strings.Join(all, ", ") + "}"
}

func joined[T any](all []T) string {
	texts := make([]string, len(all))
	for i, each := range all {
		texts[i] = fmt.Sprint(each)
	}
	return strings.Join(texts, ", ")
}

// String tells a filter as the file has it; "" for none.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	var all []string
	add := func(name string, value any) { all = append(all, fmt.Sprintf("%s: %v", name, value)) }
	for _, each := range f.ages {
		side := "_after"
		if each.before {
			side = "_before"
		}
		add(strings.TrimSuffix(each.member, "_at")+side, ageWords(each.ago))
	}
	for _, name := range slices.Sorted(maps.Keys(f.words)) {
		add(name, "["+strings.Join(f.words[name], ", ")+"]")
	}
	for _, each := range []struct {
		name  string
		names []string
	}{
		{"labels_any", f.AnyLabel}, {"labels_all", f.AllLabels}, {"labels_none", f.NoLabel},
		{"authors", f.Authors}, {"authors_none", f.NoAuthors}, {"paths_any", f.AnyPath}, {"paths_none", f.NoPath},
	} {
		if len(each.names) > 0 {
			add(each.name, "["+strings.Join(each.names, ", ")+"]")
		}
	}
	if f.Standing != "" {
		add("author_standing", f.Standing)
	}
	if f.Own != nil {
		add("own", *f.Own)
	}
	if f.Draft != nil {
		add("draft", *f.Draft)
	}
	if f.MinComments > 0 {
		add("comments_min", f.MinComments)
	}
	if f.MaxComments >= 0 {
		add("comments_max", f.MaxComments)
	}
	return strings.Join(all, ", ")
}

// ageWords writes a time ago as the file may have it.
func ageWords(ago time.Duration) string {
	switch {
	case ago%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", ago/(24*time.Hour))
	case ago%time.Hour == 0:
		return fmt.Sprintf("%dh", ago/time.Hour)
	}
	return fmt.Sprintf("%dm", ago/time.Minute)
}
