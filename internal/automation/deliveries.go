package automation

import (
	"errors"
	"net/http"

	"aegis/internal/jobs/hook"
	"aegis/internal/jobs/queue"
)

// What becomes of a delivery that counts; what becomes of others says [hook.Refusal].
const (
	accepted = "accepted"
	double   = "double"
	unwanted = "unwanted" // no job waits for it
	full     = "full"
	noState  = "no_state" // the state file can't be written
)

// ServeHTTP takes a delivery of a webhook of Gitea's. It answers a status and nothing else; 202 is
// that the delivery is on disk for each job that waits for it. How often somebody may fail is
// for whoever calls it.
func (a *Automation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, result := a.receive(r)
	a.config.Observer.Delivered(result)
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	w.WriteHeader(status)
}

func (a *Automation) receive(r *http.Request) (status int, result string) {
	file := a.config.Jobs.Jobs()
	secrets := a.config.Jobs.Secrets()
	d, err := hook.Receive(secrets, r.Method, r.Header, r.Body, a.now())
	var refusal *hook.Refusal
	if errors.As(err, &refusal) {
		if signed(refusal) { // nobody else fills the log
			a.config.Logger.Info().Str("result", refusal.Code).Msg("webhook")
		}
		return refusal.Status, refusal.Code
	}
	wanting := file.Wanting(d.Event, a.people.users())
	again, err := a.config.Queue.Accept(d, wanting)
	switch {
	case errors.Is(err, queue.ErrFull):
		status, result = http.StatusServiceUnavailable, full
	case err != nil:
		status, result = http.StatusServiceUnavailable, noState
	case again:
		status, result = http.StatusOK, double
	case len(wanting) == 0:
		status, result = http.StatusNoContent, unwanted
	default:
		status, result = http.StatusAccepted, accepted
		a.wake()
	}
	event := a.config.Logger.Info()
	if status >= 500 {
		event = a.config.Logger.Error().AnErr("error", err)
	}
	event.Str("result", result).Str("delivery", d.ID).Str("event", d.Event.Kind).Strs("jobs", wanting).Msg("webhook")
	return status, result
}

// signed reports whether a delivery that does not count was signed with a secret that is known.
func signed(r *hook.Refusal) bool {
	switch r {
	case hook.ErrRepository, hook.ErrMalformed, hook.ErrHeaders, hook.ErrOld, hook.ErrFuture, hook.ErrUnsupported:
		return true
	}
	return false
}
