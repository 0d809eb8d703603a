package policy

import (
	"slices"
	"strings"

	"aegis/internal/canon"
)

// capabilities is the length of an array indexed by Capability.
const capabilities = int(Automation) + 1

// section is what applies together: the global part, or what stands under a
// repository pattern. What the global part can't have is absent in it.
type section struct {
	index    int // in the file's order; what is not below repositories is -1
	builtin  bool
	narrow   bool  // see narrowed
	id       int64 // of the repository that it applies to besides those that match, 0 for none
	pattern  repoPattern
	line     int
	opinions [capabilities]opinion
	tools    named
	paths    lists
	branches lists
	writing  lists // write_paths
	approve  toolList
	forks    opinion // allows: separate, denies: inherit
	hides    opinion // untrusted; allows: mark, denies: hide
	reason   string

	principals []entry  // patterns of who it applies to; none: everybody
	narrower   *section // without what it allows; set if there are principals
}

// repoPattern is what a pattern of repositories stands for: itself, or each of a list.
type repoPattern struct {
	text string // as written
	rows []repoRow
}

// repoRow is an owner's and a repository's pattern, in lower case.
type repoRow struct{ owner, name wildcard }

func (p *repoPattern) match(owner, name string) bool {
	for i := range p.rows {
		if row := &p.rows[i]; row.owner.match(owner) && row.name.match(name) {
			return true
		}
	}
	return false
}

// everything reports whether the pattern matches every repository.
func (p repoPattern) everything() bool {
	return slices.ContainsFunc(p.rows, func(row repoRow) bool { return row.owner.anything() && row.name.anything() })
}

// key is the same for two patterns that are the same but for case and order.
func (p repoPattern) key() string {
	rows := make([]string, len(p.rows))
	for i, row := range p.rows {
		rows[i] = row.String()
	}
	slices.Sort(rows)
	return strings.Join(rows, " ")
}

func (r repoRow) String() string { return r.owner.text + "/" + r.name.text }

// exact is the only repository that a row matches, if that is so.
func (r repoRow) exact() (canon.Repo, bool) {
	if r.owner.stars || r.name.stars {
		return canon.Repo{}, false
	}
	repo, err := canon.ParseFullName(r.String())
	return repo, err == nil
}

// wildcard is a pattern in which "*" stands for any text, cut at its stars.
type wildcard struct {
	text       string
	stars      bool
	head, tail string
	middle     []string
}

func newWildcard(text string) wildcard {
	parts := strings.Split(text, "*")
	last := len(parts) - 1
	if last == 0 {
		return wildcard{text: text}
	}
	return wildcard{text, true, parts[0], parts[last], parts[1:last]}
}

func (w *wildcard) anything() bool { return strings.Trim(w.text, "*") == "" }

func (w *wildcard) match(text string) bool {
	if !w.stars {
		return text == w.text
	}
	if len(text) < len(w.head)+len(w.tail) || !strings.HasPrefix(text, w.head) || !strings.HasSuffix(text, w.tail) {
		return false
	}
	text = text[len(w.head) : len(text)-len(w.tail)]
	for _, part := range w.middle {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}
