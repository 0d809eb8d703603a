package gate

import (
	"fmt"
	"sync"
	"time"

	"aegis/internal/canon"
)

// mark is one thing that a session was shown.
type mark struct {
	tool, repo, call string
	at               time.Time
}

func (m mark) String() string {
	return fmt.Sprintf("%s read %s (call %s)", m.tool, m.repo, m.call)
}

// marks are a session's, the latest of each kind: it is forgotten last.
type marks struct {
	mu        sync.Mutex
	seen      map[Visibility]mark
	strangers *mark           // text of somebody without standing
	authors   map[author]mark // of whom nobody has asked yet whether they have standing
}

// author is somebody whose text was shown, by a folded login, and where it stands.
// The zero login is somebody unknown.
type author struct {
	repo  canon.Repo
	login string
}

// maxAuthors bounds of how many a session remembers the names. More of them count
// as strangers.
const maxAuthors = 1000

func (m *marks) saw(visibility Visibility, what mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = make(map[Visibility]mark)
	}
	m.seen[visibility] = what
}

// sawAuthor notes whose text was shown. Whether they have standing is asked when a
// rule wants to know: the policy may change within a session.
func (m *marks) sawAuthor(who author, what mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.authors == nil {
		m.authors = make(map[author]mark)
	}
	if _, known := m.authors[who]; who.login == "" || !known && len(m.authors) >= maxAuthors {
		m.strange(what)
		return
	}
	m.authors[who] = what
}

// strange keeps the latest mark.
func (m *marks) strange(what mark) {
	if m.strangers == nil || m.strangers.at.Before(what.at) {
		m.strangers = &what
	}
}

// narrowest returns the latest mark of the least visible content that is not
// forgotten and that fewer people see than target.
func (m *marks) narrowest(target Visibility, since time.Time) (Visibility, mark, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, visibility := range []Visibility{Private, Limited} {
		if found, ok := m.seen[visibility]; ok && found.at.After(since) && visibility.rank() < target.rank() {
			return visibility, found, true
		}
	}
	return "", mark{}, false
}

// stranger returns the latest mark of text by somebody without standing, if it is
// not forgotten.
func (m *marks) stranger(since time.Time) (mark, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.strangers == nil || !m.strangers.at.After(since) {
		return mark{}, false
	}
	return *m.strangers, true
}

// unjudged returns the authors of whom it is not known whether they have standing,
// and forgets those whose text is forgotten.
func (m *marks) unjudged(since time.Time) map[author]mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	open := make(map[author]mark, len(m.authors))
	for who, what := range m.authors {
		if !what.at.After(since) {
			delete(m.authors, who)
			continue
		}
		open[who] = what
	}
	return open
}

// judged notes that an author was found to have standing or none, unless there is
// newer text by them.
func (m *marks) judged(who author, what mark, standing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.authors[who] == what {
		delete(m.authors, who)
	}
	if !standing {
		m.strange(what)
	}
}
