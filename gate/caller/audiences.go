package caller

import (
	"sync"
	"time"
)

// Bounds on what is remembered of which repositories show units to everybody.
const (
	lookedFor = time.Minute
	maxLooked = 256
)

// Audiences remember for a minute which repositories, by id, show units to
// everybody.
type Audiences struct {
	mu     sync.Mutex
	looked map[int64]look
}

type look struct {
	open bool
	at   time.Time
}

// ToAll reports whether a repository shows a unit to everybody, or whether that
// can't be told. ask finds out.
func (a *Audiences) ToAll(id int64, ask func() (bool, error)) bool {
	a.mu.Lock()
	last, known := a.looked[id]
	a.mu.Unlock()
	if known && time.Since(last.at) < lookedFor {
		return last.open
	}
	open, err := ask()
	if err != nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.looked == nil || len(a.looked) >= maxLooked {
		a.looked = make(map[int64]look)
	}
	a.looked[id] = look{open, time.Now()}
	return open
}
