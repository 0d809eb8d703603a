package jobs

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// Filter says which rows of a list count. All that it says must be true of a row.
type Filter struct {
	ages      []age
	words     map[string][]string // member → words of which it has one
	AnyLabel  []string
	AllLabels []string
	NoLabel   []string
	Authors   []string
	NoAuthors []string
	// Standing is "writer" for authors who may write to the repository, "stranger" for the
	// others, "" for both.
	Standing    string
	Own         *bool // by the job's own user, or not; nil for both
	AnyPath     []string
	NoPath      []string
	Draft       *bool
	MinComments int64
	MaxComments int64 // -1 for any number
}

// age is a bound on when something was: before or after a time ago.
type age struct {
	member string
	ago    time.Duration
	before bool
}

// Who tells a filter about people.
type Who struct {
	Self string // the job's own user
	// Writer reports whether somebody may write to the repository. It may be nil for a filter
	// without Standing.
	Writer func(login string) (bool, error)
}

// AsksStanding reports whether a filter of the job's wants to know who may write to a repository.
func (j *Job) AsksStanding() bool { return asksStanding(j.Steps) }

func asksStanding(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool {
		for _, q := range []*Query{s.Call, s.Each, s.Unless} {
			if q != nil && q.Where != nil && q.Where.Standing != "" {
				return true
			}
		}
		return asksStanding(s.Do)
	})
}

// filterNeeds are the filters, and the member of a row that each looks at. A tool whose
// rows lack it can't be filtered by it.
var filterNeeds = map[string]string{
	"updated_before": "updated_at", "updated_after": "updated_at", "created_before": "created_at", "created_after": "created_at",
	"labels_any": "labels", "labels_all": "labels", "labels_none": "labels",
	"authors": "author", "authors_none": "author", "author_standing": "author", "own": "author",
	"state": "state", "status": "status", "conclusion": "conclusion", "type": "type",
	"comments_min": "comments", "comments_max": "comments", "paths_any": "path", "paths_none": "path", "draft": "draft",
}

// labelled are the lists whose rows have labels, and drafts those whose rows can be one.
var (
	labelled = []string{"list_issues", "list_pull_requests"}
	drafts   = []string{"list_pull_requests", "list_releases"}
)

// hasMember reports whether rows of a tool have what a filter looks at.
func hasMember(tool, member string) bool {
	switch member {
	case "labels":
		return slices.Contains(labelled, tool)
	case "draft":
		return slices.Contains(drafts, tool)
	}
	_, ok := answers[tool].row[member]
	return ok
}

// Keeps reports whether a row counts. What a row does not say is true of it in no filter
// that asks for it; a number or a list that it leaves out is nought or empty.
func (f *Filter) Keeps(row map[string]any, now time.Time, who Who) (bool, error) {
	if f == nil {
		return true, nil
	}
	for _, each := range f.ages {
		text, _ := row[each.member].(string)
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || at.Before(now.Add(-each.ago)) != each.before {
			return false, nil
		}
	}
	for member, words := range f.words {
		if text, _ := row[member].(string); !slices.Contains(words, text) {
			return false, nil
		}
	}
	if !f.keepsLabels(row) || !f.keepsPath(row) || !f.keepsComments(row) {
		return false, nil
	}
	if draft, _ := row["draft"].(bool); f.Draft != nil && draft != *f.Draft {
		return false, nil
	}
	return f.keepsAuthor(row, who)
}

func (f *Filter) keepsLabels(row map[string]any) bool {
	var has []string
	all, _ := row["labels"].([]any)
	for _, each := range all {
		name, _ := each.(string)
		has = append(has, name)
	}
	in := func(name string) bool { return folded(has, name) }
	for _, name := range f.AllLabels {
		if !in(name) {
			return false
		}
	}
	return (len(f.AnyLabel) == 0 || slices.ContainsFunc(f.AnyLabel, in)) && !slices.ContainsFunc(f.NoLabel, in)
}

// folded reports whether a name is among some, in any case: Gitea takes labels and users so.
func folded(all []string, name string) bool {
	return slices.ContainsFunc(all, func(each string) bool { return strings.EqualFold(each, name) })
}

func (f *Filter) keepsPath(row map[string]any) bool {
	if len(f.AnyPath)+len(f.NoPath) == 0 {
		return true
	}
	path, ok := row["path"].(string)
	if _, unnameable := row["unnameable"]; !ok || unnameable {
		return false
	}
	matches := func(pattern string) bool { return doublestar.MatchUnvalidated(pattern, path) }
	return (len(f.AnyPath) == 0 || slices.ContainsFunc(f.AnyPath, matches)) && !slices.ContainsFunc(f.NoPath, matches)
}

func (f *Filter) keepsComments(row map[string]any) bool {
	n, _ := row["comments"].(json.Number)
	comments, _ := n.Int64()
	return comments >= f.MinComments && (f.MaxComments < 0 || comments <= f.MaxComments)
}

func (f *Filter) keepsAuthor(row map[string]any, who Who) (bool, error) {
	author, _ := row["author"].(string)
	switch {
	case len(f.Authors) > 0 && !folded(f.Authors, author), folded(f.NoAuthors, author),
		f.Own != nil && (who.Self != "" && strings.EqualFold(author, who.Self)) != *f.Own:
		return false, nil
	case f.Standing == "":
		return true, nil
	case author == "":
		return f.Standing == "stranger", nil
	}
	writer, err := who.Writer(author)
	return writer == (f.Standing == "writer"), err
}

var duration = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([1-9][0-9]{0,3})(m|h|d|w)$`) })

// parseAge reads a time ago, such as 90m, 12h, 60d or 8w.
func parseAge(text string) (time.Duration, bool) {
	found := duration().FindStringSubmatch(text)
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(found[1])
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[found[2]]
	return time.Duration(n) * unit, err == nil
}
