package gate

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"

	"aegis/gate/policy"
	"aegis/internal/canon"
)

// filter takes out of a result what policy hides, and returns how many items
// it withheld.
func (v *Visit) filter(r *Result) (withheld int) {
	withheld = v.hideStrangers(r)
	if r.Diff != nil {
		body, hidden := v.showDiff(r.Diff)
		withheld += hidden
		if r.Text == nil {
			r.Text = new(Text)
		}
		r.Text.Body = body
	}
	withheld += v.withheld
	if r.List != nil {
		withheld += v.filterList(r.List)
	}
	if v.hideAuthored(r.Fields, v.target()) {
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
		if v.hideAuthored(row.Value, v.from(row)) {
			withheld++
		}
	}
	return withheld
}

// slice cuts one page out of all rows. Under a query has_more speaks of rows
// that are shown only. So it does beyond the last of them: what was not looked
// at is on no page, and who asks for one after the other comes to an end.
func (l *List) slice() {
	from := min((l.Page-1)*l.Limit, len(l.Rows))
	to := min(from+l.Limit, len(l.Rows))
	more := to < len(l.Rows)
	if l.Query == "" && (l.Page == 1 || from < to) {
		more = more || l.HasMore
	}
	l.Rows, l.HasMore = l.Rows[from:to], more
}

func (v *Visit) shows(row Row) bool {
	if row.Unnameable {
		return false
	}
	if row.Record != nil {
		if !v.ShowsRepository(row.Record) {
			return false
		}
	} else if !row.Repo.IsZero() {
		v.recogniseName(row.RepoID, row.Repo.String(), false)
		if !v.showsNamed(row.Repo) {
			return false
		}
	}
	if !row.Owner.IsZero() && !v.policy.OwnerVisible(row.Owner, v.tool.Name).Allow {
		return false
	}
	if !row.Former.IsRoot() && !v.ShowsFile(row.Former) {
		return false
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
	if author, ok := row.Value.(Authored); ok && v.hides(author, v.from(row)) {
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
	if v.scrub(len(text), func() { text = v.scrubber.Line(text) }) != nil {
		return false // the call is over
	}
	text = strings.ToLower(redaction().ReplaceAllLiteralString(text, " "))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// redaction is what stands for a secret. It is no text that the row holds: a
// word found in it would tell of the secret in its place.
var redaction = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[redacted:[^\]]*\]|\[withheld[^\]]*\]`) })

// hideAuthored hides value's text if its author has no standing and policy
// wants that.
func (v *Visit) hideAuthored(value any, repo canon.Repo) bool {
	authored, ok := value.(Authored)
	if !ok {
		return false
	}
	if !v.hides(authored, repo) {
		v.attribute(authored.Author(), repo)
		return false
	}
	authored.Hide()
	return true
}

func (v *Visit) hides(authored Authored, repo canon.Repo) bool {
	if repo.IsZero() || v.policy.Untrusted(repo) != policy.Hide {
		return false
	}
	return !v.standingIn(repo)[strings.ToLower(authored.Author())]
}

// from is the repository that a row is from.
func (v *Visit) from(row Row) canon.Repo {
	if row.Record != nil {
		name, _ := canon.ParseFullName(row.Record.FullName)
		return name
	}
	if !row.Repo.IsZero() {
		return row.Repo
	}
	return v.target()
}

// target is the target repository's name, zero if there is none.
func (v *Visit) target() canon.Repo {
	if v.repo == nil {
		return canon.Repo{}
	}
	return v.repo.Name
}
