package forge

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

func TestAtOnce_RunsSideBySideAndNoMore(t *testing.T) {
	t.Parallel()
	var now, most, done atomic.Int32
	var jobs []func() error
	for range 3 * askedAtOnce {
		jobs = append(jobs, func() error {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			for end := time.Now().Add(5 * time.Second); most.Load() < askedAtOnce && time.Now().Before(end); {
				time.Sleep(time.Millisecond) // until as many run as may
			}
			now.Add(-1)
			done.Add(1)
			return nil
		})
	}
	if err := atOnce(jobs...); err != nil || most.Load() != askedAtOnce || int(done.Load()) != len(jobs) {
		t.Errorf("%d of %d jobs, %d at once, %v", done.Load(), len(jobs), most.Load(), err)
	}
}

func TestAtOnce_TheFirstErrorInOrderIsTold(t *testing.T) {
	t.Parallel()
	second := make(chan struct{})
	err := atOnce(
		func() error { <-second; return errors.New("first") },
		func() error { defer close(second); return errors.New("second") },
	)
	if err == nil || err.Error() != "first" {
		t.Error(err)
	}
	var begun atomic.Int32
	var jobs []func() error
	for i := range 100 {
		jobs = append(jobs, func() error { begun.Add(1); return fmt.Errorf("%d", i) })
	}
	if err := atOnce(jobs...); err == nil || err.Error() != "0" || begun.Load() > 2*askedAtOnce {
		t.Errorf("%v, %d were begun", err, begun.Load())
	}
	if err := atOnce(); err != nil {
		t.Error(err)
	}
}

func TestAtOnce_APanicIsTheCallers(t *testing.T) {
	t.Parallel()
	defer func() {
		if p := recover(); p != "here" {
			t.Errorf("%v", p)
		}
	}()
	_ = atOnce(func() error { return nil }, func() error { panic("here") })
	t.Error("it went on")
}
