package forge

// Spare is a part of the memory that all answers share, for what is only kept to be
// quick. It has to be given up when a call needs it.
type Spare struct {
	memory *memory
	giveUp func()
	held   int64 // guarded by memory.mu
}

// Spare returns a part of the shared memory, empty at first. giveUp is called when a
// call would have to wait for memory: it drops what is kept, and returns it.
func (f *Forge) Spare(giveUp func()) *Spare { return &Spare{memory: f.memory, giveUp: giveUp} }

// Take takes n more bytes, if they are free and nobody waits for memory.
func (s *Spare) Take(n int64) bool {
	m := s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > m.free || len(m.queue) > 0 {
		return false
	}
	m.free -= n
	s.held += n
	if m.spares == nil {
		m.spares = make(map[*Spare]bool)
	}
	m.spares[s] = true
	return true
}

// Return gives n bytes back.
func (s *Spare) Return(n int64) {
	m := s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free += n
	if s.held -= n; s.held == 0 {
		delete(m.spares, s)
	}
	m.grant()
}

// reclaim has what is spare given up, if need is not free without it. m.mu is held, and
// let go of meanwhile: giving up returns memory.
func (m *memory) reclaim(need int64) {
	if need <= m.free || len(m.spares) == 0 {
		return
	}
	var all []*Spare
	for s := range m.spares {
		all = append(all, s)
	}
	m.mu.Unlock()
	defer m.mu.Lock()
	for _, s := range all {
		s.giveUp()
	}
}
