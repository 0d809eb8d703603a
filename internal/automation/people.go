package automation

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"aegis/gate/caller"
	"aegis/internal/jobs"
	"aegis/internal/jobs/run"
)

// people are who jobs are: callers of the gate, and users of Gitea's.
type people struct {
	mu      sync.Mutex
	callers map[string]*who   // by the jobs' names
	logins  map[string]string // by the access tokens
	met     map[string]bool   // users that jobs are, or were
	learned map[string]bool   // access tokens and secrets, of now and before
	leaving sync.WaitGroup    // callers whose end is being recorded
}

// who is a job as a caller. It is one for as long as its access token is the same.
type who struct {
	job    *jobs.Job
	token  string
	caller *caller.Caller
	asks   sync.Mutex // held while Gitea is asked whose token it is
}

// of returns who a job is. A caller of whose last call the outcome is not in the log is
// exchanged for a new one, of whom it is known what it was shown.
func (p *people) of(a *Automation, job *jobs.Job) (*who, error) {
	token := a.config.Jobs.Credential(job)
	if token == "" {
		return nil, errors.Join(run.ErrLater, reason(noCredential))
	}
	if a.config.Learn(token) != nil {
		return nil, reason(noCredential)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.callers[job.Name]
	if known != nil && known.token == token && known.caller.Closed() == nil {
		return known, nil
	}
	if known != nil {
		p.leaving.Go(func() { a.sayEnd(known) })
	}
	fresh := &who{job: job, token: token, caller: a.config.Callers(job, token)}
	p.callers[job.Name] = fresh
	return fresh, nil
}

// learn makes known what nobody is to be shown: all that the jobs in force have, as it is now.
func (a *Automation) learn() {
	for _, job := range a.config.Jobs.Jobs().Jobs {
		a.config.Jobs.Credential(job)
	}
	a.config.Jobs.Secrets()
	a.people.mu.Lock()
	defer a.people.mu.Unlock()
	for _, value := range a.config.Jobs.Values() {
		if !a.people.learned[value] {
			a.people.learned[value] = true
			_ = a.config.Learn(value) // too short for one: who uses it is told
		}
	}
}

// login is the user whose access token a job has. Gitea is asked once a token.
func (p *people) login(ctx, calls context.Context, a *Automation, w *who, on *caller.Connection) (string, error) {
	w.asks.Lock()
	defer w.asks.Unlock()
	p.mu.Lock()
	login := p.logins[w.token]
	p.mu.Unlock()
	if login != "" {
		return login, nil
	}
	r := &run.Run{Door: Door(a.config.Gate, a.config.Tools, w.caller, on, calls), Summary: run.Summary{Refused: make(map[string]int)}}
	answer, err := r.Ask(ctx, selfTool, []byte("{}"))
	if err != nil {
		return "", err
	}
	if login, _ = answer.Members["login"].(string); login == "" {
		return "", reason(noUser)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.logins) > 2*jobs.MostJobs { // tokens that were exchanged again and again
		clear(p.logins)
	}
	p.logins[w.token] = login
	p.met[strings.ToLower(login)] = true
	return login, nil
}

// meetAll finds out which users all jobs are. One whose user can't be known does not run, and
// keeps nobody going.
func (p *people) meetAll(ctx, calls context.Context, a *Automation) error {
	for _, job := range a.config.Jobs.Jobs().Jobs {
		w, err := p.of(a, job)
		if err == nil {
			_, err = p.login(ctx, calls, a, w, caller.Connect(""))
		}
		if errors.Is(err, run.ErrLater) && !errors.Is(err, reason(noCredential)) {
			return err
		}
	}
	return nil
}

// users are those that jobs are, or were, as far as is known.
func (p *people) users() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.met))
}

// retire ends the callers whose job is not in force any more.
func (p *people) retire(a *Automation, file *jobs.File) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, w := range p.callers {
		if file.ByName(name) == nil {
			delete(p.callers, name)
			p.leaving.Go(func() { a.sayEnd(w) })
		}
	}
}

// end ends all callers.
func (p *people) end(a *Automation) {
	p.mu.Lock()
	all := slices.Collect(maps.Values(p.callers))
	clear(p.callers)
	p.mu.Unlock()
	for _, w := range all {
		a.sayEnd(w)
	}
	p.leaving.Wait()
}

// endsWithin bounds how long a caller's end may take to be recorded.
const endsWithin = 3 * time.Second

// sayEnd has a caller's end recorded.
func (a *Automation) sayEnd(w *who) {
	ctx, cancel := context.WithTimeout(context.Background(), endsWithin)
	defer cancel()
	if err := a.config.Gate.End(ctx, w.caller, caller.Connect("")); err != nil {
		a.config.Logger.Error().Err(err).Str("job", w.job.Name).Msg("a job's end could not be recorded")
	}
}
