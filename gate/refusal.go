package gate

import (
	"errors"
	"fmt"

	"aegis/forge"
	"aegis/internal/canon"
)

// Code says for machines why a call failed.
type Code string

// The codes of failed calls.
const (
	Killed              Code = "killed"
	WriteModeOff        Code = "write_mode_off"
	InvalidArguments    Code = "invalid_arguments"
	RateLimited         Code = "rate_limited"
	PolicyDenied        Code = "policy_denied"
	PathDenied          Code = "path_denied"
	NotWhitelisted      Code = "not_whitelisted"
	BranchDenied        Code = "branch_denied"
	SecretInArguments   Code = "secret_in_arguments"
	RedactionMarker     Code = "redaction_marker"
	Moved               Code = "moved"
	FlowDenied          Code = "flow_denied"
	ApprovalUnavailable Code = "approval_unavailable"
	ApprovalDeclined    Code = "approval_declined"
	AuditUnavailable    Code = "audit_unavailable"
	StateUnavailable    Code = "state_unavailable"
	NotFound            Code = "not_found"
	Conflict            Code = "conflict"
	OutcomeUnknown      Code = "outcome_unknown"
	GiteaUnauthorized   Code = "gitea_unauthorized"
	GiteaForbidden      Code = "gitea_forbidden"
	GiteaError          Code = "gitea_error"
	GiteaUnreachable    Code = "gitea_unreachable"
	Timeout             Code = "timeout"
	TooLarge            Code = "too_large"
	Internal            Code = "internal"
)

// Codes returns all of them.
func Codes() []Code {
	return append([]Code{
		Killed, WriteModeOff, RateLimited, PolicyDenied, PathDenied, NotWhitelisted, BranchDenied, SecretInArguments, RedactionMarker, Moved,
		FlowDenied, ApprovalUnavailable, ApprovalDeclined, AuditUnavailable, StateUnavailable,
	}, Faults()...)
}

// Faults returns the codes of calls that Aegis did not deny. Every other code is a denial.
func Faults() []Code {
	return []Code{
		InvalidArguments, NotFound, Conflict, OutcomeUnknown, GiteaUnauthorized, GiteaForbidden, GiteaError, GiteaUnreachable,
		Timeout, TooLarge, Internal,
	}
}

// Refusal is why a call failed, for the person who reads it. It has one sentence, the
// rule that decided if one did, and what to do about it. Nothing in it is internal,
// and no value of an argument is quoted.
type Refusal struct {
	Code    Code
	Message string
	Rule    string
	Hint    string

	of      *judgement // what policy says, nil if it is not the reason
	tells   bool       // something of what is stored, though its code is one that does not
	written any        // what a write that failed all the same has changed; nil if nothing
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// Refuse makes a Refusal with a formatted message.
func Refuse(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint returns r with a hint at what to do about it.
func (r *Refusal) WithHint(format string, args ...any) *Refusal {
	r.Hint = fmt.Sprintf(format, args...)
	return r
}

// Telling returns r as one that tells something of what is stored: it is a reading, though
// its code is not of one.
func (r *Refusal) Telling() *Refusal {
	r.tells = true
	return r
}

// refusalOf decides what a client may see of err. What is not known to be fit
// for a client becomes "internal", without its text. It asks nobody.
func (r *request) refusalOf(err error) *Refusal {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	if failure := forge.From(err); failure.Kind != "" {
		return r.forgeRefusal(failure, nil)
	}
	r.logger().Error().Str("error", r.desk.scrubber.Line(err.Error())).Msg("call failed inside")
	return Refuse(Internal, "Something went wrong inside Aegis; the call was given up.").
		WithHint("The log on stderr has the details under this call's id.")
}

func (r *request) timedOut() *Refusal {
	return Refuse(Timeout, "The call was not done within %s.", r.options.Timeout).
		WithHint("Try again, ask for less, or raise GITEA_TIMEOUT (--timeout).")
}

// movedAway is the refusal of a name that leads elsewhere by now.
func movedAway() *Refusal {
	return Refuse(Moved, "This repository has another name now; renames are not followed.").
		WithHint("Ask for it by its present name, if you know it.")
}

// refusalOf is [request.refusalOf] for as long as Gitea may be asked, with what is known
// by then of the repository that was asked about.
func (w *world) refusalOf(err error) *Refusal {
	var refusal *Refusal
	failure := forge.From(err)
	switch {
	case errors.As(err, &refusal), failure.Kind == "":
		return w.request.refusalOf(err)
	case failure.Kind == forge.Moved:
		return w.moved(failure.MovedTo)
	}
	return w.forgeRefusal(w.narrowed(failure), w.recordOf(failure.Asked.Repo))
}

// moved answers a redirect. Gitea redirects before it asks who may see the
// target, so the new name is told only if policy shows it and the token reads
// it: a redirect must not become a way to learn hidden names.
func (w *world) moved(to canon.Repo) *Refusal {
	refusal := movedAway()
	if to.IsZero() || !w.knowing.Repository(to, w.tool.Name).Allow {
		return refusal
	}
	w.client.LookUp(to)
	record, err := w.client.Repository(to)
	if err != nil || !w.showsRepository(record) {
		return refusal
	}
	return refusal.WithHint("Ask for %s.", to)
}
