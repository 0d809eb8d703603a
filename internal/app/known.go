package app

import (
	"sync"

	"aegis/gate/caller"
	"aegis/internal/automation/control"
	"aegis/internal/state"

	"github.com/rs/zerolog"
)

// known is what is known of callers who come again, for as long as the process lives, and
// after it if there is a state file.
type known struct {
	file *state.File // nil for none

	mu    sync.Mutex
	marks map[string]*caller.Marks // by the callers' ids
}

// open opens the state file. One that can't be used is no reason not to start: what needs
// it is refused until it can.
func (k *known) open(name string, logger zerolog.Logger) (err error) {
	if name == "" {
		return nil
	}
	if k.file, err = state.Open(name); err != nil {
		return &Fault{StateSetting, err}
	}
	if err := control.Remove(name); err != nil { // of a server that was killed: nobody is to ask there
		logger.Warn().Err(err).Msg("what an earlier server left can't be removed")
	}
	if err := k.file.Err(); err != nil {
		logger.Error().Err(err).Msg("state file unavailable; writes will be denied, and reading what marks")
	}
	return nil
}

func (k *known) close() error {
	if k.file == nil {
		return nil
	}
	return k.file.Close()
}

// CheckState finds out whether what is to be known after a restart can be kept.
func (a *App) CheckState() error {
	if a.known.file == nil {
		return nil
	}
	return a.known.file.Check()
}

// marksOf returns the marks of a caller: one value an id.
func (k *known) marksOf(id string) *caller.Marks {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known := k.marks[id]; known != nil {
		return known
	}
	fresh := new(caller.Marks)
	if k.file != nil {
		fresh = caller.KeptMarks(id, k.file)
	}
	if k.marks == nil {
		k.marks = make(map[string]*caller.Marks)
	}
	k.marks[id] = fresh
	return fresh
}

// Known makes a caller who may have been here before: what it was shown is known by its
// id.
func (a *App) Known(c caller.Config) *caller.Caller { return caller.Known(c, a.known.marksOf(c.ID)) }
