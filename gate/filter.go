package gate

import (
	"encoding/json"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// filter takes out of the result what policy hides, and returns how many items
// it withheld.
func (t *telling) filter() (withheld int) {
	r := t.result
	withheld = t.withheld
	if r.Diff != nil {
		body, hidden := t.showDiff(r.Diff)
		withheld += hidden
		if r.Text == nil {
			r.Text = new(Text)
		}
		r.Text.Body = body
	}
	if t.list != nil {
		withheld += t.list.withheld
		for _, row := range t.list.rows {
			if t.hideAuthored(row.Value, t.from(row)) {
				withheld++
			}
		}
	}
	if t.hideAuthored(r.Fields, t.target()) {
		withheld++
	}
	return withheld
}

// sifted is what policy shows of a list: the rows of the page that was asked for.
type sifted struct {
	rows     []Row
	more     bool
	withheld int
	matches  map[int]bool // whether a row has the query's words, by its place
}

// sift finds out what policy shows of a list. before is what an earlier look has
// found, nil for the first: texts are scrubbed for a query once.
func (j *judge) sift(l *List, before *sifted) *sifted {
	s := &sifted{matches: make(map[int]bool)}
	if before != nil {
		s.matches = before.matches
	}
	for i, row := range l.Rows {
		if j.shows(row) && j.answersQuery(s.matches, i, row, l.Query) {
			s.rows = append(s.rows, row)
			continue
		}
		s.withheld++
	}
	s.more = l.HasMore
	if l.Whole {
		s.rows, s.more = l.page(s.rows)
	}
	if l.Query != "" {
		s.withheld = 0
	}
	return s
}

// page cuts one page out of all rows that are shown. Under a query has_more speaks
// of those only. So it does beyond the last of them: what was not looked at is on no
// page, and who asks for one after the other comes to an end.
func (l *List) page(shown []Row) (rows []Row, more bool) {
	from := min((l.Page-1)*l.Limit, len(shown))
	to := min(from+l.Limit, len(shown))
	more = to < len(shown)
	if l.Query == "" && (l.Page == 1 || from < to) {
		more = more || l.HasMore
	}
	return shown[from:to], more
}

// answersQuery reports whether each word of query occurs in the scrubbed text
// that row stands for.
func (j *judge) answersQuery(matches map[int]bool, at int, row Row, query string) bool {
	if query == "" {
		return true
	}
	if j.hidesAuthored(row.Value, j.from(row)) {
		return false
	}
	found, known := matches[at]
	if !known {
		found = j.matches(row, query)
		matches[at] = found
	}
	return found
}

func (j *judge) matches(row Row, query string) bool {
	text := row.Text
	if text == "" {
		raw, err := json.Marshal(row.Value)
		if err != nil {
			return false
		}
		text = string(raw)
	}
	if j.scrub(len(text), func() { text = j.scrubber.Line(text) }) != nil {
		return false // the call is over
	}
	text = strings.ToLower(Marker().ReplaceAllLiteralString(text, " "))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// hidesAuthored reports whether value is a text that policy hides for its author.
func (j *judge) hidesAuthored(value any, repo canon.Repo) bool {
	authored, ok := value.(Authored)
	return ok && j.hides(authored.Author(), repo)
}

// hideAuthored hides value's text if its author has no standing and policy
// wants that, and else notes whose text is shown.
func (t *telling) hideAuthored(value any, repo canon.Repo) bool {
	authored, ok := value.(Authored)
	if !ok {
		return false
	}
	if !t.hides(authored.Author(), repo) {
		t.found.attribute(t.request, authored.Author(), repo)
		return false
	}
	authored.Hide()
	return true
}

// Files leaves out the rows of which policy hides a path, and counts them. The
// paths are as Gitea gave them; a row with one that is no path in any spelling is left
// out.
func Files[T any](v *Visit, rows []T, paths func(T) []string) (shown []T) {
	v.world.settle(func(j *judge) {
		shown = nil
		for _, row := range rows {
			if !slices.ContainsFunc(paths(row), func(path string) bool { return !j.showsName(path) }) {
				shown = append(shown, row)
			}
		}
	})
	v.world.found.withheld += len(rows) - len(shown)
	return shown
}

// showsName is showsFile for a path as Gitea gives it.
func (j *judge) showsName(name string) bool {
	path, _, ok := canon.ListedPath(name)
	return ok && j.showsFile(path)
}
