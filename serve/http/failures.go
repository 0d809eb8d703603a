package http

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"aegis/gate/caller"
)

// Requests without a key in force are counted, and what was counted is put into the log
// once in a while: a flood of them is no flood there. Those with a key that was in force
// once are counted apart, since only somebody who had one can make them: a flood of
// others leaves them room.
const (
	recordEvery = time.Minute
	maxRecorded = 20 // networks in a time, of each sort
)

// failures are those that the log does not have yet.
type failures struct {
	mu     sync.Mutex
	since  time.Time
	named  map[failure]int // by what they are, of keys that are known
	others map[failure]int
	beyond int // more, of networks that are not listed
}

// failure is what requests that are counted together have in common.
type failure struct {
	from netip.Prefix // the zero Prefix for the networks that are not listed
	why  string
	key  string // the name of a key that is known, "" for none
}

// note counts a failure.
func (f *failures) note(from netip.Prefix, why, key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.since.IsZero() {
		f.since = time.Now()
		f.named, f.others = make(map[failure]int), make(map[failure]int)
	}
	what, among := failure{from, why, key}, f.others
	if key != "" {
		among = f.named
	}
	most := maxRecorded
	if _, counted := among[what]; !counted && len(among) >= most && key != "" {
		what.from, most = netip.Prefix{}, 2*maxRecorded // whose key it is says more than from where
	}
	if _, counted := among[what]; !counted && len(among) >= most {
		f.beyond++
		return
	}
	among[what]++
}

// take takes off what was counted, as connections and sentences.
func (f *failures) take() (all []struct{ from, told string }) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.since.IsZero() {
		return nil
	}
	since := f.since.UTC().Format(time.RFC3339)
	said := make(map[netip.Prefix][]string)
	for _, among := range []map[failure]int{f.named, f.others} {
		for what, n := range among {
			told := fmt.Sprintf("%s: %d", what.why, n)
			if what.key != "" {
				told = fmt.Sprintf("%s (%s): %d", what.why, what.key, n)
			}
			said[what.from] = append(said[what.from], told)
		}
	}
	for _, from := range slices.SortedFunc(maps.Keys(said), netip.Prefix.Compare) {
		slices.Sort(said[from])
		name, more := "", " from more addresses"
		if from.IsValid() {
			name, more = nameOf(from), ""
		}
		all = append(all, struct{ from, told string }{name, fmt.Sprintf("requests refused since %s%s: %s", since, more, strings.Join(said[from], ", "))})
	}
	if f.beyond > 0 {
		all = append(all, struct{ from, told string }{"", fmt.Sprintf("requests refused since %s from more addresses: %d", since, f.beyond)})
	}
	f.since, f.named, f.others, f.beyond = time.Time{}, nil, nil, 0
	return all
}

// recordFailures puts what was counted into the log.
func (s *Server) recordFailures(ctx context.Context) {
	for _, each := range s.failures.take() {
		err := s.config.Door.AuthFailures(ctx, s.config.Self, caller.Connect(each.from), each.told)
		event := s.config.Logger.Warn()
		if err != nil {
			event = s.config.Logger.Error().Err(err)
		}
		event.Str("from", each.from).Msg(each.told)
	}
}
