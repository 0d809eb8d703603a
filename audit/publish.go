package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// publisher brings checkpoints elsewhere, behind the calls, one after the other. Where they
// go may hang, whatever it is told: nothing waits for it longer than is said here.
type publisher struct {
	patience time.Duration // publishing but in tests

	mu      sync.Mutex
	waiting []Checkpoint
	idle    chan struct{} // closed when nothing waits any more; nil if nothing does
	under   chan struct{} // closed when the one under way has come to an end; nil at first
}

const (
	// publishing bounds how long publishing a checkpoint may take, and how long a process
	// that ends waits for all.
	publishing = 10 * time.Second
	// maxUnpublished bounds how many wait. A newer one says all that an older one does.
	maxUnpublished = 100
)

// publish hands on what was made.
func (c *checkpoints) publish(tell func(error)) {
	ready := c.ready
	c.ready = nil
	if c.options.Publish == nil || len(ready) == 0 {
		return
	}
	p := &c.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = append(p.waiting, ready...)
	if n := len(p.waiting) - maxUnpublished; n > 0 {
		p.waiting = p.waiting[n:]
	}
	if p.idle == nil {
		p.idle = make(chan struct{})
		go p.publishAll(c.options.Publish, tell)
	}
}

func (p *publisher) publishAll(to func(context.Context, Checkpoint) error, tell func(error)) {
	for {
		p.mu.Lock()
		if len(p.waiting) == 0 {
			close(p.idle)
			p.idle = nil
			p.mu.Unlock()
			return
		}
		one := p.waiting[0]
		p.waiting = p.waiting[1:]
		p.mu.Unlock()
		if err := p.publishOne(to, one); err != nil {
			tell(fmt.Errorf("the checkpoint of entry %d could not be published: %w", one.Seq, err))
		}
	}
}

// publishOne gives up when its time is over, and begins none while another is still under
// way.
func (p *publisher) publishOne(to func(context.Context, Checkpoint) error, one Checkpoint) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), p.bound(), errors.New("it took too long"))
	defer cancel()
	if p.under != nil {
		select {
		case <-p.under:
		case <-ctx.Done():
			return errors.New("the one before it is still under way")
		}
	}
	under, result := make(chan struct{}), make(chan error, 1)
	p.under = under
	go func() {
		defer close(under)
		result <- to(ctx, one)
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// wait waits until nothing waits to be published.
func (c *checkpoints) wait() {
	p := &c.publisher
	p.mu.Lock()
	idle := p.idle
	p.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-time.After(p.bound()):
	}
}

func (p *publisher) bound() time.Duration {
	if p.patience > 0 {
		return p.patience
	}
	return publishing
}
