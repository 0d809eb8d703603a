package caller

import (
	"encoding/json"
	"fmt"
	"time"

	"aegis/internal/canon"
)

// Store keeps what must outlive the process, by the ids of callers. It is safe for
// concurrent use.
type Store interface {
	// Load returns what was saved last, nil if nothing was.
	Load(id string) ([]byte, error)
	// Save returns once that is on disk.
	Save(id string, marks []byte) error
	// Check finds out whether something can be saved.
	Check() error
}

// keptLonger is how much later than it is a mark is kept. A mark of the same kind
// within that time need not be written again: what comes back is forgotten later by
// that much, never earlier.
const keptLonger = time.Minute

// kept is what is known of the copy that a store has. The zero kept has no store.
type kept struct {
	store  Store
	id     string
	loaded bool                 // the store's marks are among ours
	owed   bool                 // the store lacks a mark
	until  map[string]time.Time // what the store has, by kind
}

// KeptMarks are those of a caller by its id, in a store: what is there already, and what
// comes.
func KeptMarks(id string, in Store) *Marks { return &Marks{kept: kept{store: in, id: id}} }

// Outlive reports whether the marks are to be there when the process is gone.
func (m *Marks) Outlive() bool { return m.kept.store != nil }

// Keep returns once all marks are in the store. While it fails nothing that made a mark
// may be released, and nothing may be written: nobody knows what the caller was shown.
// Without a store there is nothing to do.
func (m *Marks) Keep() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := &m.kept
	if k.store == nil {
		return nil
	}
	if !k.loaded {
		if err := m.load(); err != nil {
			return fmt.Errorf("reading what the caller was shown: %w", err)
		}
		k.loaded = true
	}
	if !k.owed {
		return nil
	}
	raw, err := json.Marshal(m.record())
	if err == nil {
		err = k.store.Save(k.id, raw)
	}
	if err != nil {
		return fmt.Errorf("keeping what the caller was shown: %w", err)
	}
	k.owed, k.until = false, m.times()
	return nil
}

// Check is [Marks.Keep] for who needs to know that the store can be written, though there
// is nothing to be kept.
func (m *Marks) Check() error {
	if err := m.Keep(); err != nil || m.kept.store == nil {
		return err
	}
	return m.kept.store.Check()
}

// Owed reports whether there is a mark that the store lacks.
func (m *Marks) Owed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept.owed
}

// strangers is the kind of a mark of text by somebody without standing.
const strangers = "strangers"

// changed notes a mark of a kind. m.mu is held.
func (m *Marks) changed(kind string, what Mark) {
	if what.At.After(m.kept.until[kind]) {
		m.kept.owed = m.kept.store != nil
	}
}

// record is how marks are kept. Each is later by [keptLonger] than it was.
type record struct {
	Seen      map[Visibility]Mark `json:"seen,omitempty"`
	Strangers *Mark               `json:"strangers,omitempty"`
	Authors   []authorMark        `json:"authors,omitempty"`
}

type authorMark struct {
	Of    string `json:"of,omitempty"` // the repository
	Login string `json:"login"`
	Mark
}

// record makes a record. m.mu is held.
func (m *Marks) record() (r record) {
	later := func(mark Mark) Mark {
		mark.At = mark.At.Add(keptLonger)
		return mark
	}
	r.Seen = make(map[Visibility]Mark)
	for visibility, mark := range m.seen {
		if visibility != Public {
			r.Seen[visibility] = later(mark)
		}
	}
	if m.strangers != nil {
		mark := later(*m.strangers)
		r.Strangers = &mark
	}
	for who, mark := range m.authors {
		r.Authors = append(r.Authors, authorMark{who.Repo.String(), who.Login, later(mark)})
	}
	return r
}

// times says until when the store has marks of each kind, right after a record was
// saved. m.mu is held.
func (m *Marks) times() map[string]time.Time {
	all := make(map[string]time.Time)
	for visibility, mark := range m.seen {
		all[string(visibility)] = mark.At.Add(keptLonger)
	}
	if m.strangers != nil {
		all[strangers] = m.strangers.At.Add(keptLonger)
	}
	for who, mark := range m.authors {
		all[who.String()] = mark.At.Add(keptLonger)
	}
	return all
}

// load puts the store's marks among ours; of two of a kind the later stays. m.mu is held.
func (m *Marks) load() error {
	raw, err := m.kept.store.Load(m.kept.id)
	if err != nil || raw == nil {
		return err
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return err
	}
	if m.seen == nil {
		m.seen = make(map[Visibility]Mark)
	}
	for visibility, mark := range r.Seen {
		if ours, ok := m.seen[visibility]; !ok || ours.At.Before(mark.At) {
			m.seen[visibility] = mark
		}
	}
	if r.Strangers != nil {
		m.strange(*r.Strangers)
	}
	if m.authors == nil {
		m.authors = make(map[Author]Mark)
	}
	for _, each := range r.Authors {
		who := Author{Login: each.Login}
		if each.Of != "" {
			if who.Repo, err = canon.ParseFullName(each.Of); err != nil {
				return err
			}
		}
		if ours, ok := m.authors[who]; !ok || ours.At.Before(each.At) {
			m.authors[who] = each.Mark
		}
	}
	return nil
}
