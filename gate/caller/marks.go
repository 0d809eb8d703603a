package caller

import (
	"fmt"
	"sync"
	"time"

	"aegis/internal/canon"
)

// Mark is one thing that a caller was shown: by a call of a tool, of a repository.
type Mark struct {
	Tool string    `json:"tool"`
	Repo string    `json:"repo"`
	Call string    `json:"call"`
	At   time.Time `json:"at"`
}

func (m Mark) String() string {
	return fmt.Sprintf("%s read %s (call %s)", m.Tool, m.Repo, m.Call)
}

// Marks are what a caller was shown, the latest of each kind: it is forgotten last.
// Nothing takes one away but time. Those of a caller that outlives the process are
// kept in a [Store], see [Marks.Keep].
type Marks struct {
	mu        sync.Mutex
	kept      kept
	seen      map[Visibility]Mark
	strangers *Mark           // text of somebody without standing
	authors   map[Author]Mark // of whom nobody has asked yet whether they have standing
}

// Author is somebody whose text was shown, by a folded login, and where it stands.
// The zero login is somebody unknown.
type Author struct {
	Repo  canon.Repo
	Login string
}

func (a Author) String() string { return a.Repo.String() + " " + a.Login }

// maxAuthors bounds of how many a caller remembers the names. More of them count
// as strangers.
const maxAuthors = 1000

// Saw notes content of a visibility that is shown.
func (m *Marks) Saw(visibility Visibility, what Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = make(map[Visibility]Mark)
	}
	m.seen[visibility] = what
	if visibility != Public { // which bounds no write
		m.changed(string(visibility), what)
	}
}

// SawAuthor notes whose text was shown. Whether they have standing is asked when a
// rule wants to know: the policy may change while a caller is known.
func (m *Marks) SawAuthor(who Author, what Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.authors == nil {
		m.authors = make(map[Author]Mark)
	}
	if _, known := m.authors[who]; who.Login == "" || !known && len(m.authors) >= maxAuthors {
		m.strange(what)
		return
	}
	m.authors[who] = what
	m.changed(who.String(), what)
}

// strange keeps the latest mark.
func (m *Marks) strange(what Mark) {
	if m.strangers == nil || m.strangers.At.Before(what.At) {
		m.strangers = &what
		m.changed(strangers, what)
	}
}

// Seen is content of a visibility that a caller was shown.
type Seen struct {
	Visibility Visibility
	Mark
}

// NotPublic returns the latest mark of each visibility that is not public, forgotten
// or not, the least visible first.
func (m *Marks) NotPublic() (all []Seen) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, visibility := range []Visibility{Private, Limited} {
		if found, ok := m.seen[visibility]; ok {
			all = append(all, Seen{visibility, found})
		}
	}
	return all
}

// Narrowest returns the latest mark of the least visible content that is not
// forgotten and that fewer people see than target.
func (m *Marks) Narrowest(target Visibility, since time.Time) (Visibility, Mark, bool) {
	for _, seen := range m.NotPublic() {
		if seen.At.After(since) && seen.Visibility.Rank() < target.Rank() {
			return seen.Visibility, seen.Mark, true
		}
	}
	return "", Mark{}, false
}

// Stranger returns the latest mark of text by somebody without standing, if it is
// not forgotten.
func (m *Marks) Stranger(since time.Time) (Mark, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.strangers == nil || !m.strangers.At.After(since) {
		return Mark{}, false
	}
	return *m.strangers, true
}

// Authors reports whether text of anybody was shown of whom it is not known that they
// have standing.
func (m *Marks) Authors() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.strangers != nil || len(m.authors) > 0
}

// Unjudged returns the authors of whom it is not known whether they have standing,
// and forgets those whose text is forgotten.
func (m *Marks) Unjudged(since time.Time) map[Author]Mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	open := make(map[Author]Mark, len(m.authors))
	for who, what := range m.authors {
		if !what.At.After(since) {
			delete(m.authors, who)
			continue
		}
		open[who] = what
	}
	return open
}

// Judged notes that an author was found to have standing or none, unless there is
// newer text by them.
func (m *Marks) Judged(who Author, what Mark, standing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.authors[who] == what {
		delete(m.authors, who) // in the store with the next mark: to ask again is no harm
	}
	if !standing {
		m.strange(what)
	}
}
