package forge

import "sync"

// askedAtOnce bounds how many requests of one call are under way at the same time.
const askedAtOnce = 8

// atOnce is [atOnce] for requests of a call. The status that counts is that of the one
// that failed, whichever was answered last.
func (c *Reader) atOnce(jobs ...func() error) error {
	err := atOnce(jobs...)
	if err != nil {
		if status := From(err).Status; status != 0 {
			c.transport.status.Store(int32(status))
		}
	}
	return err
}

// atOnce runs jobs side by side, at most [askedAtOnce], and waits for all. They are
// for requests that don't depend on each other, so that a client that is far from
// Gitea waits once. The error is that of the first job in order that failed; once one has
// failed no other is begun. A job's panic is the caller's.
func atOnce(jobs ...func() error) error {
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		failed  bool
		panics  any
		errs    = make([]error, len(jobs))
		turns   = make(chan struct{}, askedAtOnce)
	)
	over := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return failed
	}
	for i, job := range jobs {
		turns <- struct{}{}
		if over() {
			break
		}
		running.Go(func() {
			defer func() {
				p := recover()
				mu.Lock()
				if p != nil && panics == nil {
					panics = p
				}
				failed = failed || p != nil || errs[i] != nil
				mu.Unlock()
				<-turns
			}()
			errs[i] = job()
		})
	}
	running.Wait()
	if panics != nil {
		panic(panics)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
