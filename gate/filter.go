package gate

import (
	"encoding/json"
	"regexp"
	"strings"

	"aegis/gate/policy"
	"aegis/internal/canon"
)

// filter takes out of a result what policy hides, and returns how many items
// it withheld.
func (v *Visit) filter(r *Result) (withheld int) {
	if r.List != nil {
		withheld = v.filterList(r.List)
	}
	if v.hideAuthored(r.Fields) {
		withheld++
	}
	return withheld
}

func (v *Visit) filterList(l *List) (withheld int) {
	var shown []Row
	for _, row := range l.Rows {
		if v.shows(row) && v.answersQuery(row, l.Query) {
			shown = append(shown, row)
			continue
		}
		withheld++
	}
	l.Rows = shown
	if l.Whole {
		l.slice()
	}
	if l.Query != "" {
		withheld = 0
	}
	for _, row := range l.Rows {
		if v.hideAuthored(row.Value) {
			withheld++
		}
	}
	return withheld
}

// slice cuts one page out of all rows. Under a query has_more speaks of rows
// that are shown only.
func (l *List) slice() {
	from := min((l.Page-1)*l.Limit, len(l.Rows))
	to := min(from+l.Limit, len(l.Rows))
	more := to < len(l.Rows)
	if l.Query == "" {
		more = more || l.HasMore
	}
	l.Rows, l.HasMore = l.Rows[from:to], more
}

func (v *Visit) shows(row Row) bool {
	if row.Unnameable {
		return false
	}
	if row.Record != nil {
		name, err := canon.ParseFullName(row.Record.FullName)
		if err != nil || !v.policy.Repository(name, v.tool.Name).Allow {
			return false
		}
		if _, refusal := v.judgeLineage(name, row.Record, false); refusal != nil {
			return false
		}
	}
	if !row.Path.IsRoot() {
		return v.repo != nil && v.judgePath(row.Path, row.Folder).Allow
	}
	return true
}

// answersQuery reports whether each word of query occurs in the scrubbed text
// that row stands for.
func (v *Visit) answersQuery(row Row, query string) bool {
	if query == "" {
		return true
	}
	if author, ok := row.Value.(Authored); ok && v.hides(author) {
		return false
	}
	text := row.Text
	if text == "" {
		raw, err := json.Marshal(row.Value)
		if err != nil {
			return false
		}
		text = string(raw)
	}
	text = strings.ToLower(redaction.ReplaceAllLiteralString(v.scrubber.Line(text), " "))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// redaction is what stands for a secret. It is no text that the row holds: a
// word found in it would tell of the secret in its place.
var redaction = regexp.MustCompile(`\[redacted:[^\]]*\]|\[withheld[^\]]*\]`)

// hideAuthored hides value's text if its author has no standing and policy
// wants that.
func (v *Visit) hideAuthored(value any) bool {
	authored, ok := value.(Authored)
	if !ok || !v.hides(authored) {
		return false
	}
	authored.Hide()
	return true
}

func (v *Visit) hides(authored Authored) bool {
	if v.repo == nil || v.policy.Untrusted(v.repo.Name) != policy.Hide {
		return false
	}
	v.learnStanding()
	return !v.standing[strings.ToLower(authored.Author())]
}
