package http

import "time"

// Sessions of the older protocol are what a client leaves behind that ends without saying
// so. A key has so many; when it has them all, the one goes for a new one that nobody was
// seen in for longest.

// presence is who was seen in a session.
type presence struct {
	here int       // requests and streams that are open, and calls that run
	last time.Time // that one of them ended
}

// enter notes that somebody is in a session, until the function that it returns is called.
func (t *tenant) enter(session string) (leave func()) {
	if session == "" {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.present) > 4*t.of.config.Limits.Sessions { // anybody can name what is none
		t.forget()
	}
	seen := t.present[session]
	if seen == nil {
		seen = new(presence)
		t.present[session] = seen
	}
	seen.here++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		seen.here--
		seen.last = time.Now()
	}
}

// abandoned returns the session that nobody was seen in for longest, and for a while; ""
// if there is none.
func (t *tenant) abandoned() (oldest string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget()
	before := time.Now().Add(-t.of.config.Limits.Abandoned)
	for id, seen := range t.present {
		if seen.here == 0 && seen.last.Before(before) {
			oldest, before = id, seen.last
		}
	}
	return oldest
}

// forget forgets sessions that are no more, and those that never were. The lock is held.
func (t *tenant) forget() {
	open := make(map[string]bool)
	for session := range t.server.Sessions() {
		open[session.ID()] = true
	}
	for id, seen := range t.present {
		if seen.here == 0 && !open[id] {
			delete(t.present, id)
		}
	}
}

// openSession makes place for one more session, until [tenant.sessionOpened].
func (t *tenant) openSession() bool {
	if t.sessions() >= t.of.config.Limits.Sessions {
		t.close(t.abandoned())
	}
	t.of.tenants.mu.Lock() // of all, so that two don't take the last place
	defer t.of.tenants.mu.Unlock()
	all := 0
	for _, each := range t.of.tenants.known {
		all += each.sessions()
	}
	if t.sessions() >= t.of.config.Limits.Sessions || all >= t.of.config.Limits.AllSessions {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opening++
	return true
}

// close ends a session in which nothing runs.
func (t *tenant) close(id string) {
	for session := range t.server.Sessions() {
		if id != "" && session.ID() == id {
			_ = session.Close()
		}
	}
}

// sessionOpened gives back what [tenant.openSession] has taken: the session counts by
// itself, if there is one.
func (t *tenant) sessionOpened(id string) {
	t.enter(id)()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opening--
}

// sessions is how many sessions there are, and may be in a moment.
func (t *tenant) sessions() int {
	t.mu.Lock()
	n := t.opening
	t.mu.Unlock()
	for session := range t.server.Sessions() {
		if session.ID() != "" { // a request without a session has one for itself
			n++
		}
	}
	return n
}
